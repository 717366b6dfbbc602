#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/claims.hpp"
#include "formats/hdf5_axes.hpp"
#include "formats/hdf5_datasets.hpp"
#include "formats/hdf5_numbers.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t piece_bytes = std::int64_t{4} << 20;

constexpr std::string_view image_kinds = "numbers of two dimensions or more";

/// Returns why a dataset is not read as an image; empty if it is.
std::string why_no_image(hid_t dataset, const std::string& name, const ReadOptions& options) {
  if (!find_hdf5_numbers(dataset)) {
    return fmt::format("{}: is not an image, which is {}, but {}", name, image_kinds, describe_dataset(dataset));
  }
  try {
    (void)find_hdf5_axes(dataset, name, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Finds the only dataset that is an image. Throws Error if there are more or none.
std::string find_image(hid_t file, const std::string& path, const ReadOptions& options) {
  std::vector<std::string> images;
  std::vector<std::string> arrays;  // of which an option may make an image
  std::vector<std::string> others;
  for (const std::string& name : dataset_paths(file)) {
    const Hdf5Id dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.good()) continue;
    const Hdf5Id space(H5Dget_space(dataset.get()), H5Sclose);
    const bool is_array = find_hdf5_numbers(dataset.get()) && !is_auxiliary(dataset.get()) &&
                          H5Sget_simple_extent_ndims(space.get()) >= 2;
    if (is_array) arrays.push_back(name);
    if (is_array && why_no_image(dataset.get(), name, options).empty()) {
      images.push_back(name);
    } else {
      others.push_back(fmt::format("{} ({})", name, describe_dataset(dataset.get())));
    }
  }
  if (images.size() == 1) return images.front();
  if (images.empty() && arrays.size() == 1) return arrays.front();  // opening it says what is missing
  if (!images.empty()) {
    throw Error(fmt::format("{0}: contains {1} images ({2}): name one, as in {0}:{3}", path, images.size(),
                            dataset_list(images), images.front()));
  }
  throw Error(
      fmt::format("{}: contains no image, which is {}; it contains {}", path, image_kinds, dataset_list(others)));
}

/// Refuses a dataset with a chunk that has fewer bytes than its numbers take: HDF5 would leave the rest of its buffer
/// as it was, so that every run would read something else. Filters notice this by themselves.
void check_stored_chunks(hid_t dataset, hid_t creation, const std::string& name) {
  if (H5Pget_layout(creation) != H5D_CHUNKED || H5Pget_nfilters(creation) != 0) return;
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  const int rank = H5Pget_chunk(creation, H5S_MAX_RANK, chunk.data());
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  hsize_t chunk_bytes = H5Tget_size(type.get());
  for (int i = 0; i < rank; ++i) chunk_bytes *= chunk.at(static_cast<std::size_t>(i));
  const hsize_t stored = H5Dget_storage_size(dataset);
  if (chunk_bytes > 0 && stored % chunk_bytes == 0) return;
  throw Error(
      fmt::format("{}: has chunks of {} bytes, but {} bytes are stored, which are no whole chunks: it is damaged", name,
                  chunk_bytes, stored));
}

class Hdf5Source final : public Source {
 public:
  Hdf5Source(const std::string& file, std::string dataset, const ReadOptions& options);

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return cut_between_blocks(rows, chunk_rows_, target_rows);
  }
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int) const override {
    constexpr std::int64_t library_bytes = std::int64_t{4} << 20;
    return library_bytes + piece_rows_ * (stored_row_bytes_ + (is_direct_ ? 0 : image_.row_bytes())) + chunk_row_bytes_;
  }

 private:
  void check_size() const;
  void read_layout();
  void read(RowRange rows);
  void gather(std::int64_t rows);

  std::string name_;
  Hdf5Id file_;
  Hdf5Id dataset_;
  Hdf5Numbers numbers_;
  Hdf5Axes axes_;
  std::vector<hsize_t> count_;  ///< numbers that are read of each dimension for one row
  bool is_direct_ = true;       ///< numbers come in the order of pixels
  ImageInfo image_;
  std::int64_t stored_row_bytes_ = 0;  ///< bytes of the numbers that are read for one row
  std::int64_t chunk_rows_ = 1;
  std::int64_t chunk_row_bytes_ = 0;  ///< bytes of a decoded row of chunks; 0 if there are no chunks
  std::int64_t piece_rows_ = 1;
  Buffer piece_;
  Buffer pixels_;  ///< the piece in the order of pixels, if it comes in another one
};

Hdf5Source::Hdf5Source(const std::string& file, std::string dataset, const ReadOptions& options) {
  const auto lock = lock_hdf5();
  file_ = open_hdf5(file, H5F_ACC_RDONLY);
  if (dataset.empty()) dataset = find_image(file_.get(), file, options);
  name_ = file + ":" + dataset;
  dataset_ = Hdf5Id(H5Dopen2(file_.get(), dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset_.good()) {
    const std::string reason = hdf5_error();
    throw Error(fmt::format("{}: cannot be opened: {}; the file contains {}", name_, reason,
                            dataset_list(dataset_paths(file_.get()))));
  }
  const auto numbers = find_hdf5_numbers(dataset_.get());
  if (!numbers) throw Error(why_no_image(dataset_.get(), name_, options));
  numbers_ = *numbers;
  axes_ = find_hdf5_axes(dataset_.get(), name_, options);
  image_.height = axes_.height();
  image_.width = axes_.width();
  image_.channels = static_cast<int>(axes_.picked.size());
  image_.last_is_alpha = axes_.last_is_alpha;
  image_.type = numbers_.type;
  image_.zero = numbers_.zero;
  image_.nodata = find_hdf5_nodata(dataset_.get());
  check_size();
  read_layout();
}

/// Chunks that were never written take no space, so that hardly more than what is there can be checked. An external
/// link may lead into another file.
void Hdf5Source::check_size() const {
  std::string file(static_cast<std::size_t>(std::max<ssize_t>(0, H5Fget_name(dataset_.get(), nullptr, 0))), '\0');
  H5Fget_name(dataset_.get(), file.data(), file.size() + 1);
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
  const Hdf5Id creation(H5Dget_create_plist(dataset_.get()), H5Pclose);
  const bool is_in_file =
      !unknown && H5Pget_external_count(creation.get()) == 0 && H5Pget_layout(creation.get()) != H5D_VIRTUAL;
  const double pixels = static_cast<double>(image_.width) * static_cast<double>(image_.height);
  const double least_bytes =
      std::max(static_cast<double>(H5Dget_storage_size(dataset_.get())), pixels / densest::other);
  check_claim(name_, image_.width, image_.height, is_in_file ? least_bytes : 0,
              unknown ? 0 : static_cast<std::int64_t>(bytes));
  check_stored_chunks(dataset_.get(), creation.get(), name_);
}

void Hdf5Source::read_layout() {
  const auto rows = static_cast<std::size_t>(axes_.rows);
  const auto columns = static_cast<std::size_t>(axes_.columns);
  count_.assign(axes_.size.size(), 1);
  count_[columns] = axes_.size[columns];
  is_direct_ = axes_.rows < axes_.columns;
  if (axes_.channels) {
    const auto channels = static_cast<std::size_t>(*axes_.channels);
    const auto [least, most] = std::ranges::minmax(axes_.picked);
    axes_.start[channels] = static_cast<hsize_t>(least);
    count_[channels] = static_cast<hsize_t>(most) - static_cast<hsize_t>(least) + 1;
    for (int& picked : axes_.picked) picked -= least;
    const bool in_order = std::ranges::is_sorted(axes_.picked) && count_[channels] == axes_.picked.size();
    is_direct_ = is_direct_ && in_order && (count_[channels] == 1 || axes_.channels > axes_.columns);
  }
  const Hdf5Id creation(H5Dget_create_plist(dataset_.get()), H5Pclose);
  std::int64_t stored = kernels::sample_bytes(image_.type);
  for (const hsize_t count : count_) stored *= static_cast<std::int64_t>(count);
  stored_row_bytes_ = stored;
  std::string layout = "contiguous";
  if (H5Pget_layout(creation.get()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(axes_.size.size(), 1);
    H5Pget_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
    chunk_rows_ = std::min(image_.height, static_cast<std::int64_t>(chunk[rows]));
    chunk_row_bytes_ = chunk_rows_ * stored_row_bytes_;
    layout = fmt::format("chunks of {} x {} px, {}", chunk[columns], chunk[rows], filter_names(dataset_.get()));
  }
  piece_rows_ = chunk_rows_ * std::max<std::int64_t>(1, piece_bytes / (chunk_rows_ * stored_row_bytes_));
  image_.description = {
      {"format", "HDF5"}, {"dataset", name_}, {"in the file", describe_dataset(dataset_.get())}, {"layout", layout}};
}

void Hdf5Source::read(RowRange rows) {
  const auto lock = lock_hdf5();
  const Hdf5Id space(H5Dget_space(dataset_.get()), H5Sclose);
  std::vector<hsize_t> start = axes_.start;
  std::vector<hsize_t> count = count_;
  start[static_cast<std::size_t>(axes_.rows)] = static_cast<hsize_t>(rows.begin);
  count[static_cast<std::size_t>(axes_.rows)] = static_cast<hsize_t>(rows.size());
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const Hdf5Id memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
  if (H5Dread(dataset_.get(), numbers_.memory, memory.get(), space.get(), H5P_DEFAULT, piece_.data()) < 0) {
    const std::string reason = hdf5_error();
    const std::string missing = missing_filter(dataset_.get());
    throw Error(fmt::format("{}: rows {} to {} cannot be read: {}", name_, rows.begin, rows.end - 1,
                            missing.empty() ? reason : missing));
  }
  numbers_.finish(piece_.data(), rows.size() * stored_row_bytes_ / kernels::sample_bytes(image_.type));
}

/// Puts the numbers of `rows` rows into the order of pixels.
void Hdf5Source::gather(std::int64_t rows) {
  std::vector<std::int64_t> steps(count_.size(), 1);  // between numbers that follow each other in a dimension
  for (std::size_t i = count_.size() - 1; i > 0; --i) {
    const bool is_row = i == static_cast<std::size_t>(axes_.rows);
    steps[i - 1] = steps[i] * (is_row ? rows : static_cast<std::int64_t>(count_[i]));
  }
  const std::int64_t row_step = steps[static_cast<std::size_t>(axes_.rows)];
  const std::int64_t column_step = steps[static_cast<std::size_t>(axes_.columns)];
  const std::int64_t channel_step = axes_.channels ? steps[static_cast<std::size_t>(*axes_.channels)] : 0;
  const auto bytes = static_cast<std::size_t>(kernels::sample_bytes(image_.type));
  std::byte* to = pixels_.data();
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < image_.width; ++column) {
      for (const int channel : axes_.picked) {
        const std::int64_t from = row * row_step + column * column_step + channel * channel_step;
        std::memcpy(to, piece_.data() + from * static_cast<std::int64_t>(bytes), bytes);
        to += bytes;
      }
    }
  }
}

void Hdf5Source::decode(RowRange unit, std::int64_t, const PixelConsumer& consume) {
  const std::int64_t row_bytes = image_.row_bytes();
  if (piece_.size() == 0) {
    piece_ = Buffer(piece_rows_ * stored_row_bytes_);
    if (!is_direct_) pixels_ = Buffer(piece_rows_ * row_bytes);
  }
  for (std::int64_t row = unit.begin; row < unit.end;) {
    // Pieces end where chunks end, so that each chunk is decoded once.
    const std::int64_t end = std::min(unit.end, row / chunk_rows_ * chunk_rows_ + piece_rows_);
    read({row, end});
    if (!is_direct_) gather(end - row);
    const std::byte* pixels = is_direct_ ? piece_.data() : pixels_.data();
    consume(row, 0, {pixels, row_bytes, image_.width, end - row, image_.type, image_.channels});
    row = end;
  }
}

}  // namespace

std::unique_ptr<Source> open_hdf5_source(const std::string& file, const std::string& dataset,
                                         const ReadOptions& options) {
  return std::make_unique<Hdf5Source>(file, dataset, options);
}

}  // namespace haloedge
