#include "score_set.hpp"

#include <fmt/format.h>

#include "pictures.hpp"
#include "score_rows.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

namespace fs = std::filesystem;

ScratchFolder* ScoredSet::set_files = nullptr;

void ScoredSet::SetUpTestSuite() {
  set_files = new ScratchFolder;
  fs::create_directories(*set_files / "set");
  const Picture large = make_picture(1200, 1000, 3);
  constexpr int different = 20;
  const auto path = [](int number) { return *set_files / fmt::format("set/{}.jpg", number); };
  for (int i = 0; i + 1 < images; ++i) {
    if (i < different) {
      write_jpeg(crop(large, 3 * i, 5 * i, 640, 780), path(i));
    } else {
      fs::create_hard_link(path(i % different), path(i));
    }
  }
  write_bytes(*set_files / "set/broken.png", "no PNG");
  (void)expected();  // runs now, not while a test disturbs another run
}

void ScoredSet::TearDownTestSuite() {
  delete set_files;
  set_files = nullptr;
}

std::string ScoredSet::arguments(const fs::path& table) {
  return fmt::format("score {}/set -o {} --threads 1", set_files->path().string(), table.string());
}

const std::map<std::string, std::string>& ScoredSet::expected() {
  static const std::map<std::string, std::string> rows = [] {
    const ScratchFolder scratch;
    const fs::path table = scratch / "s.sqlite";
    EXPECT_EQ(run_haloedge(arguments(table), {.ranks = 2}).exit_code, 3);
    return score_rows(table);
  }();
  return rows;
}

}  // namespace haloedge
