// Tests that a command never replaces a file that it reads, or one output by another.
#include "run/named_files.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class NamedFiles : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

  /// Returns the error of check_named_files(); empty if there is none.
  static std::string refusal(const std::vector<std::string>& inputs, const std::vector<NamedOutput>& outputs,
                             const std::string& report = "", const std::string& trace = "") {
    try {
      CommonOptions options;
      options.report = report;
      options.trace = trace;
      check_named_files(inputs, outputs, options);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  ScratchFolder scratch_;
};

TEST_F(NamedFiles, Inputs) {
  write("in", "[]");
  std::filesystem::create_symlink(path("in"), path("link"));
  std::filesystem::create_hard_link(path("in"), path("hard"));
  for (const std::string name : {"in", "link", "hard", "./in"}) {
    EXPECT_EQ(refusal({path("other"), path("in")}, {{"-o", path(name)}}),
              "-o " + path(name) + ": is the input itself: choose another output");
    EXPECT_NE(refusal({path("in")}, {}, path(name)).find("--report"), std::string::npos);
    EXPECT_NE(refusal({path("in")}, {}, "", path(name)).find("--trace"), std::string::npos);
  }
  EXPECT_EQ(refusal({path("in"), path("missing")}, {{"-o", path("out")}}, path("r"), path("t")), "");
}

TEST_F(NamedFiles, Outputs) {
  EXPECT_EQ(refusal({}, {{"-o", path("new")}}, path("./new")), "-o and --report name the same file: " + path("./new"));
  EXPECT_EQ(refusal({}, {}, path("new"), path("new")), "--report and --trace name the same file: " + path("new"));
  EXPECT_NE(refusal({}, {{"-o", path("new")}, {"--html", path("new")}}), "");
}

TEST_F(NamedFiles, FoldersDevicesAndStandardStreams) {
  EXPECT_EQ(refusal({scratch_.path().string()}, {{"-o", scratch_.path().string()}}), "");
  EXPECT_EQ(refusal({""}, {{"-o", ""}}), "");
  EXPECT_EQ(refusal({"/dev/null"}, {{"-o", "/dev/null"}}, "/dev/null", "/dev/null"), "");
}

TEST_F(NamedFiles, ReportsReplaceReportsOnly) {
  for (const std::string text : {"", "{}", "[1]"}) {
    write("file", text);
    EXPECT_EQ(refusal({}, {}, path("file")), "") << text;
  }
  write("file", "precious");
  EXPECT_EQ(refusal({}, {}, path("file")),
            "--report " + path("file") + ": already exists and is not a report: give another file");
  EXPECT_NE(refusal({}, {}, "", path("file")), "");
  EXPECT_NE(refusal({}, {}, scratch_.path().string()), "");
  EXPECT_NE(refusal({}, {}, path("missing/r.json")), "");
}

}  // namespace
}  // namespace haloedge
