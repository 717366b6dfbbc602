#include <cstring>
#include <optional>
#include <utility>

#include "core/buffer.hpp"
#include "core/system.hpp"
#include "core/threads.hpp"
#include "stream/slot_queues.hpp"
#include "stream/stream_flow.hpp"

namespace haloedge {

namespace {

/// One slot is being read and one written. The others keep the source from noticing an output that is slow for a
/// moment.
constexpr std::int64_t frame_slots = 8;

// Each filter works on one slot of each of the two queues. These are the numbers of the other slots.
constexpr std::int64_t spare_newest = 2;       // one is being filled, one is full
constexpr std::int64_t spare_annotations = 3;  // one is shown, one is for a later frame, one is full

/// The threads of a live flow, and the queues between them:
///
///   reader -> frames -> writer                    every frame, in order
///     `-> newest -> filters -> annotations -´     the newest frame whenever a filter is free
///
/// Each arrow is a QueuePair. The writer never waits for a filter: it paints the newest edges.
class LiveFlow {
 public:
  explicit LiveFlow(StreamJob& job)
      : job_(job),
        frames_(make_slots<Frame>(frame_slots, job.reader.header().format)),
        newest_(make_slots<Plane>(std::ssize(job.filters) + spare_newest, job.reader.header().format)),
        annotations_(make_slots<Plane>(std::ssize(job.filters) + spare_annotations, job.reader.header().format)),
        throttle_(job.max_filtered_a_second, [&stop = job.stop] { return stop.input_should_end(); }),
        painted_(job.painter.format().frame_bytes()) {}

  void run() {
    Crew crew([this](const std::exception_ptr&) { end(); });
    crew.start([this] { read(); });
    for (const auto& filter : job_.filters) crew.start([this, &filter] { this->filter(*filter); });
    crew.run([this] { write(); });
    end();
    crew.join();
  }

 private:
  /// A frame's luma, or its edges.
  struct Plane {
    explicit Plane(const FrameFormat& format) : samples(format.luma_bytes()) {}

    std::int64_t number = 0;
    Buffer samples;
  };

  void read() {
    while (Frame* const frame = frames_.take_free()) {
      if (!job_.reader.read(*frame)) break;
      job_.stats.add_read(frame->arrived);
      if (Plane* const luma = newest_.take_free_or_oldest()) {
        luma->number = frame->number;
        std::memcpy(luma->samples.data(), frame->pixels.data(), static_cast<std::size_t>(luma->samples.size()));
        newest_.give_full(luma);
      }
      frames_.give_full(frame);
    }
    frames_.close();
    newest_.abandon();  // edges of the frames that are left would not be shown
  }

  void filter(FrameFilter& filter) {
    yield_to_others();  // to the source, the player, the reader and the writer
    while (throttle_.wait_for_turn()) {
      Plane* const edges = annotations_.take_free();
      Plane* const luma = newest_.take_newest();
      if (edges == nullptr || luma == nullptr) return;
      const StreamClock::time_point begin = StreamClock::now();
      filter.filter(luma->samples.data(), edges->samples.data());
      job_.stats.add_filtered(begin, StreamClock::now());
      edges->number = luma->number;
      newest_.give_free(luma);
      annotations_.give_full(edges);
    }
  }

  void write() {
    if (!job_.writer.write_header(job_.painted)) return;
    while (Frame* const frame = frames_.take_full()) {
      advance_annotation(frame->number);
      std::optional<std::int64_t> age;
      if (shown_ != nullptr) age = frame->number - shown_->number;
      job_.painter.paint(frame->pixels.data(), shown_ == nullptr ? nullptr : shown_->samples.data(), painted_.data());
      if (job_.hud) draw_rates(job_.painted, job_.stats, age, painted_.data());
      if (!job_.writer.write_frame(frame->parameters, painted_.span())) return;
      job_.stats.add_written(frame->arrived, age);
      frames_.give_free(frame);
    }
  }

  /// Sets `shown_` to the newest edges that belong to this frame or an earlier one. Edges of a later frame, which occur
  /// only if the output is slow, wait in `next_`; all edges after them wait in the queue.
  void advance_annotation(std::int64_t frame) {
    for (;;) {
      if (next_ == nullptr) next_ = annotations_.try_take_full();
      if (next_ == nullptr || next_->number > frame) return;
      // Edges of an older frame may come later, from another filter.
      if (shown_ == nullptr || next_->number > shown_->number) std::swap(shown_, next_);
      if (next_ != nullptr) annotations_.give_free(std::exchange(next_, nullptr));
    }
  }

  void end() {
    job_.stop.end_streams();
    throttle_.end();
    frames_.abandon();
    newest_.abandon();
    annotations_.abandon();
  }

  StreamJob& job_;
  QueuePair<Frame> frames_;
  QueuePair<Plane> newest_;
  QueuePair<Plane> annotations_;
  Throttle throttle_;
  Buffer painted_;
  // Only the writer uses these.
  Plane* shown_ = nullptr;
  Plane* next_ = nullptr;
};

}  // namespace

void run_live_flow(StreamJob& job) { LiveFlow(job).run(); }

std::int64_t live_flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters) {
  return frame_slots * frame.frame_bytes() + (2 * filters + spare_newest + spare_annotations) * frame.luma_bytes() +
         painted.frame_bytes();
}

}  // namespace haloedge
