// Compares both backends with results of OpenCV, scipy and scikit-image (tests/oracles/make_fixtures.py).
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/backend.hpp"
#include "kernels/edge_map.hpp"
#include "kernels/fixture_path.hpp"

namespace haloedge::kernels {
namespace {

constexpr std::int64_t width = 61;
constexpr std::int64_t height = 47;

template <class Sample>
std::vector<Sample> fixture(const std::string& name, int channels = 1) {
  std::ifstream file(fixture_path(name + ".raw"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<Sample> samples(bytes.size() / sizeof(Sample));
  std::memcpy(samples.data(), bytes.data(), bytes.size());
  EXPECT_EQ(samples.size(), static_cast<std::size_t>(width * height * channels)) << name;
  return samples;
}

template <class Sample>
constexpr SampleType type_of() {
  return std::is_same_v<Sample, std::uint8_t>    ? SampleType::u8
         : std::is_same_v<Sample, std::uint16_t> ? SampleType::u16
                                                 : SampleType::f32;
}

class Oracle : public testing::TestWithParam<HostBackend> {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend(GetParam());

  template <class Sample>
  std::vector<Sample> gray_of(const std::vector<Sample>& rgb, Gray gray) const {
    std::vector<Sample> out(static_cast<std::size_t>(width * height));
    const auto bytes = static_cast<std::int64_t>(sizeof(Sample));
    backend_->gray(
        {reinterpret_cast<const std::byte*>(rgb.data()), width * 3 * bytes, width, height, type_of<Sample>(), 3}, gray,
        {reinterpret_cast<std::byte*>(out.data()), width * bytes, width, height, type_of<Sample>()});
    return out;
  }

  template <class Out, class Sample>
  std::vector<Out> edges_of(const std::vector<Sample>& gray, EdgeFilter filter, Border border, double scale = 1) const {
    filter.gray_type = type_of<Sample>();
    filter.out_type = type_of<Out>();
    filter.factor = finish_factor(filter, scale);
    const std::int64_t padded = width + 2;
    std::vector<Sample> rows;
    for (std::int64_t row = -1; row <= height; ++row) {
      for (std::int64_t column = -1; column <= width; ++column) {
        const std::int64_t y = border_index(row, height, border);
        const std::int64_t x = border_index(column, width, border);
        rows.push_back(y < 0 || x < 0 ? Sample{0} : gray[static_cast<std::size_t>(y * width + x)]);
      }
    }
    std::vector<const std::byte*> pointers;
    for (std::int64_t row = 0; row < height + 2; ++row) {
      pointers.push_back(reinterpret_cast<const std::byte*>(rows.data() + row * padded + 1));
    }
    std::vector<Out> out(static_cast<std::size_t>(width * height));
    backend_->edges(filter, pointers.data(), 0,
                    {reinterpret_cast<std::byte*>(out.data()), width * static_cast<std::int64_t>(sizeof(Out)), width,
                     height, filter.out_type});
    return out;
  }

  static void expect_near(const std::vector<float>& got, const std::vector<float>& expected, float tolerance) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], tolerance) << "sample " << i;
  }
};

std::vector<HostBackend> all_backends() {
#if defined(HALOEDGE_HAS_CPU_KERNELS)
  return {HostBackend::reference, HostBackend::cpu};
#else
  return {HostBackend::reference};
#endif
}

INSTANTIATE_TEST_SUITE_P(Backends, Oracle, testing::ValuesIn(all_backends()), [](const auto& parameter) {
  return parameter.param == HostBackend::cpu ? "cpu" : "reference";
});

TEST_P(Oracle, Gray) {
  EXPECT_EQ(gray_of(fixture<std::uint8_t>("rgb_u8", 3), Gray::bt601), fixture<std::uint8_t>("gray_u8"));
  EXPECT_EQ(gray_of(fixture<std::uint16_t>("rgb_u16", 3), Gray::bt601), fixture<std::uint16_t>("gray_u16"));
}

TEST_P(Oracle, Bt709) {
  const auto expect = [&](const auto& rgb, const auto& gray) {
    for (std::size_t i = 0; i < gray.size(); ++i) {
      const double exact = 0.2125 * rgb[3 * i] + 0.7154 * rgb[3 * i + 1] + 0.0721 * rgb[3 * i + 2];
      ASSERT_LE(std::fabs(gray[i] - std::rint(exact)), 1);
    }
  };
  const auto rgb8 = fixture<std::uint8_t>("rgb_u8", 3);
  const auto rgb16 = fixture<std::uint16_t>("rgb_u16", 3);
  expect(rgb8, gray_of(rgb8, Gray::bt709));
  expect(rgb16, gray_of(rgb16, Gray::bt709));
}

TEST_P(Oracle, SobelOpenCv) {
  const auto gray = fixture<std::uint8_t>("gray_u8");
  EdgeFilter filter;
  EXPECT_EQ(edges_of<std::uint8_t>(gray, filter, Border::mirror), fixture<std::uint8_t>("opencv_sobel_l2_mirror_u8"));
  filter.norm = Norm::l1;
  EXPECT_EQ(edges_of<std::uint8_t>(gray, filter, Border::mirror), fixture<std::uint8_t>("opencv_sobel_l1_mirror_u8"));
  filter.component = Component::x;
  EXPECT_EQ(edges_of<std::uint8_t>(gray, filter, Border::mirror), fixture<std::uint8_t>("opencv_sobel_x_mirror_u8"));
  filter.component = Component::y;
  EXPECT_EQ(edges_of<std::uint8_t>(gray, filter, Border::mirror), fixture<std::uint8_t>("opencv_sobel_y_mirror_u8"));
}

TEST_P(Oracle, ScharrLaplacianOpenCv) {
  const auto gray = fixture<std::uint8_t>("gray_u8");
  EdgeFilter filter{.op = Operator::scharr};
  // The unit is the gray level: 255 is full scale.
  expect_near(edges_of<float>(gray, filter, Border::mirror, 255), fixture<float>("opencv_scharr_l2_mirror_f32"), 2e-3F);
  filter.op = Operator::laplacian;
  EXPECT_EQ(edges_of<std::uint8_t>(gray, filter, Border::mirror), fixture<std::uint8_t>("opencv_laplacian_mirror_u8"));
}

TEST_P(Oracle, BordersScipy) {
  const auto gray = fixture<std::uint8_t>("gray_u8");
  const std::pair<const char*, Border> borders[] = {{"reflect", Border::reflect},
                                                    {"mirror", Border::mirror},
                                                    {"nearest", Border::nearest},
                                                    {"constant", Border::constant},
                                                    {"wrap", Border::wrap}};
  for (const auto& [name, border] : borders) {
    const auto expected = fixture<std::uint8_t>(std::string("scipy_sobel_l2_") + name + "_u8");
    EXPECT_EQ(edges_of<std::uint8_t>(gray, EdgeFilter{}, border), expected) << name;
  }
}

TEST_P(Oracle, PrewittScipy) {
  const EdgeFilter filter{.op = Operator::prewitt};
  EXPECT_EQ(edges_of<std::uint8_t>(fixture<std::uint8_t>("gray_u8"), filter, Border::reflect),
            fixture<std::uint8_t>("scipy_prewitt_l2_reflect_u8"));
}

TEST_P(Oracle, DaskImage) {
  const EdgeFilter filter{.component = Component::x, .clip = Clip{0, 1}};
  const auto expected = fixture<float>("dask_pipeline_f32");
  const auto rgb = fixture<std::uint8_t>("rgb_u8", 3);
  // Gray of 8-bit pixels is rounded to 8 bits first: the error is up to half a unit in each of eight weighted samples,
  // and one more unit.
  expect_near(edges_of<float>(gray_of(rgb, Gray::bt709), filter, Border::reflect), expected, 4.5F / 255);
  std::vector<float> rgb_float;
  for (const std::uint8_t sample : rgb) rgb_float.push_back(static_cast<float>(sample) / 255.0F);
  expect_near(edges_of<float>(gray_of(rgb_float, Gray::bt709), filter, Border::reflect), expected, 1e-6F);
}

TEST_P(Oracle, SobelScikitImage) {
  expect_near(
      edges_of<float>(fixture<std::uint8_t>("gray_u8"), EdgeFilter{}, Border::reflect, 1 / (4 * std::sqrt(2.0))),
      fixture<float>("skimage_sobel_f32"), 1e-6F);
}

TEST_P(Oracle, DirectionNumpy) {
  const EdgeFilter filter{.component = Component::direction};
  const auto got = edges_of<float>(fixture<std::uint8_t>("gray_u8"), filter, Border::reflect);
  const auto expected = fixture<float>("numpy_direction_f32");
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float apart = std::fabs(got[i] - expected[i]);
    ASSERT_LT(std::fmin(apart, 1 - apart), 1e-6F) << "sample " << i;
  }
}

/// The gray of an image, blurred and with the border that Canny needs.
BorderedPlane canny_gray_of(const Backend& backend, const std::vector<std::uint8_t>& gray, double sigma) {
  return canny_gray(backend, {reinterpret_cast<const std::byte*>(gray.data()), width, width, height, SampleType::u8, 1},
                    Gray::bt601, fixed_gaussian(sigma));
}

TEST_P(Oracle, GaussianOpenCv) {
  const auto gray = fixture<std::uint8_t>("gray_u8");
  for (const char* sigma : {"0.8", "1.4", "3", "7"}) {
    const BorderedPlane blurred = canny_gray_of(*backend_, gray, std::stod(sigma));
    const auto expected = fixture<std::uint8_t>(std::string("opencv_gaussian_") + sigma + "_u8");
    for (std::int64_t y = 0; y < height; ++y) {
      ASSERT_EQ(std::memcmp(blurred.rows(0)[y], expected.data() + y * width, width), 0) << sigma << " row " << y;
    }
  }
}

TEST_P(Oracle, CannyOpenCv) {
  const auto gray = fixture<std::uint8_t>("gray_u8");
  const auto edges = [&](double sigma, const CannyFilter& filter) {
    std::vector<std::uint8_t> out(static_cast<std::size_t>(width * height));
    canny_map(*backend_, canny_gray_of(*backend_, gray, sigma), filter,
              {reinterpret_cast<std::byte*>(out.data()), width, width, height, SampleType::u8});
    return out;
  };
  EXPECT_EQ(edges(0, canny_filter(Norm::l1, 60, 150)), fixture<std::uint8_t>("opencv_canny_l1_u8"));
  EXPECT_EQ(edges(0, canny_filter(Norm::l2, 45.5, 110.5)), fixture<std::uint8_t>("opencv_canny_l2_u8"));
  EXPECT_EQ(edges(1.4, canny_filter(Norm::l2, 12, 30)), fixture<std::uint8_t>("opencv_canny_l2_blurred_u8"));
}

TEST_P(Oracle, Thresholds) {
  const BorderedPlane gray = canny_gray_of(*backend_, fixture<std::uint8_t>("gray_u8"), 0);
  std::ifstream table(fixture_path("canny_thresholds.txt"));
  std::string norm;
  std::string wanted;
  double expected = 0;
  int lines = 0;
  for (; table >> norm >> wanted >> expected; ++lines) {
    MagnitudeCounts counts(magnitude_bins);
    count_magnitudes(norm == "l1" ? Norm::l1 : Norm::l2, gray.rows(1), 0, width, height, counts);
    MagnitudeCounts numpys(magnitude_bins);
    for (const std::uint16_t magnitude : fixture<std::uint16_t>("numpy_magnitude_" + norm + "_u16")) {
      ++numpys[magnitude];
    }
    EXPECT_EQ(counts, numpys) << norm;
    EXPECT_EQ(wanted == "otsu" ? otsu_threshold(counts) : magnitude_quantile(counts, std::stod(wanted)), expected)
        << norm << " " << wanted;
  }
  EXPECT_EQ(lines, 10);
}

}  // namespace
}  // namespace haloedge::kernels
