#include "stream/live_flow.hpp"

#include <cstring>
#include <optional>
#include <utility>

#include "core/system.hpp"
#include "stream/rates_text.hpp"

namespace haloedge {

namespace {

/// One is being read, one written; the others let an output that hesitates for a moment not be felt by the source.
constexpr std::int64_t frame_slots = 8;

// One for each filter at work, and: one that is being filled, one that is full.
constexpr std::int64_t spare_newest = 2;
// ... one that is shown, one that is for a later frame, one that is full.
constexpr std::int64_t spare_annotations = 3;

template <class Slot, class Make>
std::vector<Slot> make_slots(std::int64_t count, Make make) {
  std::vector<Slot> slots;
  slots.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) slots.push_back(make());
  return slots;
}

}  // namespace

LiveFlow::LiveFlow(StreamJob& job)
    : job_(job),
      frames_(make_slots<Frame>(frame_slots, [&] { return Frame(job.reader.header().format); })),
      newest_(make_slots<Plane>(std::ssize(job.filters) + spare_newest,
                                [&] { return Plane{.samples = Buffer(job.reader.header().format.luma_bytes())}; })),
      annotations_(
          make_slots<Plane>(std::ssize(job.filters) + spare_annotations,
                            [&] { return Plane{.samples = Buffer(job.reader.header().format.luma_bytes())}; })),
      throttle_(job.most_filtered_a_second, [&stop = job.stop] { return stop.input_should_end(); }),
      painted_(job.painter.format().frame_bytes()) {}

std::int64_t LiveFlow::memory_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters) {
  return frame_slots * frame.frame_bytes() + (2 * filters + spare_newest + spare_annotations) * frame.luma_bytes() +
         painted.frame_bytes();
}

void LiveFlow::run() {
  Crew crew([this](const std::exception_ptr&) { end(); });
  crew.start([this] { read(); });
  for (const auto& filter : job_.filters) {
    crew.start([this, &filter] { this->filter(*filter); });
  }
  crew.run([this] { write(); });
  end();
  crew.join();
}

void LiveFlow::read() {
  while (Frame* const frame = frames_.take_free()) {
    if (!job_.reader.read(*frame)) break;
    job_.log.add_read(frame->arrived);
    if (Plane* const luma = newest_.take_free_or_oldest()) {
      luma->number = frame->number;
      std::memcpy(luma->samples.data(), frame->pixels.data(), static_cast<std::size_t>(luma->samples.size()));
      newest_.give_full(luma);
    }
    frames_.give_full(frame);
  }
  frames_.close();
  newest_.abandon();  // nobody would see what is found in the last ones
}

void LiveFlow::filter(FrameFilter& filter) {
  yield_to_others();  // the source, the player, and the two threads that frames go through
  while (throttle_.wait_for_turn()) {
    Plane* const edges = annotations_.take_free();
    Plane* const luma = newest_.take_newest();
    if (edges == nullptr || luma == nullptr) return;
    const StreamClock::time_point begin = StreamClock::now();
    filter.filter(luma->samples.data(), edges->samples.data());
    job_.log.add_filtered(begin, StreamClock::now());
    edges->number = luma->number;
    newest_.give_free(luma);
    annotations_.give_full(edges);
  }
}

void LiveFlow::advance_annotation(std::int64_t frame) {
  for (;;) {
    if (next_ == nullptr) next_ = annotations_.try_take_full();
    if (next_ == nullptr || next_->number > frame) return;
    // With several filters, one may end before another that has an older frame.
    if (shown_ == nullptr || next_->number > shown_->number) std::swap(shown_, next_);
    if (next_ != nullptr) annotations_.give_free(std::exchange(next_, nullptr));
  }
}

void LiveFlow::write() {
  if (!job_.writer.write_header(job_.painted)) return;
  while (Frame* const frame = frames_.take_full()) {
    advance_annotation(frame->number);
    std::optional<std::int64_t> age;
    if (shown_ != nullptr) age = frame->number - shown_->number;
    job_.painter.paint(frame->pixels.data(), shown_ == nullptr ? nullptr : shown_->samples.data(), painted_.data());
    if (job_.hud) draw_rates(job_.painted, job_.log, age, painted_.data());
    if (!job_.writer.write_frame(frame->parameters, painted_.span())) return;
    job_.log.add_written(frame->arrived, age);
    frames_.give_free(frame);
  }
}

void LiveFlow::end() {
  job_.stop.end_streams();
  throttle_.end();
  frames_.abandon();
  newest_.abandon();
  annotations_.abandon();
}

}  // namespace haloedge
