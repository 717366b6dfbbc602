#include "core/file.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

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
    EXPECT_NE(std::string(error.what()).find("missing: does not exist"), std::string::npos) << error.what();
  }
}

/// Expects that `make` throws RunError, and that the error's text has `reason` in it.
template <class Make>
void expect_run_error(Make make, const std::string& reason) {
  try {
    make();
    ADD_FAILURE() << "no error: " << reason;
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
  }
}

TEST(File, TooManyOpen) {
  const auto path = scratch("x");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  expect_run_error([&] { (void)File::open_to_read(path); }, "cannot open: Too many open files (see ulimit -n)");
  expect_run_error([&] { (void)File::create(path); }, "cannot create: Too many open files (see ulimit -n)");
  expect_run_error([&] { (void)File::create_unnamed(path.parent_path()); }, "(see ulimit -n)");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(File, UnnamedInNoFolder) {
  expect_run_error([] { (void)File::create_unnamed("/no/folder"); }, "cannot create a temporary file: No such file");
}

TEST(File, Folders) {
  const auto folder = scratch("x").parent_path();
  make_folder(folder / "a/b");
  make_folder(folder / "a/b");
  EXPECT_EQ(folder_contents(folder / "a"), std::vector{folder / "a/b"});
  write_text_file(folder / "file", "");
  EXPECT_THROW(make_folder(folder / "file/c"), Error);
  EXPECT_THROW((void)folder_contents(folder / "missing"), Error);
  EXPECT_THROW((void)folder_contents(folder / "file"), Error);
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
