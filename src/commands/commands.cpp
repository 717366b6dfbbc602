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
      command("edges", "makes the edge map of one image", add_edges_options, run_edges),
      command("batch", "makes the edge map of every image of a set", add_batch_options, run_batch),
      command("hash", "writes the dHash of every image of a set into one table", add_hash_options, run_hash),
      command("duplicates", "finds groups of near-duplicate images in a table that hash has written",
              add_duplicates_options, run_duplicates),
      command("score", "measures how crowded each image of a set is", add_score_options, run_score),
      command("split", "cuts one image into tile files", add_split_options, run_split),
      command("stream", "paints edges into live video without slowing it down", add_stream_options, run_stream),
      command("info", "shows what an image file is, and how it would be read", add_info_options, run_info),
      command("plan", "predicts the time and memory of edges on a number of ranks", add_plan_options, run_plan),
  };
}

}  // namespace haloedge
