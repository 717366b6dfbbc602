#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "measures/image_hash.hpp"
#include "sets/options.hpp"
#include "sink/output.hpp"

namespace haloedge {

namespace {

/// Throws UsageError if the name of the list promises another format than that of the list.
void check_list_name(const DuplicatesCommand& command) {
  const std::string ending = name_ending(command.output);
  const auto refuse = [&](const std::string& advice) {
    throw UsageError(
        fmt::format("-o {}: the list would not be what the ending of this name says: {}", command.output, advice));
  };
  if (ending == ".csv" && command.format != ListFormat::csv) refuse("add --format csv");
  if (ending == ".json" && command.format != ListFormat::json) refuse("add --format json");
  if (ending == ".html" || ending == ".htm") refuse("--html FILE writes a web page");
  if (ending == ".sqlite" || ending == ".db" || format_of_name(command.output)) {
    refuse("duplicates writes text, CSV or JSON");
  }
}

}  // namespace

void add_duplicates_options(OptionGroup group, DuplicatesCommand& command) {
  group.text("TABLE", command.table, "a table that haloedge hash has written: .csv, .sqlite or .h5").required();
  group.number("--distance", command.distance, 0, max_distance,
               "the number of bits in which the hashes of near-duplicates may differ, 0 to 16");
  group.flag(
      "--flat", command.flat,
      "compare flat images, too: nothing in them changes from left to right, so that their hashes are 0 whatever "
      "they show");
  group.text("--query", command.query, "list the images near this one instead of groups").placeholder("IMAGE");
  group.choice("--format", command.format,
               Choices<ListFormat>{{"text", ListFormat::text}, {"csv", ListFormat::csv}, {"json", ListFormat::json}},
               "the format of the list");
  group.text("-o,--output", command.output, "the file for the list")
      .placeholder("FILE")
      .shown_default("standard output");
  group.text("--html", command.html, "also write a web page with small pictures of the images").placeholder("FILE");
  group.flag("--overwrite", command.overwrite, "replace the list and the page if they exist");
  group.check([&command] { check_list_name(command); });
  group.footer(
      "Example, with the table of  haloedge hash photos -o hashes.csv:\n  haloedge duplicates hashes.csv --html "
      "duplicates.html");
}

}  // namespace haloedge
