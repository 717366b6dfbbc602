#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haloedge {

// Answers to command lines that are wrong: what is wrong, and what the user may have meant. The functions only look at
// the text, and at which of the files that it names exist.

/// A command line, without the name of the program, and the command that it names.
struct TypedLine {
  std::string command;             ///< empty if it names none
  std::vector<std::string> words;  ///< all words, the command's name included
  bool has_output = false;         ///< -o is among them, or the command has no such option
};

/// The commands in order, each with the names of its options: "--operator", "-o".
using OptionNames = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// Returns those of `names` that `typed` is the beginning of, or else the name that is nearest to it by the number of
/// letters to change, insert, drop or swap. Empty if none is near.
[[nodiscard]] std::vector<std::string> similar_names(std::string_view typed, const std::vector<std::string>& names);

/// The first word is not a command.
[[nodiscard]] std::string answer_to_unknown_command(const TypedLine& line, const OptionNames& commands);

/// The line's command does not have the option `typed`, or the option is before the command.
[[nodiscard]] std::string answer_to_unknown_option(const TypedLine& line, const std::string& typed,
                                                   const OptionNames& commands);

/// The command does not take the words `stray`, none of which is an option. `wrong_value` says what is wrong with the
/// value of an option, which may be the reason for these words; empty if nothing is.
[[nodiscard]] std::string answer_to_stray_words(const TypedLine& line, const std::vector<std::string>& stray,
                                                const std::string& wrong_value, const OptionNames& commands);

/// Returns why a name is not that of a file or folder: it is empty, or an address such as s3://bucket/a.tif, or an
/// option with a long dash, as web pages show it. Returns an empty text for other names.
[[nodiscard]] std::string why_not_a_file(const std::string& name);

/// Returns the complaint about the name of a file if there is a folder with this name; else an empty text.
[[nodiscard]] std::string why_a_folder(const std::string& name);

}  // namespace haloedge
