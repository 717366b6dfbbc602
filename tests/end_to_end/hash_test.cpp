// Tests that `haloedge hash` writes OpenCV's hashes to one table, for any number of ranks; broken images have rows in
// it, too.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tiffio.h>

#include "kernels/backend.hpp"
#include "kernels/dhash.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using kernels::SampleType;

/// Returns the picture's hash: turns all of the picture to gray with the reference kernels, and hashes that.
kernels::Dhash::Result hash_of(const Picture& picture) {
  std::vector<std::uint8_t> gray(static_cast<std::size_t>(picture.width * picture.height));
  kernels::make_backend(kernels::HostBackend::reference)
      ->gray(picture.view(), kernels::Gray::bt601,
             {reinterpret_cast<std::byte*>(gray.data()), picture.width, picture.width, picture.height,
              kernels::SampleType::u8});
  const kernels::Dhash dhash(picture.width, picture.height);
  std::vector<const std::uint8_t*> rows;
  for (const std::int64_t row : dhash.rows()) rows.push_back(gray.data() + row * picture.width);
  return dhash.of(rows);
}

class Hash : public testing::Test {
 protected:
  RunResult run(const std::string& arguments, int ranks = 0) const {
    return run_haloedge("hash " + arguments, {.ranks = ranks, .timeout_seconds = 60});
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] std::string table() const { return file_content(scratch_ / "t.csv"); }

  ScratchFolder scratch_;
};

TEST_F(Hash, WholePicture) {
  for (const auto& [width, height] : {std::pair{1, 1}, {9, 8}, {300, 200}, {517, 391}}) {
    for (const int channels : {1, 3, 4}) {
      const Picture picture = make_picture(width, height, channels);
      write_tiff(picture, scratch_ / "tiles.tif", TiffForm::tiles, COMPRESSION_LZW);
      write_tiff(picture, scratch_ / "strip.tif", TiffForm::one_strip, COMPRESSION_NONE);
      write_png(channels == 4 ? make_picture(width, height, 3) : picture, scratch_ / "rows.png");
      ASSERT_EQ(run(fmt::format("'{0}/*.[tp]*' -o {0}/t.csv --overwrite -q", folder())).exit_code, 0);
      const std::string hash = fmt::format(",{:016x},{},{},", hash_of(picture).hash, width, height);
      for (const std::string name : {"tiles.tif", "strip.tif", "rows.png"}) {
        if (name == "rows.png" && channels == 4) continue;  // it was written without alpha, so it is another picture
        EXPECT_NE(table().find(name + hash), std::string::npos) << name << hash << "\n" << table();
      }
    }
  }
}

/// Returns a picture whose samples are store(sample) for each sample of a picture of 8 bits.
template <class Sample, class Store>
Picture stored_as(SampleType type, const Picture& picture, const Store& store) {
  Picture wide{
      .width = picture.width, .height = picture.height, .type = type, .channels = picture.channels, .samples = {}};
  for (const std::byte byte : picture.samples) {
    const auto sample = static_cast<Sample>(store(std::to_integer<int>(byte)));
    const auto* bytes = reinterpret_cast<const std::byte*>(&sample);
    wide.samples.insert(wide.samples.end(), bytes, bytes + sizeof sample);
  }
  return wide;
}

TEST_F(Hash, WideSamples) {
  for (const int channels : {1, 3}) {
    Picture bytes = make_picture(317, 260, channels);
    // Each row has the least and the largest sample, so that stretching gives the samples back.
    const auto samples = static_cast<std::size_t>(bytes.row_bytes());
    for (std::size_t row = 0; row < bytes.samples.size(); row += samples) {
      bytes.samples[row] = std::byte{0};
      bytes.samples[row + 1] = std::byte{255};
    }
    const auto write = [&](const Picture& picture, const char* name) {
      write_tiff(picture, scratch_ / name, TiffForm::tiles, COMPRESSION_NONE);
    };
    write(bytes, "bytes.tif");
    write(stored_as<std::uint16_t>(SampleType::u16, bytes, [](int sample) { return sample; }), "low.tif");
    write(stored_as<std::uint16_t>(SampleType::u16, bytes, [](int sample) { return sample * 257; }), "full.tif");
    write(stored_as<std::uint16_t>(SampleType::u16, bytes, [](int sample) { return sample * 256; }), "high.tif");
    write(stored_as<std::uint16_t>(SampleType::u16, bytes, [](int sample) { return 9000 + sample * 7; }), "affine.tif");
    write(stored_as<float>(SampleType::f32, bytes, [](int sample) { return sample / 255.0; }), "unit.tif");
    write(stored_as<float>(SampleType::f32, bytes, [](int sample) { return 512 + sample / 8.0; }), "metres.tif");
    write(stored_as<double>(SampleType::f64, bytes, [](int sample) { return 512 + sample / 8.0; }), "doubles.tif");
    ASSERT_EQ(run(fmt::format("{0}/*.tif -o {0}/t.csv --overwrite", folder()), 2).exit_code, 0);
    const std::string row = fmt::format(".tif,{:016x},317,260,", hash_of(bytes).hash);
    for (const std::string name : {"bytes", "low", "full", "high", "affine", "unit", "metres", "doubles"}) {
      EXPECT_NE(table().find(name + row), std::string::npos) << name << row << "\n" << table();
    }
  }
}

TEST_F(Hash, Flat) {
  const auto write = [&](const char* name, auto sample_at) {
    Picture picture = make_picture(90, 80, 1);
    for (std::size_t i = 0; i < picture.samples.size(); ++i) {
      picture.samples[i] = static_cast<std::byte>(sample_at(i % 90, i / 90));
    }
    write_png(picture, scratch_ / name);
  };
  write("down.png", [](std::size_t, std::size_t y) { return 3 * y; });
  write("falls.png", [](std::size_t x, std::size_t) { return 255 - 2 * x; });
  write("white.png", [](std::size_t, std::size_t) { return 255; });
  std::ofstream(scratch_ / "zbroken.png") << "this is text";
  ASSERT_EQ(run(fmt::format("{0}/*.png -o {0}/t.csv", folder())).exit_code, 3);
  std::istringstream lines(table());
  const std::vector<std::string> ends{",flat,error", ",1,", ",0,", ",1,"};
  std::string line;
  for (const std::string& end : ends) {
    std::getline(lines, line);
    EXPECT_TRUE(line.ends_with(end)) << line;
  }
  std::getline(lines, line);
  EXPECT_NE(line.find("Z,,"), std::string::npos) << line;
}

TEST_F(Hash, SameForAnyRanks) {
  std::filesystem::create_directories(scratch_ / "set/deep");
  for (int i = 0; i < 25; ++i) {
    write_jpeg(make_picture(40 + 7 * i, 30 + 5 * i, 3),
               scratch_ / fmt::format("set/{}{}.jpg", i % 3 ? "" : "deep/", i));
  }
  const auto write = [&](const std::string& name, const std::string& content) {
    std::ofstream(scratch_ / "set" / name, std::ios::binary) << content;
  };
  const std::string whole = file_content(scratch_ / "set/7.jpg");
  write("truncated.jpg", whole.substr(0, whole.size() / 3));
  write("zero.jpg", "");
  write("not.png", "this is text");
  write("wrong_suffix.png", whole);
  write("name with\nnewline \xff.jpg", whole);
  // The file has a few hundred bytes, but its header claims 65,500 x 65,500 pixels.
  std::string giant = whole;
  const std::size_t size_at = giant.find("\xff\xc0") + 5;
  giant.replace(size_at, 4, std::string("\xff\xdc\xff\xdc"));
  write("giant.jpg", giant);
  std::filesystem::create_symlink("nowhere", scratch_ / "set/link.jpg");
  ASSERT_EQ(::mkfifo((scratch_ / "set/pipe.jpg").c_str(), 0600), 0);

  std::string first;
  std::ofstream(scratch_ / "list") << folder() << "/set/missing.jpg\n";
  for (const int ranks : {0, 1, 2, 3, 4}) {
    const RunResult result = run(fmt::format("{0}/set @{0}/list -o {0}/t.csv --overwrite", folder()), ranks);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    if (first.empty()) first = table();
    EXPECT_EQ(table(), first) << ranks << " ranks";
    EXPECT_NE(result.out.find("32 images"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("5 failed"), std::string::npos) << result.out;
    for (const std::string word : {"truncated.jpg", "zero.jpg", "not.png", "giant.jpg", "missing.jpg"}) {
      EXPECT_NE(result.err.find(word), std::string::npos) << word << " not in " << result.err;
    }
  }
  EXPECT_EQ(first.rfind("path,hash,width,height,bytes,modified,flat,error\n", 0), 0U);
  EXPECT_NE(first.find("name with\nnewline \xff.jpg\","), std::string::npos);
}

/// A Python script that reads the table with Python's sqlite3 and prints it in the form of the CSV.
constexpr const char* print_sqlite = R"(
import csv, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
assert database.execute("PRAGMA user_version").fetchone() == (2,)
assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
rows = database.execute("SELECT * FROM images ORDER BY rowid")
text = lambda value: value.decode(errors="surrogateescape") if isinstance(value, bytes) else value
sys.stdout.reconfigure(errors="surrogateescape", newline="")
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(column[0] for column in rows.description)
writer.writerows([text(value) for value in row] for row in rows)
)";

class HashTables : public Hash {
 protected:
  /// Writes tables of all kinds for the same images: one image is broken, two are the same, and two have difficult
  /// names.
  void SetUp() override {
    std::filesystem::create_directories(scratch_ / "set");
    write_png(make_picture(60, 40, 3), scratch_ / "set/one.png");
    write_png(make_picture(60, 40, 3), scratch_ / "set/caf\xc3\xa9, \"quoted\".png");
    write_png(make_picture(62, 40, 3), scratch_ / "set/new\nline \xff.png");
    std::ofstream(scratch_ / "set/broken.png", std::ios::binary) << "this is text";
    for (const auto& [ending, ranks] : {std::pair{"csv", 0}, {"sqlite", 0}, {"db", 2}, {"h5", 0}, {"hdf5", 3}}) {
      const RunResult result = run(fmt::format("{0}/set -o {0}/t.{1}", folder(), ending), ranks);
      ASSERT_EQ(result.exit_code, 3) << result.err;
      EXPECT_EQ(result.out.rfind(fmt::format("{}/t.{}: 4 images", folder(), ending), 0), 0U) << result.out;
    }
  }
};

TEST_F(HashTables, Sqlite) {
  if (!have_tool("python3")) GTEST_SKIP() << "python3 is not installed";
  std::ofstream(scratch_ / "print.py") << print_sqlite;
  const RunResult python = run_shell(fmt::format("python3 {0}/print.py {0}/t.sqlite", folder()));
  EXPECT_EQ(python.out, table()) << python.err;
  EXPECT_EQ(file_content(scratch_ / "t.sqlite"), file_content(scratch_ / "t.db"));
}

TEST_F(HashTables, Hdf5) {
  if (!have_tool("h5dump")) GTEST_SKIP() << "h5dump is not installed";
  const auto dump = [&](const std::string& options) {
    return run_shell(fmt::format("h5dump {} {}/t.h5", options, folder())).out;
  };
  EXPECT_NE(dump("-a haloedge_hash_table").find("(0): 2\n"), std::string::npos);
  EXPECT_NE(dump("-d width").find("(0): 0, 60, 62, 60\n"), std::string::npos) << dump("-d width");
  EXPECT_NE(dump("-d path").find("/set/one.png\""), std::string::npos) << dump("-d path");
  EXPECT_NE(dump("-d path").find("H5T_CSET_UTF8"), std::string::npos) << dump("-d path");
  EXPECT_NE(dump("-d error").find("broken.png"), std::string::npos) << dump("-d error");
  const std::uint64_t hash = hash_of(make_picture(60, 40, 3)).hash;
  EXPECT_NE(dump("-d hash").find(fmt::format(", {}\n", hash)), std::string::npos) << dump("-d hash");
  EXPECT_EQ(file_content(scratch_ / "t.h5"), file_content(scratch_ / "t.hdf5"));
}

TEST_F(HashTables, SameDuplicates) {
  for (const std::string format : {"text", "csv", "json"}) {
    const auto duplicates = [&](const std::string& ending) {
      const RunResult result = run_haloedge(
          fmt::format("duplicates {}/t.{} --distance 16 --format {}", folder(), ending, format), {.ranks = 2});
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_NE(result.out.find("one.png"), std::string::npos) << result.out;
      return result.out;
    };
    const std::string from_csv = duplicates("csv");
    for (const std::string ending : {"sqlite", "db", "h5", "hdf5"}) EXPECT_EQ(duplicates(ending), from_csv) << ending;
  }
}

TEST_F(Hash, Incremental) {
  std::filesystem::create_directories(scratch_ / "set");
  for (int i = 0; i < 8; ++i) write_png(make_picture(20 + i, 30, 3), scratch_ / fmt::format("set/{}.png", i));
  std::ofstream(scratch_ / "set/bad.png") << "broken";
  for (const std::string ending : {"csv", "sqlite", "h5"}) {
    const std::string arguments = fmt::format("{0}/set -o {0}/i.{1}", folder(), ending);
    ASSERT_EQ(run(arguments, 2).exit_code, 3);
    const RunResult nothing = run(arguments + " --incremental", 3);
    EXPECT_EQ(nothing.exit_code, 3) << nothing.err;
    EXPECT_NE(nothing.out.find("1 image in"), std::string::npos) << "the broken one is tried again: " << nothing.out;
    EXPECT_NE(nothing.out.find("8 done earlier"), std::string::npos) << nothing.out;
  }
  write_png(make_picture(77, 66, 3), scratch_ / "set/3.png");
  write_png(make_picture(50, 40, 1), scratch_ / "set/new.png");
  std::filesystem::remove(scratch_ / "set/5.png");
  write_png(make_picture(9, 9, 3), scratch_ / "set/bad.png");
  const RunResult changed = run(fmt::format("{0}/set -o {0}/i.csv --incremental", folder()), 2);
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_NE(changed.out.find("3 images"), std::string::npos) << changed.out;
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/anew.csv", folder())).exit_code, 0);
  EXPECT_EQ(file_content(scratch_ / "i.csv"), file_content(scratch_ / "anew.csv"));
}

TEST_F(Hash, TableOfOlderVersion) {
  write_png(make_picture(20, 30, 3), scratch_ / "one.png");
  const std::string arguments = fmt::format("{0}/one.png -o {0}/t.csv ", folder());
  const std::string old = "path,hash,width,height,bytes,modified,error\n";
  for (const std::string option : {"--incremental", "--resume"}) {
    std::ofstream(scratch_ / "t.csv") << old;
    const RunResult refused = run(arguments + option, 2);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_NE(refused.err.find("another version of haloedge"), std::string::npos) << refused.err;
    EXPECT_EQ(table(), old);
  }
  EXPECT_EQ(run(arguments + "--overwrite").exit_code, 0);
  EXPECT_NE(table().find("one.png,"), std::string::npos) << "the advice is good: " << table();
}

TEST_F(Hash, JournalsOfOlderVersion) {
  write_png(make_picture(20, 30, 3), scratch_ / "one.png");
  std::filesystem::create_directories(scratch_ / ".t.csv.run");
  std::ofstream(scratch_ / ".t.csv.run/run") << "hash\n";
  std::ofstream(scratch_ / ".t.csv.run/journal-1-0") << "some outcome";
  const std::string arguments = fmt::format("{0}/one.png -o {0}/t.csv ", folder());
  const RunResult refused = run(arguments + "--resume");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("table: was not given, is now version 2"), std::string::npos) << refused.err;
  EXPECT_EQ(run(arguments + "--overwrite").exit_code, 0);
}

TEST_F(Hash, IncrementalDataset) {
  const std::string arguments = fmt::format("{0}/in.h5:/image -o {0}/t.csv", folder());
  write_hdf5(make_picture(40, 30, 1), scratch_ / "in.h5", "image");
  ASSERT_EQ(run(arguments).exit_code, 0);
  EXPECT_NE(run(arguments + " --incremental").out.find("1 done earlier"), std::string::npos);
  const std::string before = table();
  write_hdf5(make_picture(50, 30, 1), scratch_ / "in.h5", "image");
  EXPECT_EQ(run(arguments + " --incremental").exit_code, 0);
  EXPECT_NE(table(), before) << "the file has changed";
}

TEST_F(Hash, Hdf5Threads) {
  for (int i = 0; i < 60; ++i) {
    write_hdf5(make_picture(40 + i, 30, 1), scratch_ / fmt::format("{}.h5", i), "image");
    std::ofstream(scratch_ / fmt::format("bad_{}.h5", i), std::ios::binary) << "\x89HDF\r\n\x1a\n and no more";
  }
  const RunResult result = run(fmt::format("'{0}/*.h5' -o {0}/t.csv --threads 16", folder()));
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_NE(result.out.find("120 images"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("60 failed"), std::string::npos) << result.out;
}

TEST_F(Hash, FewImages) {
  std::filesystem::create_directories(scratch_ / "empty");
  EXPECT_EQ(run(fmt::format("{0}/empty -o {0}/t.csv", folder()), 3).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "t.csv")) << "an empty table would be in the way of the next run";
  write_png(make_picture(20, 20, 1), scratch_ / "one.png");
  EXPECT_EQ(run(fmt::format("{0}/one.png -o {0}/t.csv", folder()), 3).exit_code, 0);
  EXPECT_EQ(run(fmt::format("{0}/one.png -o {0}/t.csv", folder())).exit_code, 1) << "not without --overwrite";
  EXPECT_EQ(run(fmt::format("{0}/one.png -o {0}/t.csv --overwrite", folder()), 4).exit_code, 0);
  const std::string text = table();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(run(fmt::format("{0}/one.png -o {0}/t.txt", folder()), 2).exit_code, 2);
  EXPECT_EQ(run(fmt::format("{0}/one.png -o {0}/no/t.csv", folder()), 2).exit_code, 1);
  EXPECT_EQ(run(fmt::format("'{0}/*.gif' -o {0}/u.csv", folder()), 2).exit_code, 1);
  EXPECT_EQ(run("-o t.csv").exit_code, 2);
  std::ofstream(scratch_ / "list.csv") << "one.png\n";
  EXPECT_EQ(run(fmt::format("@{0}/list.csv -o {0}/list.csv --overwrite", folder())).exit_code, 2);
  EXPECT_EQ(run(fmt::format("{0}/one.png -o {0}/new.csv --report {0}/new.csv", folder())).exit_code, 2);
  EXPECT_EQ(run(fmt::format("{0} -o {0}/new.csv --report {0}/one.png", folder()), 2).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "new.csv"));
}

}  // namespace
}  // namespace haloedge
