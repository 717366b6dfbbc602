#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "formats/row_writer.hpp"

// The places where the edge maps of a set are kept: a folder of image files, or packs that become one HDF5 file.

namespace haloedge {

/// A folder with one file for each image. Files appear complete or not at all. Each rank has an object of its own. Not
/// thread-safe.
class ImageFolder {
 public:
  /// `aside` is a file on the same file system, in which each image is written before it gets its name. No other writer
  /// may use it.
  ImageFolder(std::filesystem::path folder, std::filesystem::path aside);
  ImageFolder(const ImageFolder&) = delete;
  ImageFolder& operator=(const ImageFolder&) = delete;
  ~ImageFolder();

  /// Writes folder/name, replaces a file of that name, and makes the folders above it. Throws Error, RunError.
  void write(const std::string& name, std::span<const std::byte> bytes);

  /// Moves a complete file on the same file system to folder/name. Throws Error, RunError.
  void adopt(const std::filesystem::path& file, const std::string& name);

 private:
  std::filesystem::path folder_;
  std::filesystem::path aside_;
  std::set<std::string> made_;  ///< folders that exist
};

/// The place where an edge map is kept until it becomes a dataset.
struct PackedImage {
  std::string file;  ///< the name of a pack, or of an HDF5 file that holds this image alone
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool alone = false;  ///< the image is in an HDF5 file of its own
};

/// The image as text for a journal.
[[nodiscard]] std::string packed_image_text(const PackedImage& image);
/// The image from that text. Throws std::bad_optional_access for other texts.
[[nodiscard]] PackedImage parse_packed_image(const std::string& text);

/// A file to which one rank appends edge maps, each as the one chunk of a dataset. An HDF5 file that is open when the
/// program is killed is lost; a pack is not.
class ImagePack {
 public:
  /// Throws Error.
  explicit ImagePack(std::filesystem::path path);
  /// Throws Error; RunError if the disk is full.
  [[nodiscard]] PackedImage append(const TiledImage& image, std::span<const std::byte> chunk);

 private:
  std::filesystem::path path_;
  File file_;
  std::int64_t size_ = 0;
};

/// Encodes an edge map as the chunk of a dataset: its samples, deflated unless `compression` is none. Thread-safe.
[[nodiscard]] std::vector<std::byte> encode_chunk(Compression compression, const kernels::ConstPixels& edges);

/// An image and the name of its dataset, with the groups before it.
struct NamedImage {
  std::string name;
  PackedImage image;
};

/// Makes one HDF5 file of packed images, whose files lie in `folder`, in the order given; `type` and `compression` are
/// those with which they were packed. Equal images give equal files. The file gets its name when it is complete.
/// `check_cancelled` is called before each image. Throws Error, and what `check_cancelled` throws.
void write_hdf5_set(const std::filesystem::path& output, const std::filesystem::path& folder,
                    const std::vector<NamedImage>& images, kernels::SampleType type, Compression compression,
                    const std::function<void()>& check_cancelled);

}  // namespace haloedge
