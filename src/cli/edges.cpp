#include "cli/advice.hpp"
#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "edges/options.hpp"
#include "sink/output.hpp"

namespace haloedge {

void add_edges_options(OptionGroup group, EdgesCommand& command) {
  add_input_with_grid(group, command.input).required();
  group
      .text("-o,--output", command.output,
            "the edge map: .tif, .png, .jpg, or file.h5:/dataset, which is added to the file if that exists")
      .placeholder("OUTPUT")
      .required();
  add_edge_options(group, command.edge);
  add_write_option(group, command.write);
  add_restart_options(group, command.restart);
  add_run_options(group, command.common);
  group.text("--trace", command.common.trace, "write a Chrome trace: what each thread of each rank did")
      .refuse(why_a_folder)
      .placeholder("FILE");
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.check([group, &command] { check_edge_options(group, command.edge, parse_output(command.output).format); });
  group.footer("Example:\n  mpirun -n 4 haloedge edges world.tif -o edges.tif --compression deflate");
}

}  // namespace haloedge
