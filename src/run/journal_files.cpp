#include "run/journal_files.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "journal-";

std::optional<JournalFile> parse_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t dash = name.rfind('-');
  if (!name.starts_with(prefix) || dash < prefix.size()) return std::nullopt;
  const auto run = parse_number<int>(std::string_view(name).substr(prefix.size(), dash - prefix.size()));
  const auto rank = parse_number<int>(std::string_view(name).substr(dash + 1));
  if (!run || !rank) return std::nullopt;
  return JournalFile{*run, *rank, path};
}

}  // namespace

fs::path journal_path(const fs::path& folder, int run, int rank) {
  return folder / fmt::format("{}{}-{}", prefix, run, rank);
}

std::vector<JournalFile> journals_in(const fs::path& folder) {
  std::vector<JournalFile> journals;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (auto journal = parse_name(entry->path())) journals.push_back(std::move(*journal));
  }
  if (error) throw Error(fmt::format("{}: the folder cannot be read: {}", folder.string(), error.message()));
  std::sort(journals.begin(), journals.end(), [](const JournalFile& a, const JournalFile& b) {
    return std::tie(a.run, a.rank) < std::tie(b.run, b.rank);
  });
  return journals;
}

int next_run(const fs::path& folder) {
  const std::vector<JournalFile> journals = journals_in(folder);
  return journals.empty() ? 1 : journals.back().run + 1;
}

}  // namespace haloedge
