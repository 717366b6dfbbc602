// Tests that every frame's edges are those that `edges` makes of its luma.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using kernels::SampleType;

Picture as_picture(const std::string& samples, const VideoShape& shape, SampleType type) {
  Picture picture{.width = static_cast<std::int64_t>(shape.width),
                  .height = static_cast<std::int64_t>(shape.height),
                  .type = type,
                  .channels = 1,
                  .samples = std::vector<std::byte>(samples.size())};
  std::memcpy(picture.samples.data(), samples.data(), samples.size());
  return picture;
}

std::string as_text(const Picture& picture) {
  return {reinterpret_cast<const char*>(picture.samples.data()), picture.samples.size()};
}

std::uint16_t deep_sample(const std::string& samples, std::size_t i) {
  std::uint16_t sample = 0;
  std::memcpy(&sample, samples.data() + 2 * i, sizeof sample);
  return sample;
}

void append_deep_sample(std::string& samples, std::uint16_t sample) {
  samples.append(reinterpret_cast<const char*>(&sample), sizeof sample);
}

std::size_t deep_count(const std::string& samples) { return samples.size() / 2; }

class StreamAll : public testing::TestWithParam<std::string> {
 protected:
  /// Returns the edges that `edges` makes of a gray picture.
  std::string edges_of(const Picture& gray, const std::string& options) const {
    const std::string folder = scratch_.path().string();
    write_tiff(gray, scratch_ / "gray.tif", TiffForm::one_strip, COMPRESSION_NONE);
    const RunResult run =
        run_haloedge(fmt::format("edges {0}/gray.tif -o {0}/edges.tif --overwrite -q {1}", folder, options));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return as_text(read_tiff(scratch_ / "edges.tif"));
  }

  std::string expected(const std::string& luma, const VideoShape& shape, const std::string& options) const {
    if (shape.bits() == 8) return edges_of(as_picture(luma, shape, SampleType::u8), options);
    const auto full_scale = static_cast<std::uint16_t>((1U << static_cast<unsigned>(shape.bits())) - 1);
    std::string samples;
    if (options.find("canny") == std::string::npos) {
      std::string deep = options + " --type u16";
      // A whole turn is mapped to the frames' full scale. That is exact: the scale, as a binary32, times 65535 is that
      // number itself.
      if (options.find("direction") != std::string::npos) deep += fmt::format(" --scale {}", full_scale / 65535.0);
      const std::string edges = edges_of(as_picture(luma, shape, SampleType::u16), deep);
      for (std::size_t i = 0; i < deep_count(edges); ++i) {
        append_deep_sample(samples, std::min(deep_sample(edges, i), full_scale));
      }
      return samples;
    }
    std::string upper;  // Canny works on 8 bits
    for (std::size_t i = 0; i < deep_count(luma); ++i) {
      upper += static_cast<char>(deep_sample(luma, i) >> (shape.bits() - 8));
    }
    for (const char edge : edges_of(as_picture(upper, shape, SampleType::u8), options)) {
      append_deep_sample(samples, edge == 0 ? std::uint16_t{0} : full_scale);
    }
    return samples;
  }

  /// Returns both planes of chroma, all neutral.
  static std::string gray_chroma(const VideoShape& shape) {
    if (shape.bits() == 8) return std::string(shape.chroma_bytes(), '\x80');
    std::string samples;
    while (samples.size() < shape.chroma_bytes()) {
      append_deep_sample(samples, static_cast<std::uint16_t>(1U << static_cast<unsigned>(shape.bits() - 1)));
    }
    return samples;
  }

  /// Checks the edges that `stream` makes of frames of the parameter's kind, shown alone.
  void expect_edges_of_edges(const std::vector<std::string>& all_options) const {
    const VideoShape shape{.kind = GetParam(), .width = 131, .height = 77};
    const Video video = make_video(shape, 3);
    write_video(video, scratch_ / "in.y4m");
    for (const std::string& options : all_options) {
      const RunResult run =
          run_haloedge(fmt::format("stream {0}/in.y4m -o {0}/out.y4m --overwrite -q --policy all --show edges {1}",
                                   scratch_.path().string(), options));
      ASSERT_EQ(run.exit_code, 0) << options << run.err;
      EXPECT_EQ(run.out + run.err, "");
      const Video out = read_video(scratch_ / "out.y4m");
      EXPECT_EQ(out.wrong, "");
      EXPECT_EQ(out.header,
                fmt::format("YUV4MPEG2 W131 H77 F30000:1001 It A128:117 C{} XYSCSS=ANY XCOLORRANGE=FULL", shape.kind));
      ASSERT_EQ(out.frames.size(), video.frames.size());
      for (std::size_t i = 0; i < video.frames.size(); ++i) {
        const VideoFrame& frame = out.frames[i];
        EXPECT_EQ(frame.parameters, video.frames[i].parameters);
        EXPECT_TRUE(frame.chroma == gray_chroma(shape)) << options;
        const std::string edges = expected(video.frames[i].luma, shape, options);
        EXPECT_NE(edges.find_first_not_of(edges.front()), std::string::npos) << "nothing is seen by " << options;
        EXPECT_TRUE(frame.luma == edges) << options << " frame " << i;
      }
    }
  }

  ScratchFolder scratch_;
};

TEST_P(StreamAll, SameAsEdges) {
  expect_edges_of_edges({"--operator sobel", "--operator laplacian --border wrap --scale 0.25",
                         "--operator scharr --norm l1 --scale 0.125 --border constant", "--component x",
                         "--operator prewitt --component direction", "--operator canny", "--operator canny --sigma 1.4",
                         "--operator canny --high auto --low auto",
                         "--operator canny --low 50% --high 91.5% --norm l2"});
}

INSTANTIATE_TEST_SUITE_P(Kinds, StreamAll,
                         testing::Values("mono", "420jpeg", "420mpeg2", "420paldv", "420", "411", "422", "444",
                                         "mono10", "420p10", "422p10", "444p10", "444p16", "420p9"),
                         [](const auto& of) { return "C" + of.param; });

class StreamDepths : public StreamAll {};

TEST_P(StreamDepths, SameAsEdges) {
  expect_edges_of_edges({"--operator sobel --scale 0.25", "--operator sobel --component direction"});
}

INSTANTIATE_TEST_SUITE_P(Kinds, StreamDepths,
                         testing::Values("mono12", "mono14", "420p12", "420p14", "422p12", "422p14", "444p12",
                                         "444p14"),
                         [](const auto& of) { return "C" + of.param; });

/// Returns the first line of the output for an input with this first line.
std::string header_of_edges(const std::string& header) {
  const ScratchFolder scratch;
  const Video video = make_video({.kind = "420jpeg", .width = 6, .height = 5}, 1);
  Video in = video;
  in.header = header;
  write_video(in, scratch / "in.y4m");
  const RunResult run =
      run_haloedge(fmt::format("stream {0}/in.y4m -o {0}/out.y4m -q --show edges", scratch.path().string()));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return read_video(scratch / "out.y4m").header;
}

TEST(StreamHeader, KeepsFields) {
  EXPECT_EQ(header_of_edges("YUV4MPEG2 W6 H5"), "YUV4MPEG2 W6 H5 XCOLORRANGE=FULL");
  EXPECT_EQ(header_of_edges("YUV4MPEG2 C420jpeg H5 XCOLORRANGE=FULL Im W6 A0:0 XA XB"),
            "YUV4MPEG2 C420jpeg H5 XCOLORRANGE=FULL Im W6 A0:0 XA XB");
}

}  // namespace
}  // namespace haloedge
