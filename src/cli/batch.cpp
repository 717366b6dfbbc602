#include <regex>

#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/error.hpp"
#include "sets/options.hpp"

namespace haloedge {

namespace {

std::optional<SetPart> parse_part(const std::string& text) {
  static const std::regex form("([1-9][0-9]{0,5})/([1-9][0-9]{0,5})");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return std::nullopt;
  const SetPart part{.number = std::stoi(match[1]), .parts = std::stoi(match[2])};
  return part.number <= part.parts ? std::optional(part) : std::nullopt;
}

}  // namespace

void add_batch_options(OptionGroup group, BatchCommand& command) {
  add_set_options(group, command.set);
  group.text("-o,--output", command.set.output, "the folder for the edge maps, or one .h5 file")
      .placeholder("DIR")
      .required();
  group.choice(
      "--format", command.format,
      Choices<OutputFormat>{{"png", OutputFormat::png}, {"tiff", OutputFormat::tiff}, {"jpeg", OutputFormat::jpeg}},
      "the format of the edge maps in a folder");
  group
      .parsed("--part", command.part, parse_part, "is not a part: write I/N, with I from 1 to N, such as 3/8",
              "make only part I of N parts of the set. Other runs may make the other parts in the same folder at the "
              "same time")
      .placeholder("I/N");
  add_edge_options(group, command.edge);
  add_run_options(group, command.common);
  add_set_trace_option(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.check([group, &command] {
    const bool is_hdf5 = format_of_name(command.set.output) == OutputFormat::hdf5;
    if (is_hdf5 && group.given("--format")) {
      throw UsageError("--format does not apply here: an HDF5 file holds datasets, not files of another format");
    }
    if (is_hdf5 && group.given("--part")) {
      throw UsageError("--part needs a folder as output: several runs cannot write into one HDF5 file");
    }
    check_edge_options(group, command.edge, is_hdf5 ? OutputFormat::hdf5 : command.format);
  });
  group.footer("Example:\n  mpirun -n 4 haloedge batch photos -o edges --format png --operator canny");
}

}  // namespace haloedge
