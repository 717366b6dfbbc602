#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/error.hpp"
#include "sets/options.hpp"

namespace haloedge {

void add_hash_options(OptionGroup group, HashCommand& command) {
  add_set_options(group, command.set);
  group.text("-o,--output", command.set.output, "the table: .csv, .sqlite or .h5").placeholder("FILE").required();
  group.flag("--incremental", command.incremental, "update an existing table: hash only new and changed files");
  add_report_option(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.check([&command] {
    if (command.incremental && command.set.restart.overwrite) {
      throw UsageError(
          "--incremental keeps the rows of an existing table, and --overwrite drops them: give only one of the two");
    }
  });
  group.footer("Example:\n  mpirun -n 4 haloedge hash photos -o hashes.csv");
}

}  // namespace haloedge
