#include "sink/image_set.hpp"

#include <array>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "formats/hdf5_handle.hpp"
#include "formats/zlib_stream.hpp"
#include "sink/output.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* action, const std::error_code& error) {
  const std::string text = fmt::format("{}: cannot {}: {}", path.string(), action, error.message());
  if (is_name_error(error.value())) throw Error(text);
  throw RunError(text);
}

class Hdf5Set {
 public:
  Hdf5Set(const fs::path& output, fs::path folder, kernels::SampleType type, Compression compression)
      : output_(output),
        folder_(std::move(folder)),
        type_(type),
        compression_(compression),
        partial_(output),
        file_(create_hdf5(partial_path(output))),
        links_(H5Pcreate(H5P_LINK_CREATE), H5Pclose) {
    H5Pset_create_intermediate_group(links_.get(), 1);
    H5Pset_char_encoding(links_.get(), H5T_CSET_UTF8);
  }

  /// Makes a dataset of the chunk of a packed image.
  void add_chunk(const NamedImage& named) {
    const PackedImage& image = named.image;
    const std::array<hsize_t, 2> size{static_cast<hsize_t>(image.height), static_cast<hsize_t>(image.width)};
    const Hdf5Id space(H5Screate_simple(2, size.data(), nullptr), H5Sclose);
    const Hdf5Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_chunk(creation.get(), 2, size.data());
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);
    if (compression_ == Compression::deflate) H5Pset_deflate(creation.get(), 1);
    Hdf5Id dataset(H5Dcreate2(file_.get(), named.name.c_str(), hdf5_memory_type(type_), space.get(), links_.get(),
                              creation.get(), H5P_DEFAULT),
                   H5Dclose);
    if (!dataset.good()) throw failure("create the dataset", named.name);
    chunk_.resize(static_cast<std::size_t>(image.bytes));
    // There may be more packs than files that can be open at a time.
    File::open_to_read(folder_ / image.file).read_at(image.offset, chunk_);
    const std::array<hsize_t, 2> first{};
    if (H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, 0, first.data(), chunk_.size(), chunk_.data()) < 0 ||
        !dataset.close()) {
      throw failure("write", named.name);
    }
  }

  /// Copies the dataset of an image that is in an HDF5 file of its own.
  void copy_dataset(const NamedImage& named) {
    const fs::path path = folder_ / named.image.file;
    const Hdf5Id from = open_hdf5(path, H5F_ACC_RDONLY);
    if (H5Ocopy(from.get(), default_dataset, file_.get(), named.name.c_str(), H5P_DEFAULT, links_.get()) < 0) {
      throw failure("copy", path.string());
    }
  }

  void finish() {
    if (!links_.close() || !file_.close()) throw failure("finish writing", "the file");
    partial_.commit();
  }

 private:
  [[nodiscard]] Error failure(const char* action, const std::string& name) const {
    return Error(fmt::format("{}: cannot {} {}: {}", output_.string(), action, name, hdf5_error()));
  }

  fs::path output_;
  fs::path folder_;
  kernels::SampleType type_;
  Compression compression_;
  PartialFile partial_;
  Hdf5Id file_;
  Hdf5Id links_;
  std::vector<std::byte> chunk_;
};

}  // namespace

ImageFolder::ImageFolder(fs::path folder, fs::path aside) : folder_(std::move(folder)), aside_(std::move(aside)) {}

ImageFolder::~ImageFolder() {
  std::error_code ignored;
  fs::remove(aside_, ignored);
}

void ImageFolder::write(const std::string& name, std::span<const std::byte> bytes) {
  File file = File::create(aside_);
  file.write_at(0, bytes);
  file.close();
  adopt(aside_, name);
}

void ImageFolder::adopt(const fs::path& file, const std::string& name) {
  const fs::path path = folder_ / name;
  std::error_code error;
  if (made_.insert(path.parent_path().string()).second) {
    fs::create_directories(path.parent_path(), error);
    if (error) fail(path.parent_path(), "make this folder", error);
    // A symbolic link in the folder could lead to the inputs.
    if (!is_below(fs::canonical(path.parent_path()), fs::canonical(folder_))) {
      made_.erase(path.parent_path().string());
      throw Error(fmt::format("{}: a symbolic link in this path leads out of the output folder", path.string()));
    }
  }
  fs::rename(file, path, error);
  if (error) fail(path, "rename the image", error);
}

std::string packed_image_text(const PackedImage& image) {
  return fmt::format("{} {} {} {} {} {}", image.file, image.offset, image.bytes, image.width, image.height,
                     image.alone ? 1 : 0);
}

PackedImage parse_packed_image(const std::string& text) {
  std::istringstream words(text);
  const auto number = [&words] {
    std::string word;
    words >> word;
    return parse_number<std::int64_t>(word).value();
  };
  PackedImage image;
  words >> image.file;
  for (std::int64_t* field : {&image.offset, &image.bytes, &image.width, &image.height}) *field = number();
  image.alone = number() != 0;
  return image;
}

ImagePack::ImagePack(fs::path path) : path_(std::move(path)), file_(File::create(path_)) {}

PackedImage ImagePack::append(const TiledImage& image, std::span<const std::byte> chunk) {
  file_.write_at(size_, chunk);
  const std::int64_t offset = std::exchange(size_, size_ + std::ssize(chunk));
  return {path_.filename().string(), offset, std::ssize(chunk), image.width, image.height, false};
}

std::vector<std::byte> encode_chunk(Compression compression, const kernels::ConstPixels& edges) {
  const std::span<const std::byte> samples(edges.data, static_cast<std::size_t>(edges.rows * edges.row_bytes));
  if (compression == Compression::none) return {samples.begin(), samples.end()};
  std::vector<std::byte> chunk;
  ZlibStream stream;
  stream.add(samples, chunk);
  stream.finish(chunk);
  return chunk;
}

void write_hdf5_set(const fs::path& output, const fs::path& folder, const std::vector<NamedImage>& images,
                    kernels::SampleType type, Compression compression, const std::function<void()>& check_cancelled) {
  const auto lock = lock_hdf5();
  Hdf5Set set(output, folder, type, compression);
  for (const NamedImage& named : images) {
    check_cancelled();
    named.image.alone ? set.copy_dataset(named) : set.add_chunk(named);
  }
  set.finish();
}

}  // namespace haloedge
