#include "sink/tile_sinks.hpp"

#include <cstring>
#include <utility>

#include "comm/funnel.hpp"

namespace haloedge {

namespace {

constexpr Funnel::Settings funnel_settings{.items = Channel::tile, .taken = Channel::tile_taken};

/// Encodes a tile. The result is in `storage`, or is `pixels` if there is no encoder.
std::span<const std::byte> encode_tile(const TileEncoder& encoder, std::span<const std::byte> pixels,
                                       std::vector<std::byte>& storage, Trace& trace) {
  if (!encoder) return pixels;
  const Trace::Scope scope(trace, Phase::encode);
  storage = encoder(pixels);
  return storage;
}

class DirectSink final : public Sink {
 public:
  DirectSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator, Trace& trace)
      : encoder_(std::move(encoder)), communicator_(communicator), trace_(trace), store_(std::move(store)) {}

  void put(TilePosition tile, std::span<const std::byte> pixels) override {
    std::vector<std::byte> storage;
    store_->put(tile, encode_tile(encoder_, pixels, storage, trace_));
  }

  void end_round() override { store_->end_round(); }

  void finish() override {
    store_->finish([this] { communicator_.check_peers(); });
    communicator_.barrier();
  }

 private:
  TileEncoder encoder_;
  Communicator& communicator_;
  Trace& trace_;
  std::unique_ptr<TileStore> store_;
};

/// The items of the funnel are a position and the encoded bytes of the tile.
class GatherSink final : public Sink {
 public:
  GatherSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator, Trace& trace)
      : encoder_(std::move(encoder)),
        communicator_(communicator),
        trace_(trace),
        store_(std::move(store)),
        funnel_(communicator, funnel_settings, [this](std::span<const std::byte> item) { take(item); }) {}

  void put(TilePosition tile, std::span<const std::byte> pixels) override;
  void end_round() override;
  void finish() override;

 private:
  void take(std::span<const std::byte> item) {
    TilePosition tile;
    std::memcpy(&tile, item.data(), sizeof tile);
    store_->put(tile, item.subspan(sizeof tile));
  }

  TileEncoder encoder_;
  Communicator& communicator_;
  Trace& trace_;
  std::unique_ptr<TileStore> store_;  ///< on rank 0
  Funnel funnel_;
};

void GatherSink::put(TilePosition tile, std::span<const std::byte> pixels) {
  std::vector<std::byte> storage;
  const std::span<const std::byte> encoded = encode_tile(encoder_, pixels, storage, trace_);
  if (store_) return store_->put(tile, encoded);
  const Trace::Scope scope(trace_, Phase::gather);
  funnel_.add(std::as_bytes(std::span(&tile, 1)), encoded);
}

void GatherSink::end_round() {
  if (communicator_.rank() != 0) {
    funnel_.flush();
  } else if (communicator_.size() == 1) {
    store_->end_round();  // not with other ranks, whose tiles may come at any time
  }
}

void GatherSink::finish() {
  if (communicator_.rank() != 0) {
    funnel_.finish();
  } else {
    const Trace::Scope scope(trace_, Phase::gather);
    funnel_.finish();
    communicator_.check_peers();
    store_->finish([this] { communicator_.check_peers(); });
  }
  communicator_.barrier();
}

}  // namespace

std::unique_ptr<Sink> make_direct_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                       Communicator& communicator, Trace& trace) {
  return std::make_unique<DirectSink>(std::move(store), std::move(encoder), communicator, trace);
}

std::unique_ptr<Sink> make_gather_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                       Communicator& communicator, Trace& trace) {
  return std::make_unique<GatherSink>(std::move(store), std::move(encoder), communicator, trace);
}

std::int64_t gathering_bytes(std::int64_t tile_bytes) {
  return Funnel::memory_bytes(funnel_settings, tile_bytes + static_cast<std::int64_t>(sizeof(TilePosition)));
}

}  // namespace haloedge
