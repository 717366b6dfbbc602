#include "core/file.hpp"

#include <array>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace haloedge {
namespace {

std::filesystem::path scratch(const std::string& name) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(::testing::TempDir()) / (std::string("haloedge_file_") + test->name());
  std::filesystem::create_directories(folder);
  return folder / name;
}

TEST(File, Offsets) {
  const auto path = scratch("file");
  File file = File::create(path);
  const std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  file.write_at(100, bytes);
  EXPECT_EQ(file.size(), 103);
  std::array<std::byte, 3> back{};
  file.read_at(100, back);
  EXPECT_EQ(back, bytes);
  file.close();
  EXPECT_FALSE(file.is_open());
}

TEST(File, EarlyEnd) {
  File file = File::create(scratch("short"));
  file.reserve(10);
  std::array<std::byte, 8> bytes{};
  EXPECT_NO_THROW(file.read_at(2, bytes));
  try {
    file.read_at(5, bytes);
    FAIL() << "read past the end";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("truncated"), std::string::npos) << error.what();
  }
}

TEST(File, Errors) {
  try {
    (void)File::open_to_read(scratch("missing"));
    FAIL() << "opened a missing file";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("missing: cannot open: No such file"), std::string::npos) << error.what();
  }
}

TEST(File, Unnamed) {
  const auto folder = scratch("x").parent_path();
  File file = File::create_unnamed(folder);
  file.reserve(1000);
  EXPECT_EQ(file.size(), 1000);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 0);
}

}  // namespace
}  // namespace haloedge
