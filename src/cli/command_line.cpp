#include "cli/command_line.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <hdf5.h>
#include <png.h>
#include <pugixml.hpp>
#include <sqlite3.h>
#include <tiffio.h>

#include "cli/advice.hpp"
#include "comm/launcher.hpp"
#include "formats/optional_readers.hpp"
#include "formats/row_reader.hpp"
#include "formats/zlib_stream.hpp"
#include "kernels/device_filter.hpp"
#include "run/report.hpp"

namespace haloedge {

namespace {

/// Extracts "4.5.0" from the banner of libtiff, "LIBTIFF, Version 4.5.0\nCopyright ...".
std::string tiff_version() {
  const std::string_view banner = TIFFGetVersion();
  const auto begin = banner.find_first_of("0123456789");
  return std::string(banner.substr(begin, banner.find('\n') - begin));
}

/// The versions of haloedge, its libraries and the compiler.
std::string version_text() {
  const std::string cuda = kernels::device_build();
  std::string optional;
  for (const OptionalReader& reader : {webp_reader(), gif_reader(), jpeg2000_reader(), heif_reader()}) {
    optional += fmt::format("  {:<13}  {}\n", reader.library, reader.version.empty() ? "not built in" : reader.version);
  }
  return fmt::format(
      "haloedge {}\n"
      "  MPI            {}\n"
      "  libtiff        {}\n"
      "  HDF5           {}.{}.{} (parallel)\n"
      "  libjpeg-turbo  {}\n"
      "  libpng         {}\n"
      "{}"
      "  ISA-L          {}\n"
      "  pugixml        {}.{}\n"
      "  SQLite         {}\n"
      "  OpenMP         {}\n"
      "  CUDA           {}\n"
      "  compiler       {}",
      version_number(), mpi_library_version(), tiff_version(), H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE,
      jpeg_version(), PNG_LIBPNG_VER_STRING, optional, isal_version(), PUGIXML_VERSION / 1000,
      PUGIXML_VERSION % 1000 / 10, sqlite3_libversion(), _OPENMP, cuda.empty() ? "not built in" : cuda, __VERSION__);
}

/// Lays out --help: the names of each option, and its description in lines of at most 80 columns beside or below them.
class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    const bool is_program = app->get_parent() == nullptr;
    std::string words = is_program ? " COMMAND" : "";
    std::string arguments;
    std::string options;
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_positional()) words += argument_in_usage(*option);
      (option->get_positional() ? arguments : options) += entry(*option);
    }
    std::string groups;
    std::string commands;
    for (const CLI::App* part : app->get_subcommands({})) {
      if (!part->get_name().empty()) {
        commands += entry(part->get_name(), part->get_description());
        continue;
      }
      std::string group;
      for (const CLI::Option* option : part->get_options()) {
        if (option != part->get_help_ptr()) group += entry(*option);
      }
      groups += section(part->get_group(), group);
    }
    return fmt::format("{}\n\nUsage: {} [OPTIONS]{}\n{}{}{}{}\n{}\n",
                       is_program ? app->get_description() : fmt::format("{} {}.", name, app->get_description()), name,
                       words, section("Arguments", arguments), section("Options", options), groups,
                       section("Commands", commands), app->get_footer());
  }

 private:
  static std::string names(const CLI::Option& option) {
    std::string text = option.get_snames().empty() ? "" : fmt::format("-{}, ", option.get_snames().front());
    return text + "--" + option.get_lnames().front();
  }

  static std::string section(const std::string& heading, const std::string& entries) {
    return entries.empty() ? "" : fmt::format("\n{}:\n{}", heading, entries);
  }

  static std::string argument_in_usage(const CLI::Option& option) {
    const std::string name = option.get_name(true) + (option.get_expected_max() > 1 ? "..." : "");
    return option.get_required() ? ' ' + name : fmt::format(" [{}]", name);
  }

  static std::string entry(const CLI::Option& option) {
    const bool is_positional = option.get_positional();
    const bool takes_value = option.get_type_size() != 0;
    std::string name = is_positional ? option.get_name(true) : names(option);
    if (takes_value && !is_positional) name += ' ' + option.get_type_name();
    if (is_positional && option.get_expected_max() > 1) name += "...";
    std::string text = option.get_description();
    if (takes_value && option.get_required()) text += " (required)";
    if (takes_value && !option.get_default_str().empty()) text += fmt::format(" [{}]", option.get_default_str());
    return entry(name, text);
  }

  static std::string entry(const std::string& name, const std::string& description) {
    constexpr std::size_t indent = 24;
    constexpr std::size_t width = 80;
    const std::string margin(indent, ' ');
    std::string text = "  " + name;
    if (text.size() + 2 > indent) text += '\n' + margin;
    text.resize(std::max(text.size(), indent), ' ');
    std::size_t column = indent;
    std::istringstream words(description);
    for (std::string word; words >> word; column += word.size()) {
      if (column > indent && column + 1 + word.size() > width) {
        text += '\n' + margin;
        column = indent;
      } else if (column > indent) {
        text += ' ';
        ++column;
      }
      text += word;
    }
    return text + '\n';
  }
};

/// Adds the names of the options, "--operator" and "-o", in the order of --help, those under headings included.
void add_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  for (const CLI::App* part : app.get_subcommands({})) {
    if (part->get_name().empty()) add_names(*part, names);
  }
}

OptionNames option_names(const CLI::App& app) {
  OptionNames names;
  for (const CLI::App* command : app.get_subcommands({})) {
    add_names(*command, names.emplace_back(command->get_name(), std::vector<std::string>()).second);
  }
  return names;
}

/// Finds an option that was typed with one dash, "-output=x.tif". CLI11 would read it as "-o utput=x.tif". -ot and -of
/// are options of GDAL.
std::optional<std::string> one_dash_option(const CLI::App& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    const bool has_one_dash = word.size() > 2 && word[0] == '-' && word[1] != '-';
    if (word == "-ot" || word == "-of") return word;
    if (has_one_dash && command.get_option_no_throw('-' + word.substr(0, word.find('='))) != nullptr) return word;
  }
  return std::nullopt;
}

/// A complaint about a command line.
struct Complaint {
  std::string text;
  bool is_about_a_value = false;  ///< the value of an option or argument
};

/// Returns the complaint of CLI11, in haloedge's words where those of CLI11 are hard to understand.
Complaint complaint_of(const CLI::ParseError& error, const CLI::App& app) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return {text, true};
  constexpr std::string_view excludes = " excludes ";
  if (const std::size_t place = text.find(excludes); dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    return {fmt::format("give {} or {}, not both", text.substr(0, place), text.substr(place + excludes.size()))};
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr || app.get_subcommands().empty()) return {text};
  const std::string name = text.substr(0, text.find_first_of(": "));
  if (!name.starts_with('-')) return {fmt::format("--{} takes no value", name)};  // only flags are named like this
  const CLI::Option* option = app.get_subcommands().front()->get_option_no_throw(name);
  if (option == nullptr) return {text};
  if (option->count() > 1) return {fmt::format("{} is given twice", name)};
  return {fmt::format("{0} needs a value: {0} {1}", name, option->get_type_name())};
}

/// Returns what is wrong with the command line, which may be a more helpful text than that of the complaint.
std::string explain(const Complaint& complaint, const CLI::App& app, const std::vector<std::string>& words) {
  const OptionNames commands = option_names(app);
  if (app.get_subcommands().empty()) return answer_to_unknown_command({.words = words}, commands);
  const CLI::App& command = *app.get_subcommands().front();
  const CLI::Option* output = command.get_option_no_throw("--output");
  const TypedLine line{command.get_name(), words, output == nullptr || output->count() > 0};
  if (const auto word = one_dash_option(command, words)) return answer_to_unknown_option(line, *word, commands);
  const std::vector<std::string> stray = app.remaining(true);
  const auto option = std::ranges::find_if(stray, [](const std::string& word) { return word.starts_with('-'); });
  if (option != stray.end()) return answer_to_unknown_option(line, *option, commands);
  if (stray.empty()) return complaint.text;
  return answer_to_stray_words(line, stray, complaint.is_about_a_value ? complaint.text : "", commands);
}

/// Returns the words that were typed. `help COMMAND` and `version`, which users know from other programs, become
/// options.
std::vector<std::string> typed_words(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return words;
  if (words.front() == "version") words.front() = "--version";
  if (words.front() == "help") {
    words.emplace_back("--help");
    words.erase(words.begin());
  }
  return words;
}

Answer wrong_usage(const std::string& text, const CLI::App& app) {
  std::string name = "haloedge";
  for (const CLI::App* command : app.get_subcommands()) name += ' ' + command->get_name();
  return {static_cast<int>(ExitCode::usage), fmt::format("{0}: {1}\nSee {0} --help for more.\n", name, text)};
}

}  // namespace

std::variant<Command, Answer> parse_command_line(int argc, const char* const* argv, const CommandTable& table) {
  CLI::App app("haloedge finds edges in images too large, or too many, for one machine.", "haloedge");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("-V,--version", version_text(),
                       "print the version, and the libraries that haloedge was built with");
  app.require_subcommand(1);
  app.footer(
      "haloedge COMMAND --help lists the options of a command, with an example. haloedge runs as one process, or on "
      "many ranks:\n"
      "  mpirun -n 4 haloedge edges world.tif -o edges.tif");
  const std::vector<std::string> words = typed_words(argc, argv);
  for (const Command& command : table) {
    CLI::App* const part = app.add_subcommand(command.name, command.help);
    command.add_options(OptionGroup(*part));
    part->preparse_callback([part, &words](std::size_t) {
      if (one_dash_option(*part, words)) throw UsageError("");  // explain() finds the text for it
    });
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 expects the last word first
  } catch (const CLI::Success& asked) {                                 // help or version
    const bool is_unknown = app.get_subcommands().empty() && !words.front().starts_with('-');  // help for no command
    if (is_unknown) return wrong_usage(explain({}, app, words), app);
    std::ostringstream text;
    app.exit(asked, text, text);
    return Answer{0, text.str()};
  } catch (const CLI::ParseError& error) {
    return wrong_usage(explain(complaint_of(error, app), app, words), app);
  } catch (const UsageError& error) {
    return wrong_usage(explain({error.what()}, app, words), app);
  }
  return *std::ranges::find_if(table, [&](const Command& command) { return app.got_subcommand(command.name); });
}

}  // namespace haloedge
