#include "job.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "program.hpp"

namespace haloedge {

bool soon(const std::function<bool()>& is_so, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
}

Job::Job(const Submission& submission, const std::string& folder) : folder_(folder) {
  // TMPDIR is the tests' own folder, on the shared file system. It is unset, because jobs must find each node's own
  // folder.
  const RunResult result =
      run_shell("cd " + folder + " && env -u TMPDIR " + submission.environment + " sbatch --parsable --output=%j.log " +
                submission.options + " " + (std::filesystem::path(HALOEDGE_JOB_SCRIPTS) / submission.script).string() +
                " " + submission.arguments);
  if (result.exit_code != 0) throw std::runtime_error("sbatch does not take " + submission.script + ": " + result.err);
  id_ = result.out.substr(0, result.out.find_first_not_of("0123456789"));
}

Job::~Job() { (void)run_shell("scancel " + id_); }

std::string Job::field(const std::string& name, int task) const {
  const std::string which = task < 0 ? id_ : id_ + "_" + std::to_string(task);
  const std::string text = ' ' + run_shell("scontrol show job --oneliner " + which).out;
  const std::size_t begin = text.find(' ' + name + '=');
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + name.size() + 2;
  return text.substr(value, text.find(' ', value) - value);
}

bool Job::is_over(int task) const {
  const std::string state = field("JobState", task);
  return state != "PENDING" && state != "CONFIGURING" && state != "RUNNING" && state != "COMPLETING" &&
         state != "NODE_FAIL" && state != "REQUEUED";
}

std::string Job::end(int task, double seconds) const {
  if (!soon([&] { return is_over(task); }, seconds)) return "still " + field("JobState", task);
  const std::string code = field("ExitCode", task);
  return field("JobState", task) + ' ' + code.substr(0, code.find(':'));
}

std::string Job::log() const { return run_shell("cat " + folder_ + "/" + id_ + "*.log").out; }

}  // namespace haloedge
