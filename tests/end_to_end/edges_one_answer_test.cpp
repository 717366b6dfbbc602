// Tests that there is one answer: the pixels are the same for any number of ranks and threads, and for any memory, way
// of writing, compression and kind of source.
#include <string>
#include <tuple>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"
#include "support/whole_image.hpp"

namespace haloedge {
namespace {

const Picture& photo() {
  static const Picture picture = make_picture(700, 523, 3);
  return picture;
}

/// Returns the right answer, computed from the whole image in memory.
Picture expected_edges(const Picture& picture, kernels::Gray gray = kernels::Gray::bt601,
                       kernels::Border border = kernels::Border::reflect) {
  kernels::EdgeFilter filter;
  filter.gray_type = picture.type;
  filter.out_type = kernels::SampleType::u8;
  filter.factor = kernels::finish_factor(filter, 1);
  return {picture.width, picture.height, filter.out_type, 1, whole_image_edges(picture.view(), gray, border, filter)};
}

void expect_done(const RunResult& run) { ASSERT_EQ(run.exit_code, 0) << run.err << run.out; }

/// The parameter is the number of ranks; 0 stands for a run without mpirun.
class OneAnswer : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Ranks, OneAnswer, testing::Values(0, 1, 2, 3, 4, 7),
                         [](const auto& parameter) { return "ranks_" + std::to_string(parameter.param); });

TEST_P(OneAnswer, Writing) {
  const ScratchFolder scratch;
  write_tiff(photo(), scratch / "in.tif", TiffForm::tiles, COMPRESSION_ADOBE_DEFLATE);
  const Picture expected = expected_edges(photo());
  for (const char* compression : {"none", "deflate", "lzw", "zstd"}) {
    std::string first;
    for (const char* write : {"parallel", "gather"}) {
      const auto run = run_haloedge(
          fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite -q --compression {1} --write {2} --tile 64",
                      scratch.path().string(), compression, write),
          {.ranks = GetParam()});
      expect_done(run);
      EXPECT_EQ(run.err, "");
      EXPECT_TRUE(read_tiff(scratch / "out.tif") == expected) << compression << ' ' << write;
      const std::string content = file_content(scratch / "out.tif");
      if (first.empty()) first = content;
      EXPECT_TRUE(content == first) << "gather and parallel differ: " << compression;
    }
  }
  EXPECT_EQ(scratch.files(), (std::vector<std::string>{"in.tif", "out.tif"}));
}

TEST_P(OneAnswer, Sources) {
  const ScratchFolder scratch;
  const std::string folder = scratch.path().string();
  write_tiff(photo(), scratch / "strips.tif", TiffForm::strips, COMPRESSION_LZW);
  write_tiff(photo(), scratch / "plain.tif", TiffForm::one_strip, COMPRESSION_NONE);
  write_tiff(photo(), scratch / "tiles.tif", TiffForm::tiles, COMPRESSION_NONE);
  write_png(photo(), scratch / "whole.png");
  write_hdf5(photo(), scratch / "whole.h5", "images");
  const std::int64_t rows[] = {0, 200, 523};
  const std::int64_t columns[] = {0, 333, 700};
  for (int i = 0; i < 4; ++i) {
    const std::int64_t row = rows[i / 2];
    const std::int64_t column = columns[i % 2];
    const Picture part = crop(photo(), row, column, rows[i / 2 + 1] - row, columns[i % 2 + 1] - column);
    write_png(part, scratch / fmt::format("part_{}.png", i));
    write_tiff(part, scratch / fmt::format("part_{}.tif", i), i % 2 == 0 ? TiffForm::tiles : TiffForm::strips,
               COMPRESSION_LZW);
  }
  const Picture expected = expected_edges(photo());
  for (const std::string& input :
       {folder + "/strips.tif", folder + "/plain.tif", folder + "/tiles.tif", folder + "/whole.png",
        folder + "/whole.h5:/images", "'" + folder + "/part_*.png' --grid 2x2",
        "'" + folder + "/part_*.tif' --grid 2x2"}) {
    expect_done(run_haloedge(fmt::format("edges {} -o {}/out.tif --overwrite -q --tile 48", input, folder),
                             {.ranks = GetParam()}));
    EXPECT_TRUE(read_tiff(scratch / "out.tif") == expected) << input;
  }
}

TEST_P(OneAnswer, Borders) {
  const ScratchFolder scratch;
  const Picture small = make_picture(37, 41, 3);
  write_tiff(small, scratch / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  using kernels::Border;
  for (const auto& [name, border] : {std::pair{"reflect", Border::reflect}, std::pair{"mirror", Border::mirror},
                                     std::pair{"nearest", Border::nearest}, std::pair{"constant", Border::constant},
                                     std::pair{"wrap", Border::wrap}}) {
    expect_done(run_haloedge(
        fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite -q --border {1}", scratch.path().string(), name),
        {.ranks = GetParam()}));
    EXPECT_TRUE(read_tiff(scratch / "out.tif") == expected_edges(small, kernels::Gray::bt601, border)) << name;
  }
}

TEST_P(OneAnswer, Resources) {
  const ScratchFolder scratch;
  const Picture tall = make_picture(300, 3000, 3);
  write_tiff(tall, scratch / "in.tif", TiffForm::strips, COMPRESSION_LZW);
  const Picture expected = expected_edges(tall);
  for (const char* options : {"--threads 1", "--threads 5", "--memory 70M --threads 2", "--memory 4G --threads 3",
                              "--backend reference", "--backend cpu --tile 16"}) {
    expect_done(run_haloedge(
        fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite -q {1}", scratch.path().string(), options),
        {.ranks = GetParam()}));
    EXPECT_TRUE(read_tiff(scratch / "out.tif") == expected) << options;
  }
}

TEST_P(OneAnswer, Outputs) {
  const ScratchFolder scratch;
  write_tiff(photo(), scratch / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  const Picture expected = expected_edges(photo());
  const std::string folder = scratch.path().string();
  for (const char* write : {"auto", "gather"}) {
    for (const char* compression : {"none", "deflate"}) {
      expect_done(run_haloedge(
          fmt::format("edges {0}/in.tif -o {0}/out.h5:/a/edges --overwrite -q --write {1} --compression {2} --tile 64",
                      folder, write, compression),
          {.ranks = GetParam()}));
      EXPECT_TRUE(read_hdf5(scratch / "out.h5", "a/edges") == expected) << write << ' ' << compression;
    }
  }
  expect_done(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.png -q", folder), {.ranks = GetParam()}));
  EXPECT_TRUE(read_png(scratch / "out.png") == expected);
}

TEST_P(OneAnswer, FedRows) {
  // Each rank has many units, so that a rank's decoder sends rows to others while its own rows wait to be written.
  const ScratchFolder scratch;
  const Picture tall = make_picture(90, 2600, 3);
  write_png(tall, scratch / "in.png");
  const Picture expected = expected_edges(tall);
  const std::string folder = scratch.path().string();
  for (const char* output : {"out.h5", "out.png", "out.tif", "out.tif --compression deflate"}) {
    expect_done(
        run_haloedge(fmt::format("edges {0}/in.png -o {0}/{1} --overwrite -q --tile 16 --threads 1", folder, output),
                     {.ranks = GetParam(), .timeout_seconds = 60}));
  }
  EXPECT_TRUE(read_hdf5(scratch / "out.h5", "edges") == expected);
  EXPECT_TRUE(read_png(scratch / "out.png") == expected);
  EXPECT_TRUE(read_tiff(scratch / "out.tif") == expected);
}

TEST_P(OneAnswer, TinyImages) {
  const ScratchFolder scratch;
  for (const auto& [width, height] :
       {std::pair{1, 1}, std::pair{1, 9}, std::pair{9, 1}, std::pair{2, 2}, std::pair{3, 17}}) {
    const Picture tiny = make_picture(width, height, 1);
    write_tiff(tiny, scratch / "in.tif", TiffForm::strips, COMPRESSION_NONE);
    expect_done(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite -q", scratch.path().string()),
                             {.ranks = GetParam()}));
    EXPECT_TRUE(read_tiff(scratch / "out.tif") == expected_edges(tiny)) << width << " x " << height;
  }
}

}  // namespace
}  // namespace haloedge
