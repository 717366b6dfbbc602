#pragma once

#include <string>
#include <vector>

#include "run/options.hpp"

namespace haloedge {

/// An output of a command, as the user named it.
struct NamedOutput {
  std::string option;  ///< the option that names it: "-o"
  std::string path;    ///< empty if the option is not given
};

/// Checks the files that the user named, so that a command never replaces what it reads, or one output by another. The
/// outputs are `outputs`, and the report and the trace that `options` name. Throws UsageError if one of them is an
/// input, or if two options name the same file; Error as check_report_file(). Folders and devices may be named more
/// than once, and empty paths do not count. For rank 0, before any work.
void check_named_files(const std::vector<std::string>& inputs, std::vector<NamedOutput> outputs,
                       const CommonOptions& options);

/// Throws Error, which names `option`, unless a report or a trace may be written to the file `path`: it must be
/// possible to write there, and a file that exists must be empty or look like an earlier report, which begins with { or
/// [. To be called before any work and again before the file is written, because the command may have made a file with
/// this name. Does nothing if `path` is empty.
void check_report_file(const std::string& option, const std::string& path);

}  // namespace haloedge
