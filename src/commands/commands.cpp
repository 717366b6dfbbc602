#include "commands/commands.hpp"

#include "cli/command_line.hpp"
#include "edges/options.hpp"
#include "plan/planned_job.hpp"
#include "sets/options.hpp"
#include "source/splitter.hpp"
#include "stream/options.hpp"

namespace haloedge {

CommandTable all_commands() {
  return {
      command("edges", "edge map of one image", add_edges_options, run_edges),
      command("batch", "edge map of every image of a set", add_batch_options, run_batch),
      command("hash", "dHash of every image of a set, in one table", add_hash_options, run_hash),
      command("duplicates", "groups of near-duplicate images in a table of `hash`", add_duplicates_options,
              run_duplicates),
      command("score", "how crowded every image of a set is, in one SQLite database", add_score_options, run_score),
      command("split", "cut one image into tile files, dropping nothing", add_split_options, run_split),
      command("stream", "edges of live video, which is never slowed by them", add_stream_options, run_stream),
      command("info", "what an image file is, and how it would be read", add_info_options, run_info),
      command("plan", "what `edges` would do on a number of ranks, without doing it", add_plan_options, run_plan),
  };
}

}  // namespace haloedge
