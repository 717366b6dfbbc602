#include "stream/ordered_flow.hpp"

#include "core/crew.hpp"
#include "stream/hud.hpp"

namespace haloedge {

namespace {

/// Beside the slots that filters work on, one is being read, one is being written, and each of these threads has
/// another one to go on with.
constexpr std::int64_t spare_slots = 4;

std::int64_t slot_count(std::int64_t filters, const std::vector<int>& remote_filters) {
  std::int64_t count = filters + spare_slots;
  for (const int remote : remote_filters) count += RemoteFilter::most_under_way(remote);
  return count;
}

std::vector<std::unique_ptr<RemoteFilter>> make_remotes(const std::vector<int>& filters, Communicator& communicator) {
  std::vector<std::unique_ptr<RemoteFilter>> remotes;
  for (const int count : filters) {
    const int rank = static_cast<int>(remotes.size()) + 1;
    remotes.push_back(std::make_unique<RemoteFilter>(rank, count, communicator));
  }
  return remotes;
}

}  // namespace

OrderedFlow::OrderedFlow(StreamJob& job, const std::vector<int>& remote_filters, Communicator& communicator)
    : job_(job),
      communicator_(communicator),
      remotes_(make_remotes(remote_filters, communicator)),
      ring_(make_slots<FrameWork>(slot_count(std::ssize(job.filters), remote_filters), job.reader.header().format,
                                  job.painted.format)),
      throttle_(job.most_filtered_a_second, [&stop = job.stop] { return stop.input_should_end(); }) {}

std::int64_t OrderedFlow::memory_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters,
                                       const std::vector<int>& remote_filters) {
  return slot_count(filters, remote_filters) * (frame.frame_bytes() + frame.luma_bytes() + painted.frame_bytes());
}

void OrderedFlow::run() {
  Crew crew([this](const std::exception_ptr& error) {
    end();
    for (const auto& remote : remotes_) remote->abandon();
    communicator_.fail_from_thread(error);
  });
  crew.start([this] { read(); });
  for (const auto& filter : job_.filters) {
    crew.start([this, &filter] { this->filter(*filter); });
  }
  for (const auto& remote : remotes_) {
    crew.start([this, &remote] { feed(*remote); });
    crew.start([this, &remote] { collect(*remote); });
  }
  crew.run([this] { write(); });
  end();
  crew.join();
}

void OrderedFlow::read() {
  while (FrameWork* const work = ring_.begin_fill()) {
    if (!job_.reader.read(work->frame)) break;
    job_.stats.add_read(work->frame.arrived);
    ring_.end_fill();
  }
  ring_.close();
}

void OrderedFlow::filter(FrameFilter& filter) {
  while (throttle_.wait_for_turn()) {
    FrameWork* const work = ring_.begin_work();
    if (work == nullptr) return;
    const StreamClock::time_point begin = StreamClock::now();
    filter.filter(work->frame.pixels.data(), work->edges.data());
    job_.stats.add_filtered(begin, StreamClock::now());
    finish(*work);
  }
}

void OrderedFlow::feed(RemoteFilter& remote) {
  while (throttle_.wait_for_turn()) {
    FrameWork* const work = ring_.begin_work();
    if (work == nullptr || !remote.send(*work)) break;
  }
  remote.send_end();
}

void OrderedFlow::collect(RemoteFilter& remote) {
  while (FrameWork* const work = remote.receive()) {
    job_.stats.add_filtered_elsewhere();
    finish(*work);
  }
}

void OrderedFlow::finish(FrameWork& work) {
  job_.painter.paint(work.frame.pixels.data(), work.edges.data(), work.painted.data());
  ring_.end_work(&work);
}

void OrderedFlow::write() {
  constexpr std::int64_t age = 0;
  if (!job_.writer.write_header(job_.painted)) return;
  while (FrameWork* const work = ring_.begin_take()) {
    if (job_.hud) draw_rates(job_.painted, job_.stats, age, work->painted.data());
    if (!job_.writer.write_frame(work->frame.parameters, work->painted.span())) return;
    job_.stats.add_written(work->frame.arrived, age);
    ring_.end_take();
  }
}

void OrderedFlow::end() {
  job_.stop.end_streams();
  throttle_.end();
  ring_.abandon();
}

}  // namespace haloedge
