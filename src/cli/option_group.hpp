#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "core/number_text.hpp"
#include "run/options.hpp"

// CLI11 takes seconds to compile. Only two files of this folder include it; the others declare options through this.
namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace haloedge {

/// Returns a word in small letters, and "tiff" and "jpeg" for "tif" and "jpg".
[[nodiscard]] std::string usual_word(std::string typed);

/// A declared option, with functions that describe it further.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  /// Sets the name of the value in --help.
  Option& placeholder(const std::string& name);
  /// Sets the default value that --help shows.
  Option& shown_default(const std::string& text);
  Option& required();
  /// Refuses each value for which `why` returns a reason; it returns an empty text for other values.
  Option& refuse(const std::function<std::string(const std::string&)>& why);
  Option& needs(const Option& other);
  Option& excludes(const Option& other);

 private:
  CLI::Option* option_;
};

/// The options of a command, or those under one heading of its --help. Each function declares an option by its name,
/// such as "-o,--output", or "INPUT" for a positional argument. Parsing the command line writes into the values, which
/// must live until then.
class OptionGroup {
 public:
  explicit OptionGroup(CLI::App& app) : app_(&app) {}

  /// Adds a heading.
  OptionGroup group(const std::string& heading);

  Option flag(const std::string& name, bool& value, const std::string& help);
  // Names of files and folders. Addresses such as s3://bucket/a.tif are refused.
  Option text(const std::string& name, std::string& value, const std::string& help);
  Option texts(const std::string& name, std::vector<std::string>& values, const std::string& help);

  // Numbers. --help shows their current values as defaults.
  /// A whole number from `least` to `most`.
  Option number(const std::string& name, int& value, int least, int most, const std::string& help);
  /// A number for which is_right(number) is true. For other numbers the message is that of parsed().
  template <class Number, class IsRight>
  Option number(const std::string& name, Number& value, IsRight is_right, const std::string& complaint,
                const std::string& help) {
    const auto parse = [is_right](const std::string& text) {
      const auto number = parse_number<Number>(text);
      return number && is_right(*number) ? number : std::nullopt;
    };
    return parsed(name, value, parse, complaint, help).shown_default(fmt::format("{}", value));
  }

  /// A value that `parse` reads from the text. `parse` returns an optional, which is empty if the text is wrong. The
  /// message then ends with the complaint: "--limit: 'x' is not a time".
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

  /// A choice of words, which are in small letters. --help shows the word for the current value as default; none for a
  /// value that is optional.
  template <class Value, class Meaning>
  Option choice(const std::string& name, Value& value, const Choices<Meaning>& choices, const std::string& help) {
    const std::string all = choice_names(choices);
    const auto parse = [choices](const std::string& text) { return find_choice(choices, usual_word(text)); };
    Option option = parsed(name, value, parse, "is not one of " + all, help).placeholder(all);
    if constexpr (std::is_same_v<Value, Meaning>) option.shown_default(choice_name(choices, value));
    return option;
  }

  /// Returns true if the option was typed, with its default value, too. False if there is no such option.
  [[nodiscard]] bool given(const std::string& name) const;

  /// Sets the text below the options in --help.
  void footer(const std::string& text);

  /// Sets a check of the options together, which is called after all are parsed and throws UsageError.
  void check(const std::function<void()>& check);

 private:
  Option add(const std::string& name, const std::function<bool(const std::string&)>& take, const std::string& complaint,
             const std::string& help);

  CLI::App* app_;
};

}  // namespace haloedge
