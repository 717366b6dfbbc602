#include "core/profile.hpp"

#include <algorithm>
#include <utility>

namespace haloedge {

std::string_view phase_name(Phase phase) {
  constexpr std::array<std::string_view, phase_count> names{"decode", "gray",  "halo",   "filter",    "device",
                                                            "encode", "write", "gather", "hysteresis"};
  return names.at(static_cast<std::size_t>(phase));
}

Profile::Scope::Scope(Profile& profile, Phase phase)
    : profile_(profile),
      phase_(phase),
      outer_nested_(std::exchange(profile.lane().nested, 0.0)),
      begin_(Clock::now()) {}

Profile::Scope::~Scope() {
  const double begin = profile_.since_start(begin_);
  const double end = profile_.elapsed();
  Lane& lane = profile_.lane();
  lane.seconds.at(static_cast<std::size_t>(phase_)) += end - begin - lane.nested;
  lane.nested = outer_nested_ + end - begin;
  if (profile_.keep_intervals_) lane.intervals.push_back({phase_, lane.number, begin, end});
}

Profile::Lane& Profile::lane() {
  const std::lock_guard lock(lanes_guard_);
  const auto self = std::this_thread::get_id();
  const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) { return lane.owner == self; });
  if (found != lanes_.end()) return *found;
  return lanes_.emplace_back(Lane{.owner = self, .number = static_cast<int>(lanes_.size())});
}

std::array<double, phase_count> Profile::seconds() const {
  std::array<double, phase_count> total{};
  for (const Lane& lane : lanes_) {
    for (std::size_t i = 0; i < total.size(); ++i) total.at(i) += lane.seconds.at(i);
  }
  return total;
}

std::vector<Profile::Interval> Profile::intervals() const {
  std::vector<Interval> all;
  for (const Lane& lane : lanes_) all.insert(all.end(), lane.intervals.begin(), lane.intervals.end());
  return all;
}

}  // namespace haloedge
