// Which file is an image's depth map.
#include "sets/depth_map_name.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class DepthMapName : public testing::Test {
 protected:
  void put(const std::string& name) const {
    fs::create_directories((scratch_ / name).parent_path());
    std::ofstream(scratch_ / name) << "x";
  }
  /// Below the folder; "none" or "several" if that is what is said.
  [[nodiscard]] std::string found(const std::string& name) const {
    try {
      return find_depth_map(scratch_ / "", name).lexically_relative(scratch_ / "").string();
    } catch (const Error& error) {
      return std::string(error.what()).find("could both be") != std::string::npos ? "several" : "none";
    }
  }

  ScratchFolder scratch_;
};

TEST_F(DepthMapName, IsTheImagesOwnOrHasAnotherEnding) {
  for (const char* name : {"a.png", "a.tif", "b/c.TIFF", "d.txt", "e.v2.jpg", "g.png", "g.btf"}) put(name);
  EXPECT_EQ(found("a.png"), "a.png");
  EXPECT_EQ(found("a.tif"), "a.tif");
  EXPECT_EQ(found("a.jpg"), "several");
  EXPECT_EQ(found("b/c.jpg"), "b/c.TIFF");
  EXPECT_EQ(found("c.jpg"), "none") << "of another folder";
  EXPECT_EQ(found("d.jpg"), "none") << "text is no depth";
  EXPECT_EQ(found("e.v2.png"), "e.v2.jpg");
  EXPECT_EQ(found("e.v3.png"), "none");
  EXPECT_EQ(found("g.jpeg"), "several");
}

}  // namespace
}  // namespace haloedge
