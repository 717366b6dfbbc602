#include "sets/journal.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/number_text.hpp"
#include "core/whole_file.hpp"
#include "run/journal_files.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

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

Journal::Journal(const fs::path& folder, int run, int rank) : file_(File::create(journal_path(folder, run, rank))) {}

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

std::vector<Outcome> last_outcomes(const fs::path& folder) {
  std::unordered_map<std::string, std::string> last_path_of;  // names of outputs: other inputs may have replaced one
  std::vector<Outcome> last;
  std::unordered_map<std::string, std::size_t> place;
  for (Outcome& outcome : read_journals(folder)) {
    if (!outcome.file.name.empty() && outcome.error.empty()) last_path_of[outcome.file.name] = outcome.file.path;
    const auto [entry, is_new] = place.try_emplace(outcome.file.path, last.size());
    if (is_new) {
      last.push_back(std::move(outcome));
    } else {
      last[entry->second] = std::move(outcome);
    }
  }
  std::erase_if(last, [&](const Outcome& outcome) {
    const auto owner = last_path_of.find(outcome.file.name);
    return owner != last_path_of.end() && owner->second != outcome.file.path;
  });
  return last;
}

}  // namespace haloedge
