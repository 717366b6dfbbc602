#include "run/stage_log.hpp"

namespace haloedge {

namespace {

thread_local StageLog::Lane* own_lane = nullptr;

}  // namespace

StageLog::Scope::Scope(Doing doing) : lane_(own_lane), doing_(doing) {
  if (lane_ != nullptr) begin_ = Clock::now();
}

StageLog::Scope::~Scope() {
  if (lane_ == nullptr) return;
  const Clock::time_point end = Clock::now();
  if (doing_ == Doing::work || end - begin_ >= shortest_wait) lane_->intervals.push_back({doing_, begin_, end});
}

void StageLog::take_lane(Lane* lane) { own_lane = lane; }

std::string_view interval_name(const StageLog::Lane& lane, Doing doing) {
  switch (doing) {
    case Doing::waiting_for_work:
      return "wait for work";
    case Doing::waiting_for_room:
      return "wait for room";
    case Doing::waiting_for_memory:
      return "wait for memory";
    case Doing::work:
      break;
  }
  return lane.stage;
}

}  // namespace haloedge
