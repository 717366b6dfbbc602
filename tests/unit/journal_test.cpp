// Tests what a run over a set records, and what the next run reads from it.
#include "sets/journal.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

Outcome outcome(const std::string& path, const std::string& result, const std::string& error = "") {
  return {.file = {.path = path, .bytes = 12, .modified = -5, .name = std::string(path).append(".out")},
          .result = result,
          .error = error};
}

bool equal(const Outcome& a, const Outcome& b) {
  return a.file.path == b.file.path && a.file.name == b.file.name && a.file.bytes == b.file.bytes &&
         a.file.modified == b.file.modified && a.result == b.result && a.error == b.error;
}

std::vector<std::string> results(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> texts;
  for (const Outcome& one : outcomes) texts.push_back(one.result);
  return texts;
}

class JournalTest : public testing::Test {
 protected:
  ScratchFolder scratch_;
  fs::path folder_ = scratch_ / "";
};

TEST_F(JournalTest, AnyBytes) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::vector<Outcome> written{outcome("/plain.jpg", "1"), outcome(all, all, all), outcome("\n", "\n\n", "\n"),
                                     outcome("", "", "")};
  Journal journal(folder_, 1, 0);
  for (const Outcome& one : written) journal.append(one);
  const std::vector<Outcome> read = read_journals(folder_);  // while the journal is still open
  ASSERT_EQ(read.size(), written.size());
  for (std::size_t i = 0; i < read.size(); ++i) EXPECT_TRUE(equal(read[i], written[i])) << i;
}

TEST_F(JournalTest, CutAnywhere) {
  std::vector<std::size_t> ends{0};
  {
    Journal journal(folder_, 1, 0);
    for (const std::string name : {"a", "b\n", "c", "\nd"}) {
      journal.append(outcome(name, std::string(name).append("result"), name == "c" ? "why\n" : ""));
      ends.push_back(fs::file_size(folder_ / "journal-1-0"));
    }
  }
  const std::string whole = read_text_file(folder_ / "journal-1-0");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(folder_ / "journal-1-0", std::ios::binary) << whole.substr(0, size);
    const auto complete = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), size) - ends.begin()) - 1;
    const std::vector<Outcome> read = read_journals(folder_);
    ASSERT_EQ(read.size(), complete) << "cut to " << size;
    if (complete > 0) {
      EXPECT_EQ(read.front().file.path, "a");
    }
  }
}

TEST_F(JournalTest, RunOrder) {
  for (const int run : {10, 2, 1}) {
    for (const int rank : {11, 0, 3})
      Journal(folder_, run, rank).append(outcome("x", std::to_string(run * 100 + rank)));
  }
  for (const char* name : {"journal-", "journal-1", "journal-1-", "journal-x-1", "journal-1-x", "other-1-2", "lock"}) {
    std::ofstream(folder_ / name) << "no journal";
  }
  EXPECT_EQ(results(read_journals(folder_)),
            (std::vector<std::string>{"100", "103", "111", "200", "203", "211", "1000", "1003", "1011"}));
  EXPECT_THROW((void)read_journals(folder_ / "none"), Error);
}

TEST_F(JournalTest, LastOutcome) {
  {
    Journal first(folder_, 1, 0);
    first.append(outcome("a", "", "broken"));
    first.append(outcome("b", "b1"));
    Journal(folder_, 2, 5).append(outcome("a", "a2"));
    Journal(folder_, 10, 0).append(outcome("b", "", "gone"));
  }
  const std::vector<Outcome> last = last_outcomes(folder_);
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].result, "a2");
  EXPECT_EQ(last[0].error, "");
  EXPECT_EQ(last[1].error, "gone");
}

}  // namespace
}  // namespace haloedge
