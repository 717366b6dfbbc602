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
  std::string report;       ///< file name; empty: none
  std::string trace;        ///< file name; empty: none
  ProgressMode progress = ProgressMode::automatic;
  bool quiet = false;
  bool verbose = false;
};

/// The options that let a job replace or resume the output of an earlier one, and stop after some time.
struct RestartOptions {
  bool overwrite = false;
  bool resume = false;
  std::chrono::seconds time_limit{0};  ///< 0: none
};

/// The words that a user may type for an option, with their meanings.
template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// Returns the words, separated by bars: "a|b|c".
template <class Value>
std::string choice_names(const Choices<Value>& choices) {
  std::string names;
  for (const auto& choice : choices) names += (names.empty() ? "" : "|") + choice.first;
  return names;
}

/// Returns the meaning of `word`; nothing if it is not one of the words.
template <class Value>
std::optional<Value> find_choice(const Choices<Value>& choices, const std::string& word) {
  for (const auto& [name, meaning] : choices) {
    if (name == word) return meaning;
  }
  return std::nullopt;
}

/// Returns the word that means `value`; empty if there is none.
template <class Value>
std::string choice_name(const Choices<Value>& choices, const Value& value) {
  for (const auto& [word, meaning] : choices) {
    if (meaning == value) return word;
  }
  return "";
}

}  // namespace haloedge
