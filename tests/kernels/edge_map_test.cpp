// Compares edge maps of whole images with the definition: blocks of rows, and all borders.
#include "kernels/edge_map.hpp"

#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/cpu/cpu.hpp"
#include "support/whole_image.hpp"

namespace haloedge::kernels {
namespace {

std::vector<std::byte> random_bytes(std::int64_t count) {
  std::minstd_rand random(5);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() >> 8);
  return bytes;
}

class EdgeMap : public testing::TestWithParam<std::tuple<Border, std::int64_t, std::int64_t>> {};

TEST_P(EdgeMap, Definition) {
  const auto [border, width, rows] = GetParam();
  const auto backend = make_backend(HostBackend::cpu);
  for (const SampleType type : {SampleType::u8, SampleType::u16}) {
    const std::int64_t row_bytes = width * 3 * sample_bytes(type);
    const auto pixels = random_bytes(rows * row_bytes);
    const ConstPixels source{pixels.data(), row_bytes, width, rows, type, 3};
    const EdgeFilter filter{
        .gray_type = type, .out_type = SampleType::u8, .factor = type == SampleType::u8 ? 1 : 1e-2F};
    std::vector<std::byte> out(static_cast<std::size_t>(width * rows));
    edge_map(*backend, source, Gray::bt601, filter, border, {out.data(), width, width, rows, SampleType::u8});
    EXPECT_TRUE(out == whole_image_edges(source, Gray::bt601, border, filter)) << width << " x " << rows;
  }
}

// Images of 30,000 columns have blocks of the fewest rows; 300 rows of 1,000 columns are more than one block.
INSTANTIATE_TEST_SUITE_P(SizesAndBorders, EdgeMap,
                         testing::Combine(testing::Values(Border::reflect, Border::mirror, Border::nearest,
                                                          Border::constant, Border::wrap),
                                          testing::Values(1, 2, 77, 30000), testing::Values(1, 2, 3, 4, 5, 9)));
INSTANTIATE_TEST_SUITE_P(ManyRows, EdgeMap,
                         testing::Combine(testing::Values(Border::mirror, Border::wrap), testing::Values(1000),
                                          testing::Values(300, 517)));

TEST(GrayOfBytes, EveryColour) {
  constexpr std::int64_t colours = 256 * 256;
  std::vector<std::byte> pixels(colours * 3);
  std::vector<std::byte> gray(colours);
  std::vector<std::byte> right(colours);
  const auto reference = make_backend(HostBackend::reference);
  for (const Gray weights : {Gray::bt601, Gray::bt709, Gray::mean}) {
    for (int red = 0; red < 256; ++red) {
      for (std::size_t i = 0; i < colours; ++i) {
        pixels[3 * i] = static_cast<std::byte>(red);
        pixels[3 * i + 1] = static_cast<std::byte>(i / 256);
        pixels[3 * i + 2] = static_cast<std::byte>(i % 256);
      }
      const ConstPixels source{pixels.data(), colours * 3, colours, 1, SampleType::u8, 3};
      reference->gray(source, weights, {right.data(), colours, colours, 1, SampleType::u8});
      for (const std::string& instruction_set : cpu::instruction_sets()) {
        cpu::use_instruction_set(instruction_set);
        cpu::gray(source, weights, {gray.data(), colours, colours, 1, SampleType::u8});
        ASSERT_TRUE(gray == right) << instruction_set << " red " << red;
      }
    }
  }
}

}  // namespace
}  // namespace haloedge::kernels
