#include "sink/direct_sink.hpp"

#include <optional>
#include <utility>

#include "core/partial_file.hpp"

namespace haloedge {

namespace {

class DirectSink final : public Sink {
 public:
  DirectSink(std::unique_ptr<TileStore> store, TileEncoder encoder, const std::filesystem::path& output,
             Communicator& communicator, Profile& profile)
      : encoder_(std::move(encoder)), communicator_(communicator), profile_(profile) {
    if (communicator.rank() == 0) partial_.emplace(output);
    store_ = std::move(store);
  }

  void put(TilePosition tile, std::span<const std::byte> pixels) override {
    std::vector<std::byte> storage;
    store_->put(tile, encode_tile(encoder_, pixels, storage, profile_));
  }

  void end_round() override { store_->end_round(); }

  void finish() override {
    store_->finish();
    communicator_.barrier();
    if (partial_) partial_->commit();
  }

 private:
  TileEncoder encoder_;
  Communicator& communicator_;
  Profile& profile_;
  std::optional<PartialFile> partial_;
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
                                       const std::filesystem::path& output, Communicator& communicator,
                                       Profile& profile) {
  return std::make_unique<DirectSink>(std::move(store), std::move(encoder), output, communicator, profile);
}

}  // namespace haloedge
