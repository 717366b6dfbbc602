#include "run/run_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <regex>
#include <sstream>
#include <string_view>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <isa-l/crc.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr const char* lock_file = "lock";
constexpr const char* completion_mark = "finished";
constexpr std::string_view aside_prefix = "aside-";

/// The name of a folder that is no longer needed, while its files are removed.
fs::path done_name(const fs::path& folder) { return folder.string() + ".done"; }

constexpr std::string_view journal_prefix = "journal-";

std::optional<JournalFile> parse_journal_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t dash = name.rfind('-');
  if (!name.starts_with(journal_prefix) || dash < journal_prefix.size()) return std::nullopt;
  const std::string_view numbers(name);
  const auto run = parse_number<int>(numbers.substr(journal_prefix.size(), dash - journal_prefix.size()));
  const auto rank = parse_number<int>(numbers.substr(dash + 1));
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

constexpr std::int64_t record_bytes = sizeof(TileRecord);
static_assert(record_bytes == 32 && std::is_trivially_copyable_v<TileRecord>);

/// The tile number in the first record of every journal. The `bytes` of this record are the height of the tiles.
constexpr std::int64_t heading = -1;

std::uint32_t check_of(const TileRecord& record) {
  return checksum(std::as_bytes(std::span(&record, 1)).first(offsetof(TileRecord, check)));
}

bool is_undamaged(const TileRecord& record) { return record.check == check_of(record); }

/// The height of the tiles in a journal; nothing if its first record is damaged.
std::optional<std::int64_t> heading_of(const File& file) {
  TileRecord first;
  if (file.size() < record_bytes) return std::nullopt;
  file.read_at(0, std::as_writable_bytes(std::span(&first, 1)));
  return is_undamaged(first) && first.tile == heading ? std::optional(first.bytes) : std::nullopt;
}

/// Returns the text without the blanks at the ends of its lines.
std::string without_trailing_blanks(const std::string& text) {
  std::string plain;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) plain += line.erase(line.find_last_not_of(' ') + 1) + '\n';
  return plain;
}

/// Returns the names and the values in a description, to tell the user what differs. The line of the input is one item,
/// because a file's name may look like an option.
std::map<std::string, std::string> items_of(const std::string& description) {
  std::map<std::string, std::string> items;
  std::istringstream lines(description);
  for (std::string line; std::getline(lines, line);) {
    for (std::size_t begin = 0, end = 0; begin < line.size(); begin = end + 1) {
      end = std::min(line.starts_with("input ") ? line.size() : line.find(" --", begin), line.size());
      const std::string item = line.substr(begin, end - begin);
      const std::size_t space = std::min(item.find(' '), item.size());
      items[item.substr(0, space)] = item.substr(std::min(space + 1, item.size()));
    }
  }
  return items;
}

/// Returns the description without its first line, if that is the version of haloedge.
std::string without_version(const std::string& description) {
  return description.starts_with("haloedge ") ? description.substr(description.find('\n') + 1) : description;
}

/// Returns the description of an input, "k.tif, 1234 bytes of 2026-01-31T12:00:00.123456789Z --page 0", as users read
/// it: "k.tif (1,234 bytes, changed 2026-01-31 12:00:00 UTC)". Returns other texts as they are.
std::string readable_input(const std::string& description) {
  static const std::regex form(R"((.*), (\d+) bytes of (\S+)T(\d\d:\d\d:\d\d)\.\d+Z(.*?)( --page 0)?)");
  std::smatch part;
  if (!std::regex_match(description, part, form)) return description;
  const std::int64_t bytes = parse_number<std::int64_t>(part[2].str()).value_or(0);
  return fmt::format("{} ({}, changed {} {} UTC){}", part[1].str(), count_text(bytes, "byte"), part[3].str(),
                     part[4].str(), part[5].str());
}

}  // namespace

std::optional<std::string> job_differences(const std::string& before, const std::string& now) {
  const std::string plain_before = without_trailing_blanks(before);
  const std::string plain_now = without_trailing_blanks(now);
  if (plain_before == plain_now) return std::nullopt;
  auto there = items_of(plain_before);
  auto here = items_of(plain_now);
  std::map<std::string, std::string> names = there;
  names.insert(here.begin(), here.end());
  std::string differences;
  for (const auto& [name, value] : names) {
    if (there.contains(name) && here.contains(name) && there[name] == here[name]) continue;
    const std::string was = there.contains(name) ? there[name] : "not given";
    const std::string is = here.contains(name) ? here[name] : "not given";
    // Two times may differ in the fraction of a second only.
    const bool is_clear = name == "input" && readable_input(was) != readable_input(is);
    differences += fmt::format("\n  {}: was {}, is now {}", name, is_clear ? readable_input(was) : was,
                               is_clear ? readable_input(is) : is);
  }
  return differences;
}

void check_same_job(const std::string& what, const std::string& before, const std::string& now) {
  const std::optional<std::string> differences = job_differences(before, now);
  if (!differences) return;
  throw UsageError(
      fmt::format("--resume: {} was started with another input or other options: give the same ones, or use "
                  "--overwrite to start over{}",
                  what, *differences));
}

void report_finished(const std::string& output, const std::optional<std::string>& made_by,
                     const std::string& description, bool quiet) {
  if (made_by) {
    check_same_job(output, without_version(*made_by), without_version(description));
    if (!quiet) fmt::print("{}: is complete: nothing to resume\n", output);
  } else if (!quiet) {
    fmt::print(
        stderr,
        "haloedge: {}: already exists and is left unchanged, but haloedge cannot tell with which options it was made "
        "(it was copied or changed, or its file system stores no extended attributes): use --overwrite to make it "
        "again\n",
        output);
  }
}

fs::path journal_path(const fs::path& folder, int run, int rank) {
  return folder / fmt::format("{}{}-{}", journal_prefix, run, rank);
}

std::vector<JournalFile> journals_in(const fs::path& folder) {
  std::vector<JournalFile> journals;
  for (const fs::path& path : folder_contents(folder)) {
    if (auto journal = parse_journal_name(path)) journals.push_back(std::move(*journal));
  }
  std::ranges::sort(journals, {}, [](const JournalFile& journal) { return std::tie(journal.run, journal.rank); });
  return journals;
}

int next_run(const fs::path& folder) {
  const std::vector<JournalFile> journals = journals_in(folder);
  return journals.empty() ? 1 : journals.back().run + 1;
}

RunFolder::RunFolder(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::remove_all(done_name(folder_), error);
  // A killed program may hold the lock for a moment, and one that ends may remove the folder, so several tries are
  // made.
  constexpr int tries = 20;
  for (int i = 0;; ++i) {
    make_folder(folder_);
    lock_ = File::create(folder_ / lock_file);
    if (lock_.try_lock() && lock_.is_at(folder_ / lock_file)) return;
    if (i == tries) throw Error(fmt::format("{}: another run is using this folder", folder_.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

bool RunFolder::has_records() const {
  return std::ranges::any_of(journals_in(folder_), [](const JournalFile& journal) {
    return file_state(journal.path).value_or(FileState{}).bytes > 0;
  });
}

void RunFolder::begin(const std::string& description, bool kept, bool resume, bool overwrite) {
  const bool has_run = kept && fs::exists(folder_ / description_file);
  number_ = next_run(folder_);
  if (has_run && !resume && !overwrite) {
    throw Error(fmt::format("{}: contains {}, or --overwrite to start over", folder_.string(),
                            fs::exists(folder_ / completion_mark)
                                ? "the records of a complete run: use --resume to make only what is missing"
                                : "an unfinished run: use --resume to continue it"));
  }
  if (has_run && resume) {
    check_same_job(fmt::format("the run in {}", folder_.string()), read_text_file(folder_ / description_file),
                   description);
    remove_file(folder_ / completion_mark);
    remove_leftovers();
    return;
  }
  clear();
  write_text_file(folder_ / description_file, description);
}

std::string RunFolder::description() const { return read_text_file(folder_ / description_file); }

void RunFolder::mark_complete(const fs::path& folder) { write_text_file(folder / completion_mark, ""); }

fs::path RunFolder::beside(const fs::path& output) {
  return output.parent_path() / fmt::format(".{}.run", output.filename().string());
}

void RunFolder::remove(const fs::path& folder) {
  std::error_code error;
  fs::rename(folder, done_name(folder), error);  // in one step, so that no run resumes from half a folder
  fs::remove_all(error ? folder : done_name(folder), error);
}

fs::path RunFolder::aside(const fs::path& folder, int run, int rank, const std::string& ending) {
  return folder / fmt::format("{}{}-{}{}", aside_prefix, run, rank, ending);
}

void RunFolder::clear() const {
  for (const fs::path& path : folder_contents(folder_)) {
    std::error_code ignored;  // a file that stays only takes space
    if (path.filename() != lock_file) fs::remove(path, ignored);
  }
  // The next run would resume from journals that are left.
  if (!journals_in(folder_).empty()) {
    throw Error(
        fmt::format("{}: cannot remove the journals of an earlier run: remove this folder yourself", folder_.string()));
  }
}

void RunFolder::remove_leftovers() const {
  for (const fs::path& path : folder_contents(folder_)) {
    const std::string name = path.filename().string();
    std::error_code ignored;
    if (name.starts_with(aside_prefix) || name.starts_with(fmt::format(".{}", aside_prefix))) fs::remove(path, ignored);
  }
}

FolderView look_at_folder(const fs::path& folder, Communicator& communicator) {
  if (communicator.size() == 1) return {};
  std::string number = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
  number = communicator.broadcast(std::move(number));
  // No host can have looked for this name before, so none has it in its cache.
  const fs::path file = folder / ("seen-" + number);
  if (communicator.rank() == 0) write_text_file(file, number);
  communicator.barrier();
  FolderView view{.here = sees(file, number)};
  view.everywhere = communicator.sum(view.here ? 0 : 1) == 0;
  std::error_code ignored;
  if (communicator.rank() == 0) fs::remove(file, ignored);
  return view;
}

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return ::crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

TileJournal::TileJournal(const std::filesystem::path& folder, int run, int rank, std::int64_t tile_rows)
    : file_(File::create(journal_path(folder, run, rank))) {
  add({.tile = heading, .offset = 0, .bytes = tile_rows, .checksum = 0});
  flush();
}

TileJournal::~TileJournal() {
  try {
    flush();
  } catch (const Error&) {
    // The next run makes these tiles again.
  }
}

void TileJournal::add(TileRecord record) {
  record.check = check_of(record);
  waiting_.push_back(record);
}

void TileJournal::flush() {
  file_.write_at(size_, std::as_bytes(std::span(waiting_)));
  size_ += std::ssize(waiting_) * record_bytes;
  waiting_.clear();
}

void for_each_kept_tile(const std::filesystem::path& folder, std::int64_t tile_rows,
                        const std::function<void(const KeptTile&)>& take) {
  constexpr std::int64_t piece_records = 1 << 15;
  for (const JournalFile& journal : journals_in(folder)) {
    const File file = File::open_to_read(journal.path);
    if (heading_of(file) != tile_rows) continue;
    const std::int64_t count = file.size() / record_bytes;
    std::vector<TileRecord> piece(static_cast<std::size_t>(std::min(count, piece_records)));
    for (std::int64_t begin = 1; begin < count; begin += piece_records) {
      const auto records = std::span(piece).first(static_cast<std::size_t>(std::min(piece_records, count - begin)));
      file.read_at(begin * record_bytes, std::as_writable_bytes(records));
      for (const TileRecord& record : records) {
        if (is_undamaged(record)) take({record, journal.run, journal.rank});
      }
    }
  }
}

std::optional<std::int64_t> journaled_tile_rows(const std::filesystem::path& folder) {
  for (const JournalFile& journal : journals_in(folder)) {
    if (const auto tile_rows = heading_of(File::open_to_read(journal.path))) return tile_rows;
  }
  return std::nullopt;
}

bool has_tiles(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return false;
  return std::ranges::any_of(journals_in(folder), [](const JournalFile& journal) {
    return File::open_to_read(journal.path).size() > record_bytes;
  });
}

}  // namespace haloedge
