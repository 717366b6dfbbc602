#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "core/choices.hpp"

namespace haloedge {

/// An option that takes one of some words; `value` holds the default, which --help shows beside them.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Value& value, const Choices<Value>& choices,
                        const std::string& help) {
  std::string words;
  for (const auto& choice : choices) words += (words.empty() ? "" : "|") + choice.first;
  const auto accept = [&value, choices, words, name](const std::string& typed) {
    for (const auto& [word, meaning] : choices) {
      if (word != typed) continue;
      value = meaning;
      return;
    }
    throw CLI::ValidationError(name, "'" + typed + "' is none of " + words);
  };
  return app.add_option_function<std::string>(name, accept, help)
      ->type_name(words)
      ->default_str(choice_name(choices, value));
}

}  // namespace haloedge
