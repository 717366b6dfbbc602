#pragma once

#include <functional>
#include <string>

namespace haloedge {

/// Looks every 0.1 s whether it is so; false if it is not in time.
[[nodiscard]] bool soon(const std::function<bool()>& is_so, double seconds = 60);

/// What is handed to sbatch.
struct Submission {
  std::string script;         ///< its name in slurm/
  std::string arguments;      ///< of the script, for the shell
  std::string options{};      ///< of sbatch
  std::string environment{};  ///< "NAME=VALUE ..."
};

/// A job in the queue. Cancelled when this goes.
class Job {
 public:
  /// Submits it, from and with logs in `folder`. Throws if it is not taken.
  Job(const Submission& submission, const std::string& folder);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job();

  [[nodiscard]] const std::string& id() const { return id_; }
  /// "JobState" and the like, as `scontrol show job` has it, of the job or of a task of an array.
  [[nodiscard]] std::string field(const std::string& name, int task = -1) const;
  [[nodiscard]] bool is_over(int task = -1) const;
  /// Waits for its end. "COMPLETED 0": its state, and the exit code of its script.
  [[nodiscard]] std::string end(int task = -1, double seconds = 90) const;
  [[nodiscard]] bool was_restarted() const { return field("Restarts") != "0"; }
  [[nodiscard]] std::string log() const;

 private:
  std::string folder_;
  std::string id_;
};

}  // namespace haloedge
