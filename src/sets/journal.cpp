#include "sets/journal.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/file.hpp"
#include "run/run_folder.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Returns the size of the record at the beginning of `text`, with its newline; nothing if the record is not complete.
std::optional<std::size_t> record_end(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t field = 0; field < outcome_fields().columns().size(); ++field) {
    end = text.find('\0', end);
    if (end == std::string_view::npos) return std::nullopt;
    ++end;
  }
  if (end >= text.size() || text[end] != '\n') return std::nullopt;
  return end + 1;
}

}  // namespace

const Schema<Outcome>& outcome_fields() {
  static const Schema<Outcome> fields(
      {column("path", &Outcome::file, &ImageFile::path), column("name", &Outcome::file, &ImageFile::name),
       column("bytes", &Outcome::file, &ImageFile::bytes), column("modified", &Outcome::file, &ImageFile::modified),
       column("result", &Outcome::result),  //
       column("error", &Outcome::error)});
  return fields;
}

Journal::Journal(const fs::path& folder, int run, int rank) : file_(File::create(journal_path(folder, run, rank))) {}

void Journal::append(const Outcome& outcome) {
  FieldWriter record;
  add_row(record, outcome_fields(), outcome);
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
      outcomes.push_back(next_row(fields, outcome_fields()));
      rest.remove_prefix(*end);
    }
  }
  return outcomes;
}

std::vector<Outcome> last_outcomes(const fs::path& folder) {
  // The path of the image that has made each output last, by the name of the output. An output may have replaced the
  // output of another image that had the same name.
  std::unordered_map<std::string, std::string> last_path_of;
  std::vector<Outcome> last;
  std::unordered_map<std::string, std::size_t> place;
  for (Outcome& outcome : read_journals(folder)) {
    if (!outcome.file.name.empty() && outcome.error.empty()) last_path_of[outcome.file.name] = outcome.file.path;
    const auto [entry, is_new] = place.try_emplace(outcome.file.path, last.size());
    if (is_new) last.emplace_back();
    last[entry->second] = std::move(outcome);
  }
  std::erase_if(last, [&](const Outcome& outcome) {
    const auto owner = last_path_of.find(outcome.file.name);
    return owner != last_path_of.end() && owner->second != outcome.file.path;
  });
  return last;
}

}  // namespace haloedge
