#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/error.hpp"

namespace haloedge {

void add_info_options(OptionGroup group, InfoCommand& command) {
  add_input_with_grid(group, command.input);
  group.flag("--devices", command.devices, "list the GPUs that this process may use");
  group.check([&command] {
    if (command.input.input.empty() && !command.devices) throw UsageError("INPUT or --devices is required");
  });
  group.footer("Example:\n  haloedge info world.tif");
}

}  // namespace haloedge
