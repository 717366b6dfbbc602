#include "hosts.hpp"

#include <fmt/format.h>
#include <tiff.h>

#include "pictures.hpp"

namespace haloedge {

void Hosts::make_image(int width, int height, const std::string& options) const {
  write_tiff(make_picture(width, height, 3), shared("in.tif"), TiffForm::tiles, COMPRESSION_NONE);
  must(fmt::format("{} edges in.tif -o expected.tif -q {}", haloedge_program().string(), options));
}

std::string Hosts::command(const Ranks& ranks, const std::string& output) const {
  // The options are those of slurm/common.sh, which explains them.
  return fmt::format(
      "env SLURM_PMIX_FENCE=ring srun --mpi=pmix --kill-on-bad-exit=0 --overcommit --nodes={} --ntasks={} {} {} edges "
      "{} "
      "-o {}",
      ranks.nodes, ranks.ranks, ranks.options, haloedge_program().string(), shared("in.tif"), output);
}

RunResult Hosts::edges(const Ranks& ranks, const std::string& output) const {
  return run_shell(command(ranks, output));
}

std::string Hosts::seen_by(const std::string& host, const std::string& file) {
  return lab(fmt::format("on {} cat {}", host, file)).out;
}

}  // namespace haloedge
