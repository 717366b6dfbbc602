#include "run/run_folder.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/whole_file.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr const char* description_file = "run";
constexpr const char* lock_file = "lock";
constexpr std::string_view aside_prefix = "aside-";

/// The name of a folder that is no longer needed, while its files are removed.
fs::path done_name(const fs::path& folder) { return folder.string() + ".done"; }

constexpr std::string_view journal_prefix = "journal-";

std::optional<JournalFile> parse_journal_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t dash = name.rfind('-');
  if (!name.starts_with(journal_prefix) || dash < journal_prefix.size()) return std::nullopt;
  const auto run =
      parse_number<int>(std::string_view(name).substr(journal_prefix.size(), dash - journal_prefix.size()));
  const auto rank = parse_number<int>(std::string_view(name).substr(dash + 1));
  if (!run || !rank) return std::nullopt;
  return JournalFile{*run, *rank, path};
}

bool sees(const fs::path& file, const std::string& number) {
  try {
    return read_text_file(file) == number;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

fs::path journal_path(const fs::path& folder, int run, int rank) {
  return folder / fmt::format("{}{}-{}", journal_prefix, run, rank);
}

std::vector<JournalFile> journals_in(const fs::path& folder) {
  std::vector<JournalFile> journals;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (auto journal = parse_journal_name(entry->path())) journals.push_back(std::move(*journal));
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

RunFolder::RunFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::remove_all(done_name(folder_), error);
  // A program that was just killed may still be ending; one that has ended may have removed the folder.
  constexpr int tries = 20;
  for (int i = 0;; ++i) {
    fs::create_directories(folder_, error);
    if (error) throw Error(fmt::format("{}: cannot make this folder: {}", folder_.string(), error.message()));
    lock_ = File::create(folder_ / lock_file);
    if (lock_.try_lock() && lock_.is_at(folder_ / lock_file)) return;
    if (i == tries) throw Error(fmt::format("{}: another run is at work here", folder_.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void RunFolder::begin(const std::string& description, bool resume, bool overwrite) {
  const bool is_new = !fs::exists(folder_ / description_file);
  number_ = next_run(folder_);
  if (!is_new && !resume && !overwrite) {
    throw Error(
        fmt::format("{}: a run was begun here: --resume goes on with it, --overwrite begins anew", folder_.string()));
  }
  if (!is_new && resume) {
    const std::string before = read_text_file(folder_ / description_file);
    if (before != description) {
      throw UsageError(
          fmt::format("--resume: the run in {} was begun with another input or other options: give the same, or "
                      "--overwrite to begin anew\n  then: {}  now:  {}",
                      folder_.string(), before, description));
    }
    remove_leftovers();
    return;
  }
  clear();
  write_text_file(folder_ / description_file, description);
}

fs::path RunFolder::beside(const fs::path& output) {
  return output.parent_path() / fmt::format(".{}.run", output.filename().string());
}

void RunFolder::remove(const fs::path& folder) {
  std::error_code error;
  fs::rename(folder, done_name(folder), error);  // in one step: half a folder would be taken for a run
  fs::remove_all(error ? folder : done_name(folder), error);
}

fs::path RunFolder::aside(const fs::path& folder, int run, int rank, const std::string& ending) {
  return folder / fmt::format("{}{}-{}{}", aside_prefix, run, rank, ending);
}

std::vector<fs::path> RunFolder::contents() const {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) paths.push_back(entry.path());
  return paths;
}

void RunFolder::clear() const {
  for (const fs::path& path : contents()) {
    std::error_code stays;  // it only takes room
    if (path.filename() != lock_file) fs::remove(path, stays);
  }
  // But journals that stay would be believed.
  if (!journals_in(folder_).empty()) {
    throw Error(fmt::format("{}: the journals of an earlier run cannot be removed: remove this folder by hand",
                            folder_.string()));
  }
}

void RunFolder::remove_leftovers() const {
  for (const fs::path& path : contents()) {
    const std::string name = path.filename().string();
    std::error_code stays;
    if (name.starts_with(aside_prefix) || name.starts_with(fmt::format(".{}", aside_prefix))) fs::remove(path, stays);
  }
}

FolderView look_at_folder(const fs::path& folder, Communicator& communicator) {
  if (communicator.size() == 1) return {};
  std::string number = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
  number = communicator.broadcast(std::move(number));
  // A name that no host can have looked for before.
  const fs::path file = folder / ("seen-" + number);
  if (communicator.rank() == 0) write_text_file(file, number);
  communicator.barrier();
  FolderView view{.here = sees(file, number)};
  view.everywhere = communicator.sum(view.here ? 0 : 1) == 0;
  std::error_code ignored;
  if (communicator.rank() == 0) fs::remove(file, ignored);
  return view;
}

}  // namespace haloedge
