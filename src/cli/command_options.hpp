#pragma once

#include "cli/option_group.hpp"
#include "source/open_source.hpp"

namespace haloedge {

struct BatchCommand;
struct DuplicatesCommand;
struct EdgesCommand;
struct HashCommand;
struct PlanCommand;
struct ScoreCommand;
struct SplitCommand;
struct StreamCommand;

/// The options of `info`.
struct InfoCommand {
  InputSpec input;
  bool devices = false;  ///< list the devices; the input may then be empty
};

// Each function declares the options of one command, and a check of those that do not go together.
void add_batch_options(OptionGroup group, BatchCommand& command);
void add_duplicates_options(OptionGroup group, DuplicatesCommand& command);
void add_edges_options(OptionGroup group, EdgesCommand& command);
void add_hash_options(OptionGroup group, HashCommand& command);
void add_info_options(OptionGroup group, InfoCommand& command);
void add_plan_options(OptionGroup group, PlanCommand& command);
void add_score_options(OptionGroup group, ScoreCommand& command);
void add_split_options(OptionGroup group, SplitCommand& command);
void add_stream_options(OptionGroup group, StreamCommand& command);

}  // namespace haloedge
