#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haloedge {

/// The words that a user may type for an option, each with what it stands for.
template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// The value that `word` stands for; nothing if it is none of the words.
template <class Value>
std::optional<Value> find_choice(const Choices<Value>& choices, const std::string& word) {
  for (const auto& [name, meaning] : choices) {
    if (name == word) return meaning;
  }
  return std::nullopt;
}

/// The word for `value`; empty if there is none.
template <class Value>
std::string choice_name(const Choices<Value>& choices, const Value& value) {
  for (const auto& [word, meaning] : choices) {
    if (meaning == value) return word;
  }
  return "";
}

}  // namespace haloedge
