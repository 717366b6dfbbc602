// Tests runs with bad input: each ends within seconds with one clear line, the right exit code and no output.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/mount.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class BadInput : public testing::Test {
 protected:
  /// Runs `edges INPUT -o OUTPUT` alone and on 3 ranks. Checks that both runs fail with `code`, say `words` in one
  /// line, and leave no output.
  void expect_refused(const std::string& input, const std::string& words, int code = 1,
                      const std::string& output = "out.tif", const std::string& options = "") {
    const auto before = scratch_.files();
    for (const int ranks : {0, 3}) {
      const RunResult run = run_haloedge(fmt::format("edges {} -o {}/{} {}", input, folder(), output, options),
                                         {.ranks = ranks, .timeout_seconds = 30});
      EXPECT_EQ(run.exit_code, code) << input << '\n' << run.err;
      EXPECT_NE(run.err.find(words), std::string::npos) << "not in: " << run.err;
      const std::regex message("haloedge( edges)?: ");
      EXPECT_EQ(std::distance(std::sregex_iterator(run.err.begin(), run.err.end(), message), {}), 1) << run.err;
      remove_kept();
      EXPECT_EQ(scratch_.files(), before) << "something was left behind";
    }
  }

  /// Removes the files that a run that failed in its middle keeps for the next run.
  void remove_kept(const std::string& output = "out.tif") const {
    for (const char* ending : {"partial", "run"}) {
      std::filesystem::remove_all(scratch_.path() / std::filesystem::path(output).parent_path() /
                                  fmt::format(".{}.{}", std::filesystem::path(output).filename().string(), ending));
    }
  }

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  void write_file(const std::string& name, const std::string& content) const {
    std::ofstream(scratch_ / name, std::ios::binary) << content;
  }

  ScratchFolder scratch_;
};

TEST_F(BadInput, NoImage) {
  expect_refused(path("missing.tif"), "does not exist");
  expect_refused(path("missing.tif"), "does not exist", 1, "out.tif", "--backend cuda");
  expect_refused(path("missing.tif"), "runs on the processor only", 2, "out.tif",
                 "--backend cuda --operator canny --sigma 1");
  expect_refused(folder(), "batch, hash and score take folders");
  // The same happens below a folder without permission, which does not stop root.
  std::filesystem::create_symlink("loop.tif", scratch_ / "loop.tif");
  expect_refused(path("loop.tif"), "loop.tif: cannot open: Too many levels of symbolic links");
  write_file("empty.tif", "");
  expect_refused(path("empty.tif"), "is empty");
  write_file("text.tif", "this is no image, but a text of some length");
  expect_refused(path("text.tif"), "is not a TIFF");
  write_file("map.sid", "this is no image, but a text of some length");
  expect_refused(path("map.sid"), "judging by its first bytes: convert it with gdal_translate");
  write_file("list.txt", "one.tif\ntwo.tif\n");
  expect_refused(path("list.txt"), "to read a list of paths, batch, hash and score take @");
  write_file("tiny.tif", "II");
  expect_refused(path("tiny.tif"), "is not a TIFF");
}

TEST_F(BadInput, TruncatedTiff) {
  write_tiff(make_picture(300, 280, 3), scratch_ / "whole.tif", TiffForm::tiles, COMPRESSION_LZW);
  const std::string whole = file_content(scratch_ / "whole.tif");
  for (std::size_t size = 3; size < whole.size(); size += whole.size() / 40 + 1) {
    write_file("cut.tif", whole.substr(0, size));
    const RunResult run =
        run_haloedge(fmt::format("edges {0}/cut.tif -o {0}/out.tif", folder()), {.timeout_seconds = 20});
    EXPECT_EQ(run.exit_code, 1) << size << " of " << whole.size() << " bytes: " << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.tif"));
  }
}

TEST_F(BadInput, TruncatedFormats) {
  const Picture picture = make_picture(300, 280, 3);
  write_png(picture, scratch_ / "whole.png");
  write_tiff(picture, scratch_ / "whole.tif", TiffForm::one_strip, COMPRESSION_NONE);
  write_jpeg(picture, scratch_ / "whole.jpg");
  write_hdf5(picture, scratch_ / "whole.h5", "images");
  for (const std::string name : {"whole.png", "whole.tif", "whole.jpg", "whole.h5"}) {
    const std::string whole = file_content(scratch_ / name);
    const std::string cut = "cut" + std::filesystem::path(name).extension().string();
    for (const double part : {0.2, 0.5, 0.8, 0.97}) {
      write_file(cut, whole.substr(0, static_cast<std::size_t>(static_cast<double>(whole.size()) * part)));
      const RunResult run =
          run_haloedge(fmt::format("edges {0}/{1} -o {0}/out.tif", folder(), cut), {.timeout_seconds = 20});
      EXPECT_EQ(run.exit_code, 1) << name << ' ' << part << ' ' << run.err;
      EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
      EXPECT_FALSE(std::filesystem::exists(scratch_ / "out.tif"));
    }
  }
}

TEST_F(BadInput, HugeHeader) {
  write_tiff(make_picture(64, 64, 1), scratch_ / "huge.tif", TiffForm::strips, COMPRESSION_NONE);
  std::string bytes = file_content(scratch_ / "huge.tif");
  // Sets the width or height entry of the directory, which libtiff wrote at the end.
  const auto set_tag = [&](std::uint16_t tag, std::uint32_t value) {
    std::uint32_t directory = 0;
    std::memcpy(&directory, bytes.data() + 4, 4);
    for (std::size_t entry = directory + 2; entry + 12 <= bytes.size(); entry += 12) {
      std::uint16_t id = 0;
      std::memcpy(&id, bytes.data() + entry, 2);
      if (id != tag) continue;
      const std::uint16_t type = TIFF_LONG;
      std::memcpy(bytes.data() + entry + 2, &type, 2);
      std::memcpy(bytes.data() + entry + 8, &value, 4);
      return;
    }
    FAIL() << "no tag " << tag;
  };
  set_tag(TIFFTAG_IMAGEWIDTH, 1U << 31);
  set_tag(TIFFTAG_IMAGELENGTH, 1U << 31);
  write_file("huge.tif", bytes);
  expect_refused(path("huge.tif"), "huge.tif");
}

/// Writes an HDF5 file with a dataset of 50 x 2,147,483,647 px, of which no chunk is written.
void write_sparse_hdf5(const std::string& path) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const std::array<hsize_t, 2> size{0x7FFF'FFFF, 50};
  const std::array<hsize_t, 2> chunk{8, 50};
  const hid_t space = H5Screate_simple(2, size.data(), nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, chunk.data());
  const hid_t dataset = H5Dcreate2(file, "image", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
}

TEST_F(BadInput, HugeClaims) {
  const std::string data = "\x78\x9c\x63\x60\xa0\x3d";  // the beginning of a zlib stream
  write_file("tall.png", png_claiming(10, 0x7FFF'FFFF, data));
  write_file("vast.png", png_claiming(1'000'000'000, 1'000'000'000, data));
  write_jpeg(make_picture(300, 280, 3), scratch_ / "vast.jpg");
  std::string jpeg = file_content(scratch_ / "vast.jpg");
  jpeg.replace(jpeg.find("\xff\xc0") + 5, 4, "\xff\xdc\xff\xdc");
  write_file("vast.jpg", jpeg);
  write_sparse_hdf5(path("sparse.h5"));
  for (const std::string name : {"tall.png", "vast.png", "vast.jpg", "sparse.h5"}) {
    expect_refused(path(name), "it is damaged or truncated");
    for (const std::string command : {"info {}", "plan {}", "split {} --grid 2x2 -o {}.parts", "batch {} -o {}.edges",
                                      "hash {} -o {}.csv", "score {} -o {}.sqlite"}) {
      const std::string line = fmt::format(fmt::runtime(command), path(name), path(name));
      const RunResult run =
          run_shell(fmt::format("{}{}", is_sanitized ? "" : "ulimit -v 3000000; ", haloedge_command(line, 0)), 30);
      EXPECT_TRUE(run.exit_code == 1 || run.exit_code == 3) << line << run.err;
      EXPECT_NE(run.err.find("it is damaged or truncated"), std::string::npos) << line << run.err;
      EXPECT_LT(run.seconds, 10) << line;
    }
  }
}

TEST_F(BadInput, CorruptTile) {
  write_tiff(make_picture(640, 1280, 3), scratch_ / "bad.tif", TiffForm::tiles, COMPRESSION_ADOBE_DEFLATE);
  std::uint64_t offset = 0;
  {
    TIFF* tiff = TIFFOpen(path("bad.tif").c_str(), "r");
    offset = TIFFGetStrileOffset(tiff, 155);  // one of 200 tiles, in the share of rank 2 of 3
    TIFFClose(tiff);
  }
  std::fstream file(scratch_ / "bad.tif", std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset));
  file << std::string(200, '\x55');
  file.close();
  for (const std::string output : {"out.tif --write parallel", "out.tif --write gather", "out.tif --compression lzw",
                                   "out.h5 --write parallel", "out.h5 --write gather", "out.png"}) {
    const RunResult run =
        run_haloedge(fmt::format("edges {0}/bad.tif -o {0}/{1} --tile 64 --overwrite", folder(), output),
                     {.ranks = 3, .timeout_seconds = 30});
    EXPECT_EQ(run.exit_code, 1) << output;
    EXPECT_LT(run.seconds, 15) << output;
    EXPECT_NE(run.err.find("rank 2 on "), std::string::npos) << output << run.err;
    EXPECT_NE(run.err.find("bad.tif: tile 155"), std::string::npos) << run.err;
    // The user may repair a disk that cannot be read. A TIFF's finished tiles are therefore kept under a hidden name.
    // If the user repairs the file instead, --resume refuses it, so it is not what the message recommends.
    const bool is_tiff = output.starts_with("out.tif");
    EXPECT_TRUE(is_tiff || !std::filesystem::exists(scratch_ / ".out.tif.partial")) << output;
    EXPECT_EQ(is_tiff, run.err.find("repair or replace it, start over with --overwrite") != std::string::npos)
        << run.err;
    EXPECT_EQ(run.err.find("continue with --resume"), std::string::npos) << run.err;
    remove_kept();
    EXPECT_EQ(scratch_.files(), (std::vector<std::string>{"bad.tif"})) << output;
  }
}

TEST_F(BadInput, CorruptPng) {
  write_png(make_picture(700, 900, 3), scratch_ / "bad.png");
  std::fstream file(scratch_ / "bad.png", std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(scratch_ / "bad.png") * 3 / 4));
  file << std::string(500, '\x55');
  file.close();
  expect_refused(path("bad.png"), "cannot be decoded", 1, "out.tif", "--tile 64");
}

TEST_F(BadInput, ComplexSamples) {
  TIFF* tiff = TIFFOpen(path("waves.tif").c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 4);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 4);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 64);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_COMPLEXIEEEFP);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 4);
  std::vector<std::byte> zeros(4 * 4 * 8);
  TIFFWriteEncodedStrip(tiff, 0, zeros.data(), std::ssize(zeros));
  TIFFClose(tiff);
  expect_refused(path("waves.tif"), "has complex samples");
}

TEST_F(BadInput, ImpossibleOutput) {
  write_tiff(make_picture(64, 64, 1), scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  expect_refused(path("in.tif"), "is the input itself", 2, "in.tif", "--overwrite");
  expect_refused(path("in.tif"), "cannot be written by several ranks", 2, "out.png", "--backend cuda --write parallel");
  std::filesystem::create_symlink(scratch_ / "in.tif", scratch_ / "link.tif");
  expect_refused(path("in.tif"), "is the input itself", 2, "link.tif", "--overwrite");
  expect_refused(path("in.tif"), "is the input itself", 2, "out.tif", "--report " + path("in.tif"));
  expect_refused(path("in.tif"), "is the input itself", 2, "out.tif", "--trace " + path("in.tif"));
  expect_refused(path("in.tif"), "name the same file", 2, "out.tif", "--report " + path("out.tif"));
  expect_refused(path("in.tif"), "nowhere does not exist", 1, "nowhere/out.tif");
  write_file("there.tif", "precious");
  expect_refused(path("in.tif"), "--overwrite", 1, "there.tif");
  expect_refused(path("in.tif"), "is not a report", 1, "out.tif", "--report " + path("there.tif"));
  EXPECT_EQ(file_content(scratch_ / "there.tif"), "precious");
  write_file("there.h5", "precious");
  expect_refused(path("in.tif"), "is not an HDF5 file that could take a dataset", 1, "there.h5:/other", "--overwrite");
  expect_refused(path("in.tif"), "the name of an output must end in .tif, ", 2, "out.gif");
  expect_refused(path("in.tif"), "PNG cannot store float", 2, "out.png", "--type f32");
  expect_refused(path("in.tif"), "cannot be written by several ranks", 2, "out.png", "--write parallel");
  expect_refused(path("in.tif"), "cannot", 1, "out.h5:/", "--write gather");
  expect_refused(path("in.tif"), "--memory", 1, "out.tif", "--memory 1M");
  expect_refused(path("in.tif"), "no page 3", 1, "out.tif", "--page 3");
  expect_refused(path("in.tif"), "--report", 1, "out.tif", "--report /no/such/folder/r.json");
}

TEST_F(BadInput, TileSetMisfit) {
  const Picture picture = make_picture(100, 80, 3);
  for (int i = 0; i < 4; ++i) write_png(picture, scratch_ / fmt::format("a_{}.png", i));
  const std::string pattern = fmt::format("'{}/a_*.png'", folder());
  expect_refused(pattern, "is the input itself", 2, "a_3.png", "--grid 2x2 --overwrite");
  expect_refused(pattern, "needs --grid", 2);
  expect_refused(pattern, "matches 4 files, but --grid 2x3 needs 6", 2, "out.tif", "--grid 2x3");
  write_png(crop(picture, 0, 0, 70, 100), scratch_ / "a_1.png");
  expect_refused(pattern, "a_1.png is 100 x 70 px", 1, "out.tif", "--grid 2x2");
  write_png(make_picture(100, 80, 1), scratch_ / "a_1.png");
  expect_refused(pattern, "same kind of pixels", 1, "out.tif", "--grid 2x2");
}

TEST_F(BadInput, Hdf5Datasets) {
  write_hdf5(make_picture(50, 40, 1), scratch_ / "in.h5", "gray");
  expect_refused(path("in.h5") + ":/nothing", "the file contains /gray");
  EXPECT_EQ(run_haloedge(fmt::format("hash {0}/in.h5 -o {0}/hashes.h5 -q", folder())).exit_code, 0);
  expect_refused(path("hashes.h5"),
                 "hashes.h5: contains no image, which is numbers of two dimensions or more; it contains /bytes");
  write_file("not.h5", "no HDF5 in here at all");
  expect_refused(path("not.h5") + ":/gray", "is not an HDF5 file");
}

TEST_F(BadInput, MemoryAdvice) {
  write_tiff(make_picture(1200, 1000, 1), scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  const auto refusal = [this](const std::string& options) {
    return run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif --backend cpu {1}", folder(), options)).err;
  };
  const std::string nothing_else = refusal("--memory 1M --threads 4");
  EXPECT_NE(nothing_else.find("M or more (rows"), std::string::npos)
      << "the program alone needs more: " << nothing_else;
  const std::string threads = refusal("--memory 58M --threads 30");
  EXPECT_NE(threads.find("or with fewer threads"), std::string::npos) << threads;
  EXPECT_EQ(refusal("--memory 58M --threads 1"), "") << "the advice helps";
  std::filesystem::remove(scratch_ / "out.tif");
  const std::string tile = refusal("--memory 60M --threads 2 --tile 1024");
  EXPECT_NE(tile.find("or with a smaller --tile"), std::string::npos) << tile;
  EXPECT_EQ(refusal("--memory 60M --threads 2 --tile 64"), "") << "the advice helps";
}

TEST_F(BadInput, MemoryOfTheLargestShare) {
  // The rank in the middle has two neighbours, and needs more than the others.
  write_tiff(make_picture(20'000, 1000, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string job = fmt::format("edges {0}/in.tif -o {0}/out.tif --backend cpu --threads 1 --memory ", folder());
  const std::string refusal = run_haloedge(job + "20M", {.ranks = 3}).err;
  const std::size_t at = refusal.find("--memory ", refusal.find("run with"));
  ASSERT_NE(at, std::string::npos) << refusal;
  const RunResult run = run_haloedge(job + refusal.substr(at + 9, refusal.find(' ', at + 9) - at - 9), {.ranks = 3});
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(BadInput, FullDisk) {
  const std::filesystem::path disk = scratch_ / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=300k") != 0) GTEST_SKIP() << "needs the right to mount";
  write_tiff(make_picture(1200, 1000, 1), scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  for (const std::string options : {"", "--compression deflate", "--write gather"}) {
    const RunResult run = run_haloedge(fmt::format("edges {0}/in.tif -o {0}/disk/out.tif {1}", folder(), options),
                                       {.ranks = 3, .timeout_seconds = 30});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("No space left on device"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("fix this, then continue with --resume"), std::string::npos) << run.err;
    remove_kept("disk/out.tif");
    EXPECT_TRUE(std::filesystem::is_empty(disk));
  }
  ::umount(disk.c_str());
}

TEST_F(BadInput, NotANumber) {
  Picture picture = make_picture(40, 40, 1, kernels::SampleType::f32);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(picture.samples.data() + (20 * 40 + 20) * 4, &nan, 4);
  write_tiff(picture, scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
  ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/u8.tif", folder())).exit_code, 0);
  ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/f32.tif --type f32", folder())).exit_code, 0);
  const Picture u8 = read_tiff(scratch_ / "u8.tif");
  const Picture f32 = read_tiff(scratch_ / "f32.tif");
  for (std::int64_t row = 0; row < 40; ++row) {
    for (std::int64_t column = 0; column < 40; ++column) {
      const bool near = std::abs(row - 20) <= 1 && std::abs(column - 20) <= 1;
      float value = 0;
      std::memcpy(&value, f32.samples.data() + (row * 40 + column) * 4, 4);
      EXPECT_EQ(std::isnan(value), near) << row << ' ' << column;
      EXPECT_TRUE(!near || u8.samples[static_cast<std::size_t>(row * 40 + column)] == std::byte{0});
    }
  }
}

}  // namespace
}  // namespace haloedge
