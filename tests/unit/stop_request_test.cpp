#include "core/stop_request.hpp"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

TEST(StopRequest, SignalNames) {
  for (const auto& [number, name] : {std::pair{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}, {SIGUSR1, "SIGUSR1"}}) {
    const StopRequest stop(0s);
    EXPECT_EQ(stop.reason(), "") << "what was asked of the one before is forgotten";
    std::raise(number);
    EXPECT_EQ(stop.reason(), name);
    EXPECT_EQ(stop.reason(), name);
  }
}

TEST(StopRequest, BetweenRequests) {
  { const StopRequest stop(0s); }
  EXPECT_EXIT(std::raise(SIGTERM), testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(
      {
        const StopRequest stop(0s);
        std::raise(SIGUSR1);
        std::raise(SIGUSR1);  // a signal that is sent twice has no other effect
        std::this_thread::sleep_for(2100ms);
        std::raise(SIGUSR1);
      },
      testing::KilledBySignal(SIGUSR1), "");
}

TEST(StopRequest, Clock) {
  const StopRequest never(0s);
  EXPECT_EQ(never.reason(), "");
  const StopRequest soon(1s);
  EXPECT_EQ(soon.reason(), "");
  std::this_thread::sleep_for(1050ms);
  EXPECT_EQ(soon.reason(), "the time limit");
  EXPECT_EQ(never.reason(), "");
}

TEST(FileWriter, Pieces) {
  const ScratchFolder scratch;
  std::string expected;
  FileWriter writer(scratch / "file");
  for (const std::size_t size : {0U, 1U, 100'000U, 262'143U, 1U, 262'144U, 700'000U, 5U}) {
    std::string piece(size, static_cast<char>('a' + size % 26));
    expected += piece;
    writer.append(std::as_bytes(std::span(piece)));
  }
  writer.finish();
  EXPECT_TRUE(read_text_file(scratch / "file") == expected);
}

TEST(FileWriter, EmptyAndExisting) {
  const ScratchFolder scratch;
  write_text_file(scratch / "file", "much longer than nothing");
  FileWriter writer(scratch / "file");
  writer.finish();
  EXPECT_EQ(read_text_file(scratch / "file"), "");
  EXPECT_THROW(FileWriter(scratch / "no/file"), Error);
}

TEST(FileWriter, FullDisk) {
  FileWriter writer("/dev/full");
  const std::string text = "x";
  writer.append(std::as_bytes(std::span(text)));
  EXPECT_THROW(writer.finish(), RunError);
}

}  // namespace
}  // namespace haloedge
