#include "sink/direct_sink.hpp"

#include <utility>

namespace haloedge {

namespace {

class DirectSink final : public Sink {
 public:
  DirectSink(std::unique_ptr<TileStore> store, TileEncoder encoder, Communicator& communicator, Profile& profile)
      : encoder_(std::move(encoder)), communicator_(communicator), profile_(profile), store_(std::move(store)) {}

  void put(TilePosition tile, std::span<const std::byte> pixels) override {
    std::vector<std::byte> storage;
    store_->put(tile, encode_tile(encoder_, pixels, storage, profile_));
  }

  void end_round() override { store_->end_round(); }

  void finish() override {
    store_->finish([this] { communicator_.check_peers(); });
    communicator_.barrier();
  }

 private:
  TileEncoder encoder_;
  Communicator& communicator_;
  Profile& profile_;
  std::unique_ptr<TileStore> store_;
};

}  // namespace

std::span<const std::byte> encode_tile(const TileEncoder& encoder, std::span<const std::byte> pixels,
                                       std::vector<std::byte>& storage, Profile& profile) {
  if (!encoder) return pixels;
  const Profile::Scope scope(profile, Phase::encode);
  storage = encoder(pixels);
  return storage;
}

std::unique_ptr<Sink> make_direct_sink(std::unique_ptr<TileStore> store, TileEncoder encoder,
                                       Communicator& communicator, Profile& profile) {
  return std::make_unique<DirectSink>(std::move(store), std::move(encoder), communicator, profile);
}

}  // namespace haloedge
