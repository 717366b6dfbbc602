#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/choices.hpp"

// CLI11 takes seconds to compile: two files of this folder include it, all others declare their options through this.
namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace haloedge {

/// An option that was declared, to be described further.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  /// What --help shows in place of the value.
  Option& placeholder(const std::string& name);
  /// What --help shows as the default.
  Option& shown_default(const std::string& text);
  Option& required();
  /// Refuses a text for which `is_right` does not hold: "--low: 'x' is not a number", where `complaint` is all after
  /// 'x'.
  Option& must(const std::function<bool(const std::string&)>& is_right, const std::string& complaint);
  Option& needs(const Option& other);
  Option& excludes(const Option& other);

 private:
  CLI::Option* option_;
};

/// Options under one heading of --help. The values are written while the command line is parsed, so they must live
/// until then. A name is "-o,--output", or "INPUT" for an argument without a name.
class OptionGroup {
 public:
  explicit OptionGroup(CLI::App& app) : app_(&app) {}

  /// Adds options under a heading of their own.
  OptionGroup group(const std::string& heading);

  Option flag(const std::string& name, bool& value, const std::string& help);
  Option text(const std::string& name, std::string& value, const std::string& help);
  Option texts(const std::string& name, std::vector<std::string>& values, const std::string& help);

  // Numbers. --help shows the value that they have now as the default.
  /// A whole number from `least` to `most`.
  Option number(const std::string& name, int& value, int least, int most, const std::string& help);
  Option number(const std::string& name, std::int64_t& value, const std::string& help);
  Option number(const std::string& name, double& value, const std::string& help);

  /// An option whose text `parse` turns into an optional value: nothing if the text is wrong, about which `complaint`
  /// says: "is not a size: write 512M or 2G".
  template <class Value, class Parse>
  Option parsed(const std::string& name, Value& value, Parse parse, const std::string& complaint,
                const std::string& help) {
    const auto take = [&value, parse](const std::string& text) {
      auto typed = parse(text);
      if (typed) value = *typed;
      return typed.has_value();
    };
    return add(name, take, complaint, help);
  }

  /// One of some words. --help shows the word for the value that it has now as the default.
  template <class Value>
  Option choice(const std::string& name, Value& value, const Choices<Value>& choices, const std::string& help) {
    return words(name, value, choices, help).shown_default(choice_name(choices, value));
  }
  template <class Value>
  Option choice(const std::string& name, std::optional<Value>& value, const Choices<Value>& choices,
                const std::string& help) {
    return words(name, value, choices, help);
  }

  /// Text below the options.
  void footer(const std::string& text);

  /// Adds a check of all options together, done when all are parsed. It throws UsageError.
  void check(const std::function<void()>& check);

 private:
  template <class Value, class Meaning>
  Option words(const std::string& name, Value& value, const Choices<Meaning>& choices, const std::string& help) {
    std::string all;
    for (const auto& choice : choices) all += (all.empty() ? "" : "|") + choice.first;
    const auto parse = [choices](const std::string& text) { return find_choice(choices, text); };
    return parsed(name, value, parse, "is none of " + all, help).placeholder(all);
  }
  Option add(const std::string& name, const std::function<bool(const std::string&)>& take, const std::string& complaint,
             const std::string& help);

  CLI::App* app_;
};

}  // namespace haloedge
