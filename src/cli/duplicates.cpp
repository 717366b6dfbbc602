#include "cli/command_line.hpp"
#include "measures/image_hash.hpp"
#include "sets/options.hpp"

namespace haloedge {

void add_duplicates_options(OptionGroup group, DuplicatesCommand& command) {
  group.text("TABLE", command.table, "a table that haloedge hash has written: .csv, .sqlite or .h5").required();
  group.number("--distance", command.distance, 0, max_distance,
               "the number of bits in which the hashes of near-duplicates may differ, 0 to 16");
  group.text("--query", command.query, "list the images near this one instead of groups").placeholder("IMAGE");
  group.choice("--format", command.format,
               Choices<ListFormat>{{"text", ListFormat::text}, {"csv", ListFormat::csv}, {"json", ListFormat::json}},
               "the format of the list");
  group.text("-o,--output", command.output, "the file for the list")
      .placeholder("FILE")
      .shown_default("standard output");
  group.text("--html", command.html, "also write a web page with small pictures of the images").placeholder("FILE");
  group.flag("--overwrite", command.overwrite, "replace the list and the page if they exist");
  group.footer(
      "Example, with the table of  haloedge hash photos -o hashes.csv:\n  haloedge duplicates hashes.csv --html "
      "duplicates.html");
}

}  // namespace haloedge
