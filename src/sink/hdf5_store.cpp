#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "comm/mpi_communicator.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

namespace {

class Hdf5Store final : public TileStore {
 public:
  Hdf5Store(const OutputSpec& spec, Communicator& communicator, Trace& trace);
  Hdf5Store(const Hdf5Store&) = delete;
  Hdf5Store& operator=(const Hdf5Store&) = delete;
  ~Hdf5Store() override {
    // Closing the file is collective: the announcement makes the other ranks close it, too, wherever they are.
    if (!finished_ && together()) communicator_.announce_failure();
  }

  void put(TilePosition tile, std::span<const std::byte> encoded) override;
  void end_round() override;
  void finish(const CheckCancelled&) override {
    if (together()) communicator_.barrier();
    const auto lock = lock_hdf5();
    if (!space_.close() || !transfer_.close() || !dataset_.close() || !file_.close()) throw failure("finish writing");
    finished_ = true;
  }

 private:
  struct Held {
    TilePosition position;
    std::vector<std::byte> samples;
  };

  /// True if other ranks write into the file, too.
  [[nodiscard]] bool together() const { return together_ && native_communicator(communicator_) != MPI_COMM_NULL; }
  void create(const std::filesystem::path& partial) {
    const Hdf5Id access = hdf5_access();
    if (together()) H5Pset_fapl_mpio(access.get(), native_communicator(communicator_), MPI_INFO_NULL);
    file_ = Hdf5Id(H5Fcreate(partial.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
    if (!file_.good()) throw failure("create the file");
  }

  void create_dataset();
  /// Empties held_: selects the places of its tiles in space_ and returns their samples in the order of HDF5.
  std::vector<std::byte> take_held();
  /// Does the same for the tiles of one tile row, from left to right, and appends their samples.
  void append_tile_row(std::span<const Held> tiles, std::vector<std::byte>& samples);
  /// Writes samples to the places that space_ selects, together with the other ranks. `samples` may be empty.
  void write(std::span<const std::byte> samples);
  [[nodiscard]] Error failure(const char* action) const {
    return Error(fmt::format("{}: cannot {}: {}", name_, action, hdf5_error()));
  }

  std::string name_;
  std::string dataset_name_;
  TiledImage image_;
  bool together_;
  Communicator& communicator_;
  Trace& trace_;
  Hdf5Id file_;
  Hdf5Id dataset_;
  Hdf5Id transfer_;
  Hdf5Id space_;  ///< the dataset's space, in which the places of the next write are selected
  std::mutex guard_;
  std::vector<Held> held_;
  bool finished_ = false;
};

Hdf5Store::Hdf5Store(const OutputSpec& spec, Communicator& communicator, Trace& trace)
    : name_(spec.output.name),
      dataset_name_(spec.output.dataset),
      image_(spec.image),
      together_(spec.together),
      communicator_(communicator),
      trace_(trace) {
  const auto lock = lock_hdf5();
  create(partial_path(spec.output.file));
  create_dataset();
  transfer_ = Hdf5Id(H5Pcreate(H5P_DATASET_XFER), H5Pclose);
  if (together()) H5Pset_dxpl_mpio(transfer_.get(), H5FD_MPIO_COLLECTIVE);
}

/// Says which value stands for no data, as NetCDF does it.
void put_fill_value(hid_t dataset, double value, kernels::SampleType type) {
  const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
  const Hdf5Id attribute(
      H5Acreate2(dataset, "_FillValue", hdf5_memory_type(type), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  H5Awrite(attribute.get(), H5T_NATIVE_DOUBLE, &value);
}

void Hdf5Store::create_dataset() {
  const std::array<hsize_t, 2> size{static_cast<hsize_t>(image_.height), static_cast<hsize_t>(image_.width)};
  // A chunk may not be larger than a dataset of fixed size.
  const std::array<hsize_t, 2> chunk{static_cast<hsize_t>(std::min(image_.tile_rows, image_.height)),
                                     static_cast<hsize_t>(std::min(image_.tile_columns, image_.width))};
  const Hdf5Id space(H5Screate_simple(2, size.data(), nullptr), H5Sclose);
  const Hdf5Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_chunk(creation.get(), 2, chunk.data());
  H5Pset_obj_track_times(creation.get(), false);
  H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);
  if (image_.compression == Compression::deflate) {
    constexpr unsigned level = 4;
    if (image_.type != kernels::SampleType::u8) H5Pset_shuffle(creation.get());
    H5Pset_deflate(creation.get(), level);
  }
  const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.get(), 1);
  dataset_ = Hdf5Id(H5Dcreate2(file_.get(), dataset_name_.c_str(), hdf5_memory_type(image_.type), space.get(),
                               links.get(), creation.get(), H5P_DEFAULT),
                    H5Dclose);
  if (!dataset_.good()) throw failure("create the dataset");
  if (image_.nodata) put_fill_value(dataset_.get(), *image_.nodata, image_.type);
}

void Hdf5Store::put(TilePosition tile, std::span<const std::byte> encoded) {
  Held held{tile, {encoded.begin(), encoded.end()}};
  const std::lock_guard lock(guard_);
  held_.push_back(std::move(held));
  // A rank that writes alone need not wait for the end of the round.
  if (!together()) {
    const Trace::Scope scope(trace_, Phase::write);
    const std::vector<std::byte> samples = take_held();
    const auto hdf5 = lock_hdf5();
    write(samples);
  }
}

void Hdf5Store::end_round() {
  if (!together()) return;
  const Trace::Scope scope(trace_, Phase::write);
  const std::vector<std::byte> samples = take_held();
  // A wait inside MPI-IO ends neither on another rank's failure nor on a stop: either all ranks write or none.
  if (communicator_.sum(communicator_.stop_announced() ? 1 : 0) > 0) {
    throw Error(
        "stopped by a signal or the time limit: only a TIFF output can be continued, so nothing is kept; "
        "write TIFF, or allow more time");
  }
  const auto lock = lock_hdf5();
  write(samples);
}

std::vector<std::byte> Hdf5Store::take_held() {
  std::sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) {
    return std::pair(a.position.row, a.position.column) < std::pair(b.position.row, b.position.column);
  });
  const auto lock = lock_hdf5();
  space_ = Hdf5Id(H5Dget_space(dataset_.get()), H5Sclose);
  H5Sselect_none(space_.get());
  std::vector<std::byte> samples;
  samples.reserve(held_.size() * static_cast<std::size_t>(image_.tile_bytes()));
  for (std::size_t begin = 0; begin < held_.size();) {
    std::size_t end = begin;
    while (end < held_.size() && held_[end].position.row == held_[begin].position.row) ++end;
    append_tile_row(std::span(held_).subspan(begin, end - begin), samples);
    begin = end;
  }
  held_.clear();
  return samples;
}

void Hdf5Store::append_tile_row(std::span<const Held> tiles, std::vector<std::byte>& samples) {
  const std::int64_t sample = kernels::sample_bytes(image_.type);
  const std::int64_t first_row = tiles.front().position.row * image_.tile_rows;
  const std::int64_t rows = std::min(image_.tile_rows, image_.height - first_row);
  const auto column_of = [this](const Held& tile) { return tile.position.column * image_.tile_columns; };
  const auto width_of = [&](const Held& tile) { return std::min(image_.tile_columns, image_.width - column_of(tile)); };
  for (const Held& tile : tiles) {
    const std::array<hsize_t, 2> start{static_cast<hsize_t>(first_row), static_cast<hsize_t>(column_of(tile))};
    const std::array<hsize_t, 2> count{static_cast<hsize_t>(rows), static_cast<hsize_t>(width_of(tile))};
    H5Sselect_hyperslab(space_.get(), H5S_SELECT_OR, start.data(), nullptr, count.data(), nullptr);
  }
  // HDF5 takes the samples of a selection in row-major order: row by row through the tiles of a tile row.
  for (std::int64_t y = 0; y < rows; ++y) {
    for (const Held& tile : tiles) {
      const std::byte* from = tile.samples.data() + y * image_.tile_columns * sample;
      samples.insert(samples.end(), from, from + width_of(tile) * sample);
    }
  }
}

void Hdf5Store::write(std::span<const std::byte> samples) {
  const auto count = static_cast<hsize_t>(samples.size()) / static_cast<hsize_t>(kernels::sample_bytes(image_.type));
  const hsize_t extent = std::max<hsize_t>(count, 1);
  const Hdf5Id memory(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  if (count == 0) H5Sselect_none(memory.get());
  if (H5Dwrite(dataset_.get(), hdf5_memory_type(image_.type), memory.get(), space_.get(), transfer_.get(),
               samples.data()) < 0) {
    throw failure("write tiles");
  }
}

}  // namespace

std::unique_ptr<TileStore> make_hdf5_store(const OutputSpec& spec, Communicator& communicator, Trace& trace) {
  return std::make_unique<Hdf5Store>(spec, communicator, trace);
}

SinkMemory hdf5_store_memory(const OutputSpec& spec) {
  // Tiles are held three times: as they came, in the order of the file, and inside HDF5.
  const std::int64_t tile = 3 * spec.image.tile_bytes();
  const bool round_by_round = spec.together && spec.shares.size() > 1;
  return round_by_round ? SinkMemory{.a_tile_row = spec.image.tiles_across() * tile} : SinkMemory{.fixed = tile};
}

}  // namespace haloedge
