#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "core/buffer.hpp"
#include "core/threads.hpp"
#include "stream/slot_queues.hpp"
#include "stream/stream_flow.hpp"

namespace haloedge {

namespace {

// The words that are sent to another rank before a frame.
constexpr std::byte one_more{1};
constexpr std::byte no_more{0};

/// A frame on its way through the filters: as it was read, its edges, and the frame to write.
struct FrameWork {
  FrameWork(const FrameFormat& format, const FrameFormat& painted_format)
      : frame(format), edges(format.luma_bytes()), painted(painted_format.frame_bytes()) {}

  Frame frame;
  Buffer edges;
  Buffer painted;
};

/// The filters of another rank, as rank 0 uses them: it sends frames, and their edges come back in the same order. A
/// word before each frame says that a frame follows, or that there are no more. One thread sends, another receives.
struct RemoteFilters {
  RemoteFilters(int rank_, int filters)
      : rank(rank_), under_way(std::vector<FrameWork*>(static_cast<std::size_t>(max_frames_under_way(filters)))) {}

  int rank;
  QueuePair<FrameWork*> under_way;  ///< frames that were sent and whose edges have not come back
};

/// The number of slots beside those that filters work on: the reader and the writer each have one that they work on and
/// one to continue with.
constexpr std::int64_t spare_slots = 4;

std::int64_t slot_count(std::int64_t filters, const std::vector<int>& remote_filters) {
  std::int64_t count = filters + spare_slots;
  for (const int remote : remote_filters) count += max_frames_under_way(remote);
  return count;
}

/// The threads of an ordered flow: the reader fills a ring of frames, filters of this rank and of others work on them,
/// and the writer empties the ring.
class OrderedFlow {
 public:
  OrderedFlow(StreamJob& job, const std::vector<int>& remote_filters, Communicator& communicator)
      : job_(job),
        communicator_(communicator),
        ring_(make_slots<FrameWork>(slot_count(std::ssize(job.filters), remote_filters), job.reader.header().format,
                                    job.painted.format)),
        throttle_(job.max_filtered_a_second, [&stop = job.stop] { return stop.input_should_end(); }) {
    for (int rank = 1; const int filters : remote_filters) remotes_.emplace_back(rank++, filters);
  }

  void run() {
    Crew crew([this](const std::exception_ptr& error) {
      end();
      for (RemoteFilters& remote : remotes_) remote.under_way.abandon();
      communicator_.fail_from_thread(error);
    });
    crew.start([this] { read(); });
    for (const auto& filter : job_.filters) crew.start([this, &filter] { this->filter(*filter); });
    for (RemoteFilters& remote : remotes_) {
      crew.start([this, &remote] { feed(remote); });
      crew.start([this, &remote] { collect(remote); });
    }
    crew.run([this] { write(); });
    end();
    crew.join();
  }

 private:
  void read() {
    while (FrameWork* const work = ring_.begin_fill()) {
      if (!job_.reader.read(work->frame)) break;
      job_.stats.add_read(work->frame.arrived);
      ring_.end_fill();
    }
    ring_.close();
  }

  void filter(FrameFilter& filter) {
    while (throttle_.wait_for_turn()) {
      FrameWork* const work = ring_.begin_work();
      if (work == nullptr) return;
      const StreamClock::time_point begin = StreamClock::now();
      filter.filter(work->frame.pixels.data(), work->edges.data());
      job_.stats.add_filtered(begin, StreamClock::now());
      finish(*work);
    }
  }

  /// Sends frames to another rank.
  void feed(RemoteFilters& remote) {
    while (throttle_.wait_for_turn()) {
      FrameWork* const work = ring_.begin_work();
      if (work == nullptr) break;
      FrameWork** const place = remote.under_way.take_free();
      if (place == nullptr) break;
      const auto luma = work->frame.pixels.span().first(static_cast<std::size_t>(work->edges.size()));
      communicator_.begin_send(remote.rank, Channel::frame_word, std::array{one_more})->finish();
      communicator_.begin_send(remote.rank, Channel::frame, luma)->finish();
      // This must come after the sends: once a frame has its edges, its memory may be reused.
      *place = work;
      remote.under_way.give_full(place);
    }
    remote.under_way.close();
    communicator_.begin_send(remote.rank, Channel::frame_word, std::array{no_more})->finish();
  }

  /// Receives the edges of the frames that feed() has sent.
  void collect(RemoteFilters& remote) {
    while (FrameWork** const place = remote.under_way.take_full()) {
      FrameWork* const work = *place;
      communicator_.begin_receive(remote.rank, Channel::frame, work->edges.span())->finish();
      remote.under_way.give_free(place);
      job_.stats.add_filtered_elsewhere();
      finish(*work);
    }
  }

  /// Paints a frame that has its edges, and hands it on to the writer.
  void finish(FrameWork& work) {
    job_.painter.paint(work.frame.pixels.data(), work.edges.data(), work.painted.data());
    ring_.end_work(&work);
  }

  void write() {
    constexpr std::int64_t age = 0;
    if (!job_.writer.write_header(job_.painted)) return;
    while (FrameWork* const work = ring_.begin_take()) {
      if (job_.hud) draw_rates(job_.painted, job_.stats, age, work->painted.data());
      if (!job_.writer.write_frame(work->frame.parameters, work->painted.span())) return;
      job_.stats.add_written(work->frame.arrived, age);
      ring_.end_take();
    }
  }

  void end() {
    job_.stop.end_streams();
    throttle_.end();
    ring_.abandon();
  }

  StreamJob& job_;
  Communicator& communicator_;
  std::deque<RemoteFilters> remotes_;
  OrderedRing<FrameWork> ring_;
  Throttle throttle_;
};

constexpr int frames_rank = 0;

/// The planes of one frame on a rank that finds edges for rank 0.
struct Planes {
  explicit Planes(const FrameFormat& format) : luma(format.luma_bytes()), edges(format.luma_bytes()) {}

  Buffer luma;
  Buffer edges;
};

/// The number of slots beside those that filters work on: one is being received, and one is being sent.
constexpr std::int64_t spare_planes = 2;

void receive_frames(OrderedRing<Planes>& ring, Communicator& communicator) {
  for (;;) {
    std::array<std::byte, 1> word{};
    communicator.begin_receive(frames_rank, Channel::frame_word, word)->finish();
    Planes* const planes = word.front() == one_more ? ring.begin_fill() : nullptr;
    if (planes == nullptr) break;
    communicator.begin_receive(frames_rank, Channel::frame, planes->luma.span())->finish();
    ring.end_fill();
  }
  ring.close();
}

void work(OrderedRing<Planes>& ring, FrameFilter& filter, StreamStats& stats) {
  while (Planes* const planes = ring.begin_work()) {
    const StreamClock::time_point begin = StreamClock::now();
    filter.filter(planes->luma.data(), planes->edges.data());
    stats.add_filtered(begin, StreamClock::now());
    ring.end_work(planes);
  }
}

void send_edges(OrderedRing<Planes>& ring, Communicator& communicator) {
  while (Planes* const planes = ring.begin_take()) {
    communicator.begin_send(frames_rank, Channel::frame, planes->edges.span())->finish();
    ring.end_take();
  }
}

}  // namespace

void run_ordered_flow(StreamJob& job, const std::vector<int>& remote_filters, Communicator& communicator) {
  OrderedFlow(job, remote_filters, communicator).run();
}

std::int64_t ordered_flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters,
                                const std::vector<int>& remote_filters) {
  return slot_count(filters, remote_filters) * (frame.frame_bytes() + frame.luma_bytes() + painted.frame_bytes());
}

void serve_frames(const FrameFormat& format, std::vector<std::unique_ptr<FrameFilter>>& filters, StreamStats& stats,
                  Communicator& communicator) {
  OrderedRing<Planes> ring(make_slots<Planes>(std::ssize(filters) + spare_planes, format));
  Crew crew([&](const std::exception_ptr& error) {
    ring.abandon();
    communicator.fail_from_thread(error);
  });
  crew.start([&] { receive_frames(ring, communicator); });
  for (const auto& filter : filters) crew.start([&] { work(ring, *filter, stats); });
  crew.run([&] { send_edges(ring, communicator); });
  crew.join();
}

std::int64_t serve_frames_bytes(const FrameFormat& format, std::int64_t filters) {
  return 2 * (filters + spare_planes) * format.luma_bytes();
}

}  // namespace haloedge
