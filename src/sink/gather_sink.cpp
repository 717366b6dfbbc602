#include "sink/gather_sink.hpp"

#include <atomic>
#include <thread>
#include <utility>

#include "sink/tile_outbox.hpp"

namespace haloedge {

namespace {

class GatherSink final : public Sink {
 public:
  GatherSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator, Profile& profile);
  GatherSink(const GatherSink&) = delete;
  GatherSink& operator=(const GatherSink&) = delete;
  ~GatherSink() override;

  void put(TilePosition tile, std::span<const std::byte> pixels) override;
  void end_round() override;
  void finish() override;

 private:
  void receive();

  TileEncoder encoder_;
  Communicator& communicator_;
  Profile& profile_;
  TileOutbox outbox_;
  std::unique_ptr<TileStore> store_;
  std::atomic<bool> receiving_ = false;
  std::jthread receiver_;
};

GatherSink::GatherSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator,
                       Profile& profile)
    : encoder_(std::move(encoder)), communicator_(communicator), profile_(profile), outbox_(communicator) {
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
  outbox_.add(tile, encoded);
}

void GatherSink::end_round() {
  if (communicator_.rank() != 0) {
    outbox_.flush();
  } else if (communicator_.size() == 1) {
    store_->end_round();  // else tiles of other ranks may come at any time
  }
}

void GatherSink::receive() {
  for (int ended = 0; ended < communicator_.size() - 1;) {
    const Communicator::Message message = communicator_.receive_any(Channel::tile);
    const bool has_tiles = unpack_tiles(
        message.bytes, [this](TilePosition tile, std::span<const std::byte> encoded) { store_->put(tile, encoded); });
    if (!has_tiles) ++ended;
  }
}

void GatherSink::finish() {
  if (communicator_.rank() != 0) {
    outbox_.finish();
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
