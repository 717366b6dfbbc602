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
      {"edges a.tif -o o.tif -ot Byte", {"unknown option -ot: use --type u8, u16 or f32"}},
      {"edges a.tif o.tif -of GTiff", {"unknown option -of: the ending of the output's name decides its format"}},
      {"batch a.tif -of PNG -o d", {"unknown option -of: use --format png, tiff or jpeg"}},
      {"edges a.tif -o o.tif --ksize 5", {"unknown option --ksize: all filters are 3 x 3\n"}},
      {"stream --aperture 3", {"unknown option --aperture: all filters are 3 x 3\n"}},
      {"plan a.tif --nodes 4", {"unknown option --nodes: use --ranks N and --ranks-per-node N\n"}},
      {"plan a.tif -n 4", {"unknown option -n: use --ranks N and --ranks-per-node N\n"}},
      {"edges a.tif -o o.tif --nodes 4", {"unknown option --nodes:", "mpirun -n 4 haloedge edges"}},
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
      {"edges my photo.tif -o o.tif", {"unexpected argument photo.tif; quote names with spaces\n"}},
      {"info my photo.tif", {"unexpected argument photo.tif; quote names with spaces\n"}},
      {"edges a.tif -o o.tif operator=canny", {"unexpected argument operator=canny; did you mean --operator=canny?"}},
      {"edges a.tif operator=canny", {"did you mean --operator=canny?"}},
      {"edges a.tif -o o.tif --type f32 --clip 0, 1", {"--clip: '0,' is not a range: write LO,HI"}},
      {"edges a.tif -o o.tif --operator sobel, canny", {"--operator: 'sobel,' is not one of sobel|scharr"}},
  });
}

TEST_F(Advice, LongDashes) {
  expect_answers({
      {"edges a.tif –o o.tif", {"haloedge edges: –o begins with a long dash: type -o\n"}},
      {"edges a.tif -o o.tif —operator canny", {"—operator begins with a long dash: type --operator\n"}},
      {"edges –operator canny a.tif -o o.tif", {"–operator begins with a long dash: type --operator\n"}},
      {"batch a.tif –o d", {"–o begins with a long dash: type -o\n"}},
  });
}

TEST_F(Advice, TooFewOrTooManyValues) {
  expect_answers({
      {"edges a.tif -o o.tif -o p.tif", {"haloedge edges: --output is given twice\n"}},
      {"edges a.tif -o o.tif --threads 2 --threads=3", {"--threads is given twice\n"}},
      {"edges a.tif -o", {"--output needs a value: --output OUTPUT\n"}},
      {"edges a.tif -o o.tif --threads=", {"--threads needs a value: --threads N\n"}},
      {"edges a.tif -o o.tif --operator", {"--operator needs a value: --operator sobel|scharr|"}},
      {"duplicates t.csv --html", {"--html needs a value: --html FILE\n"}},
      {"plan a.tif --calibrate", {"--calibrate needs a value: --calibrate FILE\n"}},
      {"edges a.tif -o o.tif --resume=no", {"--resume takes no value\n"}},
      {"edges a.tif -o o.tif --quiet=3", {"--quiet takes no value\n"}},
      {"edges a.tif -o o.tif --resume --overwrite", {"give --resume or --overwrite, not both\n"}},
  });
}

TEST_F(Advice, EmptyNames) {
  expect_answers({
      {"edges a.tif -o ''", {"--output: the name is empty\n"}},
      {"edges '' -o o.tif", {"INPUT: the name is empty\n"}},
      {"batch a.tif '' -o d", {"INPUT: the name is empty\n"}},
      {"stream ''", {"INPUT: the name is empty\n"}},
      {"stream in.y4m -o ''", {"--output: the name is empty\n"}},
  });
}

TEST_F(Advice, Values) {
  expect_answers({
      {"edges a.tif -o o.tif --memory 50%", {"--memory: '50%' is not a size with its unit: write 512M or 4G"}},
      {"edges a.tif -o o.tif --memory 64", {"--memory: '64' is not a size with its unit"}},
      {"edges a.tif -o o.tif --time-limit 60", {"--time-limit: '60' is not a time in whole seconds with its unit"}},
      {"edges a.tif -o o.tif --time-limit 0.3s", {"'0.3s' is not a time in whole seconds with its unit"}},
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
      {"stream in.y4m -o x.tif", {"stream writes YUV4MPEG2, not .tif: name the output x.y4m"}},
      {"edges a.tif -o .", {".: is a folder: name a file, ./edges.tif"}},
      {"edges a.tif -o o.xyz", {"o.xyz: the name of an output must end in .tif, ", " or .hdf5\n"}},
      {"edges a.tif -o o.tif --report .", {"--report: . is a folder: name a file\n"}},
      {"edges a.tif -o o.tif --trace .", {"--trace: . is a folder: name a file\n"}},
      {"stream in.y4m -o x.mp4", {"YUV4MPEG2", "haloedge stream in.y4m --policy all | ffmpeg -i - x.mp4\n"}},
  });
}

TEST_F(Advice, ChoicesInCapitalLetters) {
  EXPECT_EQ(in_folder(fmt::format("'{}' edges a.tif -o lzw.tif --compression LZW --operator Canny --type U8",
                                  haloedge_program().string()))
                .exit_code,
            0);
  for (const char* format : {"tif", "TIFF", "JPG"}) {
    const RunResult run =
        in_folder(fmt::format("'{}' batch a.tif -o d_{} --format {}", haloedge_program().string(), format, format));
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "d_tif/a.tif"));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "d_JPG/a.jpg"));
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
  EXPECT_NE(run.err.find("--calibrate notes.txt: is not a report that `haloedge edges` of this version has written\n"),
            std::string::npos)
      << run.err;
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
