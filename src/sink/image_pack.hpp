#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "sink/output_spec.hpp"

namespace haloedge {

/// Where an edge map waits to become a dataset.
struct PackedImage {
  std::string file;  ///< its name: a pack, or an HDF5 file that holds this image alone
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool alone = false;  ///< in an HDF5 file of its own
};

/// As text for a journal, and back. Throws std::bad_optional_access for other texts.
[[nodiscard]] std::string packed_image_text(const PackedImage& image);
[[nodiscard]] PackedImage parse_packed_image(const std::string& text);

/// A file that one rank appends edge maps to, each as the one chunk of a dataset. HDF5 files that are open when a
/// program is killed are lost; this one is not.
class ImagePack {
 public:
  /// Throws Error.
  explicit ImagePack(std::filesystem::path path);
  /// Throws Error; RunError where the disk takes no more.
  [[nodiscard]] PackedImage append(const OutputSpec& spec, std::span<const std::byte> chunk);

 private:
  std::filesystem::path path_;
  File file_;
  std::int64_t size_ = 0;
};

/// An edge map's samples as the chunk of a dataset: deflated if spec.compression says so. Thread-safe.
[[nodiscard]] std::vector<std::byte> encode_chunk(const OutputSpec& spec, const kernels::ConstPixels& edges);

/// The dataset in an HDF5 file that holds one image alone.
inline constexpr const char* lone_dataset = "/edges";

/// An image and the name, with groups before it, of its dataset.
struct NamedImage {
  std::string name;
  PackedImage image;
};

/// Makes one HDF5 file of packed images, whose files lie in `folder`, in the order given; `type` and `compression` are
/// those they were packed with. Equal images, equal files. It appears under its name when it is complete. `look_up` is
/// called before each image. Throws Error, and what `look_up` throws.
void write_hdf5_set(const std::filesystem::path& output, const std::filesystem::path& folder,
                    const std::vector<NamedImage>& images, kernels::SampleType type, Compression compression,
                    const std::function<void()>& look_up);

}  // namespace haloedge
