#include "cli/command_line.hpp"
#include "measures/image_hash.hpp"
#include "sets/options.hpp"

namespace haloedge {

void add_duplicates_options(OptionGroup group, DuplicatesCommand& command) {
  group.text("TABLE", command.table, "a table that hash has written: .csv, .sqlite or .h5").required();
  group.number("--distance", command.distance, 0, max_distance,
               "bits in which hashes of near-duplicates may differ; 0: the same hash");
  group.text("--query", command.query, "list what is near this image instead of groups").placeholder("IMAGE");
  group.choice("--format", command.format,
               Choices<ListFormat>{{"text", ListFormat::text}, {"csv", ListFormat::csv}, {"json", ListFormat::json}},
               "of the list");
  group.text("-o,--output", command.output, "where the list goes").placeholder("FILE").shown_default("standard output");
  group.text("--html", command.html, "also write a web page with small pictures of the images").placeholder("FILE");
  group.flag("--overwrite", command.overwrite, "replace a list and a page that are there");
  group.footer(
      "Example, with the table of  haloedge hash photos -o hashes.csv:\n  haloedge duplicates hashes.csv --html "
      "duplicates.html");
}

}  // namespace haloedge
