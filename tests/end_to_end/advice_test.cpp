// Tests what the program answers to wrong command lines, as people type them, and that the examples of --help work.
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiff.h>

#include "pictures.hpp"
#include "program.hpp"
#include "sets.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

/// A command line, and words that its answer must have.
struct Wrong {
  std::string line;
  std::vector<std::string> words;
};

class Advice : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"world.tif", "a.tif", "b.tif"}) {
      write_tiff(make_picture(90, 60, 3), scratch_ / name, TiffForm::tiles, COMPRESSION_NONE);
    }
  }
  /// Runs `haloedge ARGUMENTS`, or another command line, in the folder of the images.
  [[nodiscard]] RunResult in_folder(const std::string& command) const {
    return run_shell(fmt::format("cd '{}' && {}", scratch_.path().string(), command));
  }
  /// Expects the answer to each line on standard error, with exit code 2 and without any output file.
  void expect_answers(const std::vector<Wrong>& all) const {
    for (const auto& [line, words] : all) {
      const std::vector<std::string> before = scratch_.files();
      const RunResult run = in_folder(fmt::format("'{}' {} </dev/null", haloedge_program().string(), line));
      EXPECT_EQ(run.exit_code, 2) << line << '\n' << run.err;
      EXPECT_EQ(run.out, "") << line;
      for (const std::string& word : words) {
        EXPECT_NE(run.err.find(word), std::string::npos) << line << ": no '" << word << "' in\n" << run.err;
      }
      EXPECT_EQ(scratch_.files(), before) << line;
    }
  }
  ScratchFolder scratch_;
};

TEST_F(Advice, UnknownOptions) {
  expect_answers({
      {"edges a.tif -o o.tif --operater canny",
       {"haloedge edges: unknown option --operater; did you mean --operator?"}},
      {"edges a.tif -o o.tif --operater=canny", {"unknown option --operater; did you mean --operator?"}},
      {"edges a.tif -o o.tif --opertaor canny", {"did you mean --operator?"}},
      {"edges a.tif -o o.tif --comp lzw", {"did you mean --component or --compression?"}},
      {"edges a.tif -o o.tif -n 4", {"unknown option -n:", "mpirun -n 4 haloedge edges"}},
      {"edges -np 4 a.tif -o o.tif", {"unknown option -np:", "mpirun -n 4 haloedge edges"}},
      {"edges a.tif -o o.tif --ranks 4", {"unknown option --ranks:", "mpirun -n 4 haloedge edges"}},
      {"edges a.tif -o o.tif --threshold 50", {"unknown option --threshold:", "--low and --high"}},
      {"edges a.tif -o o.tif --gpu", {"--backend cuda"}},
      {"edges a.tif -o o.tif --cuda", {"--backend cuda"}},
      {"batch a.tif -o o --device 0", {"--backend cuda"}},
      {"edges a.tif -o o.tif -j 4", {"unknown option -j", "--threads N"}},
      {"edges a.tif -o o.tif -j4", {"--threads N"}},
      {"edges a.tif --out o.tif", {"unknown option --out:", "-o OUTPUT"}},
      {"edges a.tif --output-file o.tif", {"-o OUTPUT"}},
      {"edges a.tif -output o.tif", {"unknown option -output; did you mean --output, with two dashes?"}},
      {"edges a.tif -output=y.tif", {"unknown option -output; did you mean --output, with two dashes?"}},
      {"edges a.tif -o o.tif -t 4", {"--threads N", "--low and --high"}},
      {"hash a.tif -o t.csv -t 4", {"unknown option -t: use --threads N"}},
      {"batch a.tif -o o -r", {"folders are always searched recursively"}},
      {"edges a.tif -o o.tif -r", {"unknown option -r\n"}},
      {"edges a.tif -o o.tif -tile 512", {"did you mean --tile, with two dashes?"}},
      {"hash a.tif -o t.csv --backend cuda", {"haloedge hash: unknown option --backend", "edges, batch and stream"}},
      {"edges a.tif -o o.tif --nonsense", {"unknown option --nonsense\n", "haloedge edges --help"}},
      {"--threads 2 edges a.tif -o o.tif", {"--threads must follow the command: haloedge edges --threads"}},
      {"-n 4 edges a.tif -o o.tif", {"mpirun -n 4 haloedge edges"}},
  });
}

TEST_F(Advice, UnknownCommands) {
  expect_answers({
      {"", {"a command is missing", "edges, batch, hash"}},
      {"egdes a.tif -o o.tif", {"unknown command egdes; did you mean edges?"}},
      {"help egdes", {"unknown command egdes; did you mean edges?"}},
      {"roberts", {"unknown command roberts: the commands are edges, batch"}},
      {"a.tif", {"a command is missing before a.tif", "haloedge edges a.tif -o a_edges.tif\n"}},
      {"a.tif --operator canny", {"haloedge edges a.tif -o a_edges.tif --operator canny\n"}},
      {"a.tif -o x.png", {"haloedge edges a.tif -o x.png\n"}},
      {"'my photo.jpg'", {"haloedge edges 'my photo.jpg' -o 'my photo_edges.tif'\n"}},
      {"photos/", {"haloedge batch photos/ -o edges\n"}},
      {".", {"haloedge batch . -o edges\n"}},
      {"'*.tif'", {"haloedge batch '*.tif' -o edges\n"}},
      {"*.tif", {"a command is missing before a.tif", "haloedge batch a.tif b.tif world.tif -o edges\n"}},
  });
}

TEST_F(Advice, StrayWords) {
  expect_answers({
      {"edges a.tif b.tif", {"unexpected argument b.tif; did you mean -o b.tif?"}},
      {"edges a.tif b.tif world.tif -o o.tif",
       {"unexpected arguments b.tif and world.tif", "--grid", "haloedge batch"}},
      {"split a.tif tiles --grid 2x2", {"did you mean -o tiles?"}},
      {"stream in.y4m out.y4m", {"did you mean -o out.y4m?"}},
      {"info a.tif b.tif", {"unexpected argument b.tif: info takes one input"}},
      {"edges a.tif -o o.tif --memory 5 GB", {"without a space: --memory 5GB"}},
      {"edges --memory 5 GB a.tif -o o.tif", {"without a space: --memory 5GB"}},
      {"edges a.tif -o o.tif --time-limit 10 min", {"without a space: --time-limit 10min"}},
  });
}

TEST_F(Advice, Values) {
  expect_answers({
      {"edges a.tif -o o.tif --memory 50%", {"--memory: '50%' is not a size", "5GB"}},
      {"plan a.tif --fs-bandwidth 10", {"--fs-bandwidth: '10' is not a number with a unit", "100GB/s"}},
      {"plan a.tif --link-bandwidth 100", {"--link-bandwidth: '100' is not a number with a unit", "100Gb/s"}},
      {"plan a.tif --link-latency 2", {"'2' is not a number with a unit", "2us"}},
      {"edges a.tif -o o.tif --threads four", {"--threads: 'four' is not a whole number from 1 to 1024"}},
      {"edges a.tif -o o.tif --scale 50%", {"--scale: '50%' is not a number"}},
      {"edges s3://bucket/a.tif -o o.tif", {"INPUT: s3://bucket/a.tif is an address", "copy it", "mount"}},
      {"batch https://example.org/a.tif -o d", {"is an address"}},
      {"info /vsicurl/https://example.org/a.tif", {"is an address"}},
      {"info file:///data/a.tif", {"give the path, /data/a.tif\n"}},
      {"edges a.tif -o gs://bucket/o.tif", {"--output: gs://bucket/o.tif is an address"}},
      {"edges a.tif -o x.h5:edges", {"did you mean x.h5:/edges?"}},
      {"edges a.tif -o folder/", {"folder/: is a folder: name a file, folder/edges.tif"}},
      {"edges a.tif -o o.xyz", {"o.xyz: the kind of this output is not known", ".tif", ".h5"}},
      {"stream in.y4m -o x.tif", {"stream writes YUV4MPEG2, not .tif: name the output x.y4m"}},
      {"stream in.y4m -o x.mp4", {"YUV4MPEG2", "haloedge stream in.y4m --policy all | ffmpeg -i - x.mp4\n"}},
  });
}

TEST_F(Advice, OptionsWithoutMeaning) {
  expect_answers({
      {"edges a.tif -o o.tif --low 100", {"--low does not apply here", "--operator canny"}},
      {"stream in.y4m -o s.y4m --sigma 0", {"--sigma does not apply here", "--operator canny"}},
      {"plan a.tif --high 9", {"--high does not apply here"}},
      {"edges a.tif -o o.tif --operator canny --component x", {"--component does not apply here"}},
      {"edges a.tif -o o.tif --operator laplacian --component x", {"--component does not apply here"}},
      {"edges a.tif -o o.tif --component x --norm l1", {"--norm does not apply here"}},
      {"batch a.tif -o d --operator laplacian --norm l1", {"--norm does not apply here"}},
      {"edges a.tif -o o.tif --operator canny --scale 2", {"--scale does not apply here"}},
      {"edges a.tif -o o.tif --clip 0,1", {"--clip does not apply here", "--type f32"}},
      {"edges a.tif -o o.tif --quality 80", {"--quality does not apply here", "JPEG"}},
      {"batch a.tif -o d --quality 90", {"--quality does not apply here"}},
      {"edges a.tif -o o.png --compression deflate", {"--compression is for TIFF and HDF5"}},
      {"batch a.tif -o s.h5 --format png", {"--format does not apply here"}},
      {"batch a.tif -o s.h5 --part 1/2", {"--part needs a folder as output"}},
      {"stream in.y4m -o s.y4m --show edges --color red", {"--color does not apply here"}},
      {"score a.tif -o s.db --clusters 3", {"--clusters requires --depth"}},
      {"hash a.tif -o t.csv --incremental --overwrite", {"--incremental", "--overwrite"}},
      {"plan --size 100x100 --page 3", {"--page requires INPUT"}},
      {"info --devices --grid 2x2", {"--grid requires INPUT"}},
  });
}

TEST_F(Advice, OnceForAllRanks) {
  const RunResult run = run_haloedge("edges a.tif -o o.tif --operater canny", {.ranks = 3});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err.find("did you mean"), run.err.rfind("did you mean")) << run.err;
  EXPECT_NE(run.err.find("did you mean --operator?"), std::string::npos) << run.err;
}

TEST_F(Advice, OtherWordsForHelp) {
  EXPECT_EQ(run_haloedge("help").out, run_haloedge("--help").out);
  EXPECT_EQ(run_haloedge("help edges").out, run_haloedge("edges --help").out);
  for (const char* words : {"version", "-V"}) {
    const RunResult version = run_haloedge(words);
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_EQ(version.out, run_haloedge("--version").out);
  }
}

TEST_F(Advice, CalibrateOnlyReads) {
  write_bytes(scratch_ / "notes.txt", "precious");
  const RunResult run = in_folder(fmt::format("'{}' plan --calibrate notes.txt a.tif", haloedge_program().string()));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("--calibrate notes.txt: is not a report"), std::string::npos) << run.err;
  EXPECT_EQ(file_content(scratch_ / "notes.txt"), "precious");
}

/// Runs the last example of the --help of each command.
TEST_F(Advice, ExamplesWork) {
  std::filesystem::create_directory(scratch_ / "photos");
  write_jpeg(make_picture(90, 60, 3), scratch_ / "photos/one.jpg");
  write_video(make_video({.kind = "420jpeg", .width = 64, .height = 48}, 3), scratch_ / "in.y4m");
  std::filesystem::create_directory(scratch_ / "bin");
  std::filesystem::create_symlink(haloedge_program(), scratch_ / "bin/haloedge");
  for (const char* command : {"edges", "batch", "hash", "duplicates", "score", "stream", "split", "info", "plan"}) {
    std::istringstream help(run_haloedge(fmt::format("{} --help", command)).out);
    std::string example;
    for (std::string line; std::getline(help, line);) {
      if (line.find(fmt::format("haloedge {} ", command)) != std::string::npos) example = line;
    }
    ASSERT_TRUE(example.starts_with("  ")) << command << " has no example";
    const RunResult run = in_folder("export PATH=$PWD/bin:$PATH OMPI_MCA_rmaps_base_oversubscribe=1;" + example);
    EXPECT_EQ(run.exit_code, 0) << example << '\n' << run.err;
  }
}

}  // namespace
}  // namespace haloedge
