#pragma once

#include <functional>
#include <string>

namespace haloedge {

/// Checks every 0.1 s whether is_so() is true. Returns false if it is not within `seconds`.
[[nodiscard]] bool soon(const std::function<bool()>& is_so, double seconds = 60);

/// The arguments of sbatch.
struct Submission {
  std::string script;         ///< its name in slurm/, or its whole path
  std::string arguments;      ///< arguments of the script, for the shell
  std::string options{};      ///< options of sbatch
  std::string environment{};  ///< "NAME=VALUE ..."
};

/// A job in the queue. The destructor cancels it.
class Job {
 public:
  /// Submits the job in `folder`, which also gets its logs. Throws if sbatch refuses it.
  Job(const Submission& submission, const std::string& folder);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job();

  [[nodiscard]] const std::string& id() const { return id_; }
  /// Returns a field of `scontrol show job`, for example "JobState", of the job or of a task of an array.
  [[nodiscard]] std::string field(const std::string& name, int task = -1) const;
  [[nodiscard]] bool is_over(int task = -1) const;
  /// Waits for the end. Returns the state and the exit code of the script, for example "COMPLETED 0".
  [[nodiscard]] std::string end(int task = -1, double seconds = 90) const;
  [[nodiscard]] bool was_restarted() const { return field("Restarts") != "0"; }
  [[nodiscard]] std::string log() const;

 private:
  std::string folder_;
  std::string id_;
};

}  // namespace haloedge
