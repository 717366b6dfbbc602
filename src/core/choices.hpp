#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haloedge {

/// The words that a user may type for an option, with their meanings.
template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

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
