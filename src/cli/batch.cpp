#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "sets/options.hpp"

namespace haloedge {

void add_batch_options(OptionGroup group, BatchCommand& command) {
  add_set_options(group, command.set);
  group.text("-o,--output", command.set.output, "folder for the edge maps, a file an image")
      .placeholder("DIR")
      .required();
  group.choice(
      "--format", command.format,
      Choices<OutputFormat>{{"png", OutputFormat::png}, {"tiff", OutputFormat::tiff}, {"jpeg", OutputFormat::jpeg}},
      "of the edge maps");
  add_edge_options(group, command.edge);
  add_run_options(group, command.common);
  add_set_trace_option(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.check([&command] { check_edge_options(command.edge); });
}

}  // namespace haloedge
