#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haloedge {

/// The values of --backend, which computes the pixels. `automatic` takes a device if every rank has one and the image
/// is not small, and else the processor.
enum class BackendChoice : std::uint8_t { automatic, cpu, cuda, reference };
enum class ProgressMode : std::uint8_t { automatic, on, off };

/// The options of every command that runs a job.
struct CommonOptions {
  BackendChoice backend = BackendChoice::automatic;
  int threads = 0;          ///< 0: this rank's fair part of the node's processors
  std::int64_t memory = 0;  ///< bytes a rank; 0: this rank's part of half of what the node has
  std::string report;       ///< file names; empty: none
  std::string trace;
  ProgressMode progress = ProgressMode::automatic;
  bool quiet = false;
  bool verbose = false;
};

/// Whether a job replaces or resumes the output of an earlier one, and after what time it stops.
struct RestartOptions {
  bool overwrite = false;
  bool resume = false;
  std::chrono::seconds time_limit{0};  ///< 0: none
};

/// The words that a user may type for an option, with their meanings.
template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// "a|b|c": the words.
template <class Value>
std::string choice_names(const Choices<Value>& choices) {
  std::string names;
  for (const auto& choice : choices) names += (names.empty() ? "" : "|") + choice.first;
  return names;
}

/// The meaning of `word`; nothing if it is none of the words.
template <class Value>
std::optional<Value> find_choice(const Choices<Value>& choices, const std::string& word) {
  for (const auto& [name, meaning] : choices) {
    if (name == word) return meaning;
  }
  return std::nullopt;
}

/// The word that means `value`; empty if there is none.
template <class Value>
std::string choice_name(const Choices<Value>& choices, const Value& value) {
  for (const auto& [word, meaning] : choices) {
    if (meaning == value) return word;
  }
  return "";
}

}  // namespace haloedge
