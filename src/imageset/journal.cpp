#include "imageset/journal.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/text_file.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "journal-";

struct JournalFile {
  int run = 0;
  int rank = 0;
  fs::path path;
};

/// "journal-RUN-RANK"
std::optional<JournalFile> parse_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t dash = name.rfind('-');
  if (!name.starts_with(prefix) || dash < prefix.size()) return std::nullopt;
  const auto run = parse_number<int>(std::string_view(name).substr(prefix.size(), dash - prefix.size()));
  const auto rank = parse_number<int>(std::string_view(name).substr(dash + 1));
  if (!run || !rank) return std::nullopt;
  return JournalFile{*run, *rank, path};
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

constexpr int outcome_fields = 6;

/// Where the record that begins `text` ends, its newline included; nothing if it is not complete.
std::optional<std::size_t> record_end(std::string_view text) {
  std::size_t end = 0;
  for (int field = 0; field < outcome_fields; ++field) {
    end = text.find('\0', end);
    if (end == std::string_view::npos) return std::nullopt;
    ++end;
  }
  if (end >= text.size() || text[end] != '\n') return std::nullopt;
  return end + 1;
}

}  // namespace

void add_outcome(FieldWriter& fields, const Outcome& outcome) {
  fields.add(outcome.file.path);
  fields.add(outcome.file.name);
  fields.add(std::to_string(outcome.file.bytes));
  fields.add(std::to_string(outcome.file.modified));
  fields.add(outcome.result);
  fields.add(outcome.error);
}

Outcome next_outcome(FieldReader& fields) {
  Outcome outcome;
  outcome.file.path = fields.next();
  outcome.file.name = fields.next();
  outcome.file.bytes = parse_number<std::int64_t>(fields.next()).value();
  outcome.file.modified = parse_number<std::int64_t>(fields.next()).value();
  outcome.result = fields.next();
  outcome.error = fields.next();
  return outcome;
}

Journal::Journal(const fs::path& folder, int run, int rank)
    : file_(File::create(folder / fmt::format("{}{}-{}", prefix, run, rank))) {}

void Journal::append(const Outcome& outcome) {
  FieldWriter record;
  add_outcome(record, outcome);
  const std::string text = record.text() + '\n';
  file_.write_at(size_, std::as_bytes(std::span(text)));
  size_ += std::ssize(text);
}

std::vector<Outcome> read_journals(const fs::path& folder) {
  std::vector<Outcome> outcomes;
  for (const JournalFile& journal : journals_in(folder)) {
    const std::string text = read_text_file(journal.path);
    std::string_view rest = text;
    while (const auto end = record_end(rest)) {
      FieldReader fields(rest.substr(0, *end));
      outcomes.push_back(next_outcome(fields));
      rest.remove_prefix(*end);
    }
  }
  return outcomes;
}

int next_run(const fs::path& folder) {
  const std::vector<JournalFile> journals = journals_in(folder);
  return journals.empty() ? 1 : journals.back().run + 1;
}

}  // namespace haloedge
