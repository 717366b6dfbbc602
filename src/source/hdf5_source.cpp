#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/claims.hpp"
#include "formats/hdf5_datasets.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

constexpr std::int64_t piece_bytes = std::int64_t{4} << 20;

/// The type of the samples, or nothing if haloedge does not read it.
std::optional<SampleType> sample_type(hid_t dataset) {
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  const std::size_t bytes = H5Tget_size(type.get());
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind == H5T_INTEGER && H5Tget_sign(type.get()) == H5T_SGN_NONE) {
    if (bytes == 1) return SampleType::u8;
    if (bytes == 2) return SampleType::u16;
  }
  if (kind == H5T_FLOAT && bytes == 4) return SampleType::f32;
  return std::nullopt;
}

struct Shape {
  int rank = 0;
  std::array<hsize_t, 3> size{1, 1, 1};  ///< rows, columns, channels
};

std::optional<Shape> image_shape(hid_t dataset) {
  const Hdf5Id space(H5Dget_space(dataset), H5Sclose);
  Shape shape{H5Sget_simple_extent_ndims(space.get()), {1, 1, 1}};
  if (shape.rank != 2 && shape.rank != 3) return std::nullopt;
  H5Sget_simple_extent_dims(space.get(), shape.size.data(), nullptr);
  const auto [rows, columns, channels] = shape.size;
  const bool good = rows >= 1 && columns >= 1 && (channels == 1 || channels == 3 || channels == 4);
  return good ? std::optional(shape) : std::nullopt;
}

constexpr std::string_view image_kinds =
    "2-D, or 3-D with 1, 3 or 4 channels last, of 8 or 16-bit unsigned or 32-bit float numbers";

/// Finds the only dataset that is an image. Throws Error if there are more or none.
std::string find_image(hid_t file, const std::string& path) {
  std::vector<std::string> images;
  std::vector<std::string> others;
  for (const std::string& name : dataset_paths(file)) {
    const Hdf5Id dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.good()) continue;
    const bool is_image = sample_type(dataset.get()) && image_shape(dataset.get()) && !is_auxiliary(dataset.get());
    if (is_image) {
      images.push_back(name);
    } else {
      others.push_back(fmt::format("{} ({})", name, describe_dataset(dataset.get())));
    }
  }
  if (images.size() == 1) return images.front();
  if (!images.empty()) {
    throw Error(fmt::format("{0}: contains {1} images ({2}): name one, as in {0}:{3}", path, images.size(),
                            dataset_list(images), images.front()));
  }
  throw Error(
      fmt::format("{}: contains no image, which is {}; it contains {}", path, image_kinds, dataset_list(others)));
}

class Hdf5Source final : public Source {
 public:
  Hdf5Source(const std::string& file, std::string dataset);

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return cut_between_blocks(rows, chunk_rows_, target_rows);
  }
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int) const override {
    constexpr std::int64_t library_bytes = std::int64_t{4} << 20;
    return library_bytes + piece_rows_ * image_.row_bytes() + chunk_row_bytes_;
  }

 private:
  void read_layout();
  void read(RowRange rows);

  std::string name_;
  Hdf5Id file_;
  Hdf5Id dataset_;
  Shape shape_;
  ImageInfo image_;
  std::int64_t chunk_rows_ = 1;
  std::int64_t chunk_row_bytes_ = 0;  ///< bytes of a decoded row of chunks; 0 if there are no chunks
  std::int64_t piece_rows_ = 1;
  Buffer piece_;
};

Hdf5Source::Hdf5Source(const std::string& file, std::string dataset) {
  const auto lock = lock_hdf5();
  file_ = open_hdf5(file, H5F_ACC_RDONLY);
  if (dataset.empty()) dataset = find_image(file_.get(), file);
  name_ = file + ":" + dataset;
  dataset_ = Hdf5Id(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset_.good()) {
    const std::string reason = hdf5_error();
    throw Error(fmt::format("{}: cannot be opened: {}; the file contains {}", name_, reason,
                            dataset_list(dataset_paths(file_.get()))));
  }
  const auto type = sample_type(dataset_.get());
  const auto shape = image_shape(dataset_.get());
  if (!type || !shape) {
    throw Error(
        fmt::format("{}: is not an image, which is {}, but {}", name_, image_kinds, describe_dataset(dataset_.get())));
  }
  shape_ = *shape;
  image_.height = static_cast<std::int64_t>(shape_.size[0]);
  image_.width = static_cast<std::int64_t>(shape_.size[1]);
  image_.channels = static_cast<int>(shape_.size[2]);
  image_.type = *type;
  // Parts that were never written take no space, so that only what is there can be checked.
  const Hdf5Id creation(H5Dget_create_plist(dataset_.get()), H5Pclose);
  const bool is_in_file = H5Pget_external_count(creation.get()) == 0;
  check_claim(name_, image_.width, image_.height,
              is_in_file ? static_cast<double>(H5Dget_storage_size(dataset_.get())) : 0,
              static_cast<std::int64_t>(std::filesystem::file_size(file)));
  read_layout();
}

void Hdf5Source::read_layout() {
  const Hdf5Id creation(H5Dget_create_plist(dataset_.get()), H5Pclose);
  const std::int64_t row_bytes = image_.row_bytes();
  std::string layout = "contiguous";
  if (H5Pget_layout(creation.get()) == H5D_CHUNKED) {
    std::array<hsize_t, 3> chunk{1, 1, 1};
    H5Pget_chunk(creation.get(), shape_.rank, chunk.data());
    chunk_rows_ = std::min(image_.height, static_cast<std::int64_t>(chunk[0]));
    chunk_row_bytes_ = chunk_rows_ * row_bytes;
    layout = fmt::format("chunks of {} x {} px, {}", chunk[1], chunk[0], filter_names(dataset_.get()));
  }
  piece_rows_ = chunk_rows_ * std::max<std::int64_t>(1, piece_bytes / (chunk_rows_ * row_bytes));
  image_.description = {{"format", "HDF5"}, {"dataset", name_}, {"layout", layout}};
}

void Hdf5Source::read(RowRange rows) {
  const auto lock = lock_hdf5();
  const Hdf5Id space(H5Dget_space(dataset_.get()), H5Sclose);
  const std::array<hsize_t, 3> start{static_cast<hsize_t>(rows.begin), 0, 0};
  const std::array<hsize_t, 3> count{static_cast<hsize_t>(rows.size()), shape_.size[1], shape_.size[2]};
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const Hdf5Id memory(H5Screate_simple(shape_.rank, count.data(), nullptr), H5Sclose);
  if (H5Dread(dataset_.get(), hdf5_memory_type(image_.type), memory.get(), space.get(), H5P_DEFAULT, piece_.data()) <
      0) {
    const std::string reason = hdf5_error();
    const std::string missing = missing_filter(dataset_.get());
    throw Error(fmt::format("{}: rows {} to {} cannot be read: {}", name_, rows.begin, rows.end - 1,
                            missing.empty() ? reason : missing));
  }
}

void Hdf5Source::decode(RowRange unit, std::int64_t, const PixelConsumer& consume) {
  const std::int64_t row_bytes = image_.row_bytes();
  if (piece_.size() == 0) piece_ = Buffer(piece_rows_ * row_bytes);
  for (std::int64_t row = unit.begin; row < unit.end;) {
    // Pieces end where chunks end, so that each chunk is decoded once.
    const std::int64_t end = std::min(unit.end, row / chunk_rows_ * chunk_rows_ + piece_rows_);
    read({row, end});
    consume(row, 0, {piece_.data(), row_bytes, image_.width, end - row, image_.type, image_.channels});
    row = end;
  }
}

}  // namespace

std::unique_ptr<Source> open_hdf5_source(const std::string& file, const std::string& dataset) {
  return std::make_unique<Hdf5Source>(file, dataset);
}

}  // namespace haloedge
