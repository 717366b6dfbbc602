#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/error.hpp"

namespace haloedge {

void add_info_options(OptionGroup group, InfoCommand& command) {
  add_input_with_grid(group, command.input);
  group.flag("--devices", command.devices, "list the GPUs that this process may use");
  group.check([&command] {
    if (command.input.input.empty() && !command.devices) throw UsageError("info: INPUT or --devices is required");
  });
}

}  // namespace haloedge
