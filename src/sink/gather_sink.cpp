#include "sink/gather_sink.hpp"

#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

namespace haloedge {

namespace {

class GatherSink final : public Sink {
 public:
  GatherSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator, Profile& profile);
  GatherSink(const GatherSink&) = delete;
  GatherSink& operator=(const GatherSink&) = delete;
  ~GatherSink() override;

  void put(TilePosition tile, std::span<const std::byte> pixels) override;
  void end_round() override {
    if (communicator_.size() == 1) store_->end_round();  // else tiles of other ranks may come at any time
  }
  void finish() override;

 private:
  void receive();

  TileEncoder encoder_;
  Communicator& communicator_;
  Profile& profile_;
  std::unique_ptr<TileStore> store_;
  std::atomic<bool> receiving_ = false;
  std::jthread receiver_;
};

GatherSink::GatherSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator,
                       Profile& profile)
    : encoder_(std::move(encoder)), communicator_(communicator), profile_(profile) {
  if (communicator.rank() != 0) return;
  store_ = std::move(store);
  if (communicator.size() == 1) return;
  receiving_ = true;
  receiver_ = std::jthread([this] {
    try {
      receive();
      receiving_ = false;
    } catch (const PeerFailure&) {
      // The main thread's own waits end with it too.
    } catch (...) {
      communicator_.fail_from_thread(std::current_exception());
    }
  });
}

GatherSink::~GatherSink() {
  // Given up before all tiles came: the receiver must not wait for them for ever.
  if (receiving_) communicator_.announce_failure();
}

void GatherSink::put(TilePosition tile, std::span<const std::byte> pixels) {
  std::vector<std::byte> storage;
  const std::span<const std::byte> encoded = encode_tile(encoder_, pixels, storage, profile_);
  if (store_) return store_->put(tile, encoded);
  const Profile::Scope scope(profile_, Phase::gather);
  std::vector<std::byte> message(sizeof tile + encoded.size());
  std::memcpy(message.data(), &tile, sizeof tile);
  std::memcpy(message.data() + sizeof tile, encoded.data(), encoded.size());
  communicator_.begin_send(0, Channel::tile, message)->finish();
}

void GatherSink::receive() {
  // A message without a tile is a rank's last.
  for (int ended = 0; ended < communicator_.size() - 1;) {
    const Communicator::Message message = communicator_.receive_any(Channel::tile);
    TilePosition tile;
    if (message.bytes.size() < sizeof tile) {
      ++ended;
      continue;
    }
    std::memcpy(&tile, message.bytes.data(), sizeof tile);
    store_->put(tile, std::span(message.bytes).subspan(sizeof tile));
  }
}

void GatherSink::finish() {
  if (communicator_.rank() != 0) {
    communicator_.begin_send(0, Channel::tile, {})->finish();
  } else {
    const Profile::Scope scope(profile_, Phase::gather);
    if (receiver_.joinable()) receiver_.join();
    communicator_.check_peers();
    store_->finish([this] { communicator_.check_peers(); });
  }
  communicator_.barrier();
}

}  // namespace

std::unique_ptr<Sink> make_gather_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                       Communicator& communicator, Profile& profile) {
  return std::make_unique<GatherSink>(std::move(store), std::move(encoder), communicator, profile);
}

}  // namespace haloedge
