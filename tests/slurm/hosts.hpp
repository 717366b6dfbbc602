#pragma once

#include <string>

#include "cluster.hpp"

namespace haloedge {

/// Jobs on one image, on the hosts of a lab (lab.sh), which can reach each other by TCP only.
class Hosts : public Cluster {
 protected:
  /// Makes in.tif in the shared folder, and expected.tif from it on one host.
  void make_image(int width, int height, const std::string& options = "") const;

  struct Ranks {
    int nodes = 2;
    int ranks = 2;
    std::string options{};  ///< options of srun
  };
  /// Runs `haloedge edges in.tif -o OUTPUT` on ranks that srun starts.
  [[nodiscard]] RunResult edges(const Ranks& ranks, const std::string& output) const;
  [[nodiscard]] std::string command(const Ranks& ranks, const std::string& output) const;

  /// Returns the content of a file as a host sees it.
  [[nodiscard]] static std::string seen_by(const std::string& host, const std::string& file);
};

}  // namespace haloedge
