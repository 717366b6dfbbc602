// Tests that a complete edge map that could not get its name is kept, and that the next run gives it its name.
#include "edges/checkpoint.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class CheckpointRename : public testing::TestWithParam<const char*> {
 protected:
  /// Completes an edge map whose name is taken by a folder meanwhile, then removes the folder.
  void fail_to_rename() {
    EdgeCheckpoint checkpoint(output_, command_, *alone_);
    ASSERT_FALSE(checkpoint.is_complete());
    write_text_file(partial_path(output_.file), "edges");
    fs::create_directory(output_.file);
    EXPECT_THROW(checkpoint.commit(), Error);
    fs::remove(output_.file);
  }
  [[nodiscard]] bool resume() {
    command_.restart.resume = true;
    return EdgeCheckpoint(output_, command_, *alone_).is_complete();
  }
  /// Only the input and this file are in the folder.
  void expect_alone(const fs::path& file) const {
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch_ / ""), {}), file.empty() ? 1 : 2);
    EXPECT_TRUE(file.empty() || fs::exists(file));
  }

  ScratchFolder scratch_;
  std::unique_ptr<Communicator> alone_ = make_single_communicator();
  Output output_ = parse_output((scratch_ / GetParam()).string());
  EdgesCommand command_;

  void SetUp() override {
    command_.input.input = (scratch_ / "in.png").string();
    write_text_file(command_.input.input, "pixels");
  }
};

TEST_P(CheckpointRename, ResumeRenames) {
  fail_to_rename();
  EXPECT_TRUE(resume());
  EXPECT_EQ(read_text_file(output_.file), "edges");
  expect_alone(output_.file);
}

TEST_P(CheckpointRename, ChangedFileIsMadeAnew) {
  fail_to_rename();
  write_text_file(partial_path(output_.file), "other edges");
  EXPECT_FALSE(resume());
  expect_alone({});
}

TEST_P(CheckpointRename, BeginsAnewOnlyIfAsked) {
  fail_to_rename();
  EXPECT_THROW(EdgeCheckpoint(output_, command_, *alone_), Error);
  EXPECT_EQ(read_text_file(partial_path(output_.file)), "edges");
  command_.restart.overwrite = true;
  EXPECT_FALSE(EdgeCheckpoint(output_, command_, *alone_).is_complete());
  expect_alone({});
}

INSTANTIATE_TEST_SUITE_P(Formats, CheckpointRename, testing::Values("e.png", "e.h5", "e.tif"),
                         [](const auto& format) { return std::string(format.param).substr(2); });

}  // namespace
}  // namespace haloedge
