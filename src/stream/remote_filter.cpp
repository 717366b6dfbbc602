#include "stream/remote_filter.hpp"

#include <array>

#include "core/crew.hpp"

namespace haloedge {

namespace {

constexpr int frames_rank = 0;

// The words that are sent before a frame.
constexpr std::byte one_more{1};
constexpr std::byte no_more{0};

/// The planes of one frame on a rank that serves.
struct Planes {
  explicit Planes(const FrameFormat& format) : luma(format.luma_bytes()), edges(format.luma_bytes()) {}

  Buffer luma;
  Buffer edges;
};

/// Beside those that filters work on, one is being received and one is being sent.
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

RemoteFilter::RemoteFilter(int rank, int filters, Communicator& communicator)
    : rank_(rank),
      communicator_(communicator),
      under_way_(std::vector<FrameWork*>(static_cast<std::size_t>(most_under_way(filters)))) {}

bool RemoteFilter::send(FrameWork& work) {
  FrameWork** const place = under_way_.take_free();
  if (place == nullptr) return false;
  const auto luma = work.frame.pixels.span().first(static_cast<std::size_t>(work.edges.size()));
  communicator_.begin_send(rank_, Channel::frame_word, std::array{one_more})->finish();
  communicator_.begin_send(rank_, Channel::frame, luma)->finish();
  // This must come after the sends: once a frame has its edges, its memory may be reused.
  *place = &work;
  under_way_.give_full(place);
  return true;
}

void RemoteFilter::send_end() {
  under_way_.close();
  communicator_.begin_send(rank_, Channel::frame_word, std::array{no_more})->finish();
}

FrameWork* RemoteFilter::receive() {
  FrameWork** const place = under_way_.take_full();
  if (place == nullptr) return nullptr;
  FrameWork* const oldest = *place;
  communicator_.begin_receive(rank_, Channel::frame, oldest->edges.span())->finish();
  under_way_.give_free(place);
  return oldest;
}

void serve_frames(const FrameFormat& format, std::vector<std::unique_ptr<FrameFilter>>& filters, StreamStats& stats,
                  Communicator& communicator) {
  OrderedRing<Planes> ring(make_slots<Planes>(std::ssize(filters) + spare_planes, format));
  Crew crew([&](const std::exception_ptr& error) {
    ring.abandon();
    communicator.fail_from_thread(error);
  });
  crew.start([&] { receive_frames(ring, communicator); });
  for (const auto& filter : filters) {
    crew.start([&] { work(ring, *filter, stats); });
  }
  crew.run([&] { send_edges(ring, communicator); });
  crew.join();
}

std::int64_t serve_frames_bytes(const FrameFormat& format, std::int64_t filters) {
  return 2 * (filters + spare_planes) * format.luma_bytes();
}

}  // namespace haloedge
