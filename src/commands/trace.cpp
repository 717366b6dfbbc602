#include "commands/trace.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/system.hpp"

namespace haloedge {

void write_trace(const Profile& profile, const std::string& path, Communicator& communicator) {
  std::string events =
      fmt::format(R"({{"name":"process_name","ph":"M","pid":{0},"args":{{"name":"rank {0} on {1}"}}}})",
                  communicator.rank(), host_name());
  for (const Profile::Interval& interval : profile.intervals()) {
    fmt::format_to(std::back_inserter(events),
                   R"(,{}{{"name":"{}","ph":"X","pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f}}})", '\n',
                   phase_name(interval.phase), communicator.rank(), interval.thread, interval.begin * 1e6,
                   (interval.end - interval.begin) * 1e6);
  }
  const std::vector<std::string> all = communicator.gather(events);
  if (communicator.rank() != 0) return;
  std::ofstream file(path);
  file << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  for (std::size_t rank = 0; rank < all.size(); ++rank) file << (rank == 0 ? "" : ",\n") << all[rank];
  file << "\n]}\n";
  file.close();
  if (!file) throw Error(fmt::format("--trace {}: cannot be written; the output itself is complete", path));
}

}  // namespace haloedge
