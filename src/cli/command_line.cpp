#include "cli/command_line.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <hdf5.h>
#include <png.h>
#include <sqlite3.h>
#include <tiffio.h>

#include "comm/launcher.hpp"
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
  return fmt::format(
      "haloedge {}\n"
      "  MPI            {}\n"
      "  libtiff        {}\n"
      "  HDF5           {}.{}.{} (parallel)\n"
      "  libjpeg-turbo  {}\n"
      "  libpng         {}\n"
      "  ISA-L          {}\n"
      "  SQLite         {}\n"
      "  OpenMP         {}\n"
      "  CUDA           {}\n"
      "  compiler       {}",
      version_number(), mpi_library_version(), tiff_version(), H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE,
      jpeg_version(), PNG_LIBPNG_VER_STRING, isal_version(), sqlite3_libversion(), _OPENMP,
      cuda.empty() ? "not built in" : cuda, __VERSION__);
}

/// Returns the names of the commands: "edges, batch and plan".
std::string names(const CommandTable& table) {
  std::string text = table.front().name;
  for (std::size_t i = 1; i < table.size(); ++i) text += (i + 1 < table.size() ? ", " : " and ") + table[i].name;
  return text;
}

/// Returns CLI11's message for the error, or a more helpful one.
std::string explain(const CLI::ParseError& error, const CLI::App& app, const CommandTable& table, int argc,
                    const char* const* argv) {
  if (app.get_subcommands().empty()) {
    const std::string typed = argc < 2 ? "a command is missing" : std::string("'") + argv[1] + "' is no command";
    return typed + ": there are " + names(table);
  }
  std::string text = error.what();
  const bool stray_files =
      dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && text.find(" -") == std::string::npos;
  if (!stray_files) return text;
  // A command that reads standard input by default is a filter: the user may have typed the output after the input.
  const CLI::Option* input = app.get_subcommands().front()->get_option_no_throw("INPUT");
  const bool is_filter = input != nullptr && input->get_default_str() == "standard input";
  return text + (is_filter ? " (the output goes behind -o)" : " (a pattern of files must be quoted)");
}

Answer wrong_usage(const std::string& text) {
  return {static_cast<int>(ExitCode::usage), "haloedge: " + text + "\nRun with --help for more information.\n"};
}

}  // namespace

std::variant<Command, Answer> parse_command_line(int argc, const char* const* argv, const CommandTable& table) {
  CLI::App app("Finds edges in images too large, or too many, for one machine.", "haloedge");
  app.set_version_flag("--version", version_text(), "print the version and what it was built with");
  app.require_subcommand(1);
  app.get_formatter()->column_width(38);
  app.footer(
      "haloedge COMMAND --help tells a command's options. Start it alone, or on many ranks:\n"
      "  mpirun -n 4 haloedge edges world.tif -o edges.tif");
  for (const Command& command : table) {
    command.add_options(OptionGroup(*app.add_subcommand(command.name, command.help)));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // help or version
    std::ostringstream text;
    app.exit(asked, text, text);
    return Answer{0, text.str()};
  } catch (const CLI::ParseError& error) {
    return wrong_usage(explain(error, app, table, argc, argv));
  } catch (const UsageError& error) {
    return wrong_usage(error.what());
  }
  return *std::ranges::find_if(table, [&](const Command& command) { return app.got_subcommand(command.name); });
}

}  // namespace haloedge
