#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/time_text.hpp"
#include "core/whole_file.hpp"
#include "formats/hdf5_handle.hpp"
#include "tables/hash_table_kinds.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr const char* layout_name = "haloedge_hash_table";
constexpr int layout_version = 1;

class ColumnWriter {
 public:
  ColumnWriter(const fs::path& path, std::size_t rows) : path_(path), rows_(rows) {
    file_ = Hdf5Id(H5Fcreate(partial_path(path).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    check(file_.good());
    const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
    const Hdf5Id layout(H5Acreate2(file_.get(), layout_name, H5T_STD_I32LE, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                        H5Aclose);
    check(layout.good() && H5Awrite(layout.get(), H5T_NATIVE_INT, &layout_version) >= 0);
  }

  void add(const char* name, hid_t file_type, hid_t memory_type, const void* values) {
    const hsize_t count = rows_;
    const Hdf5Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Hdf5Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), false);  // equal tables are equal files
    const Hdf5Id dataset(
        H5Dcreate2(file_.get(), name, file_type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Dclose);
    check(dataset.good() && H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  }

  void finish() { check(file_.close()); }

 private:
  void check(bool good) const {
    if (!good) throw Error(fmt::format("{}: cannot be written: {}", path_.string(), hdf5_error()));
  }

  const fs::path& path_;
  std::size_t rows_;
  Hdf5Id file_;
};

/// What `value_of` gives for each of `rows`.
template <class Row, class ValueOf>
auto column_of(const std::vector<Row>& rows, const ValueOf& value_of) {
  std::vector<decltype(value_of(rows.front()))> values;
  values.reserve(rows.size());
  for (const Row& row : rows) values.push_back(value_of(row));
  return values;
}

void fill(ColumnWriter& writer, const std::vector<HashedImage>& images) {
  const Hdf5Id text(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(text.get(), H5T_VARIABLE);
  H5Tset_cset(text.get(), H5T_CSET_UTF8);
  const auto add_texts = [&](const char* name, const auto& rows, const auto& text_of) {
    writer.add(name, text.get(), text.get(), column_of(rows, text_of).data());
  };
  const auto add_sizes = [&](const char* name, const auto& size_of) {
    writer.add(name, H5T_STD_I64LE, H5T_NATIVE_INT64, column_of(images, size_of).data());
  };
  const auto hashes = column_of(images, [](const HashedImage& image) { return image.error.empty() ? image.hash : 0; });
  const auto times = column_of(images, [](const HashedImage& image) { return time_text(image.file.modified); });
  add_texts("path", images, [](const HashedImage& image) { return image.file.path.c_str(); });
  writer.add("hash", H5T_STD_U64LE, H5T_NATIVE_UINT64, hashes.data());
  add_sizes("width", [](const HashedImage& image) { return image.width; });
  add_sizes("height", [](const HashedImage& image) { return image.height; });
  add_sizes("bytes", [](const HashedImage& image) { return image.file.bytes; });
  add_texts("modified", times, [](const std::string& time) { return time.c_str(); });
  add_texts("error", images, [](const HashedImage& image) { return image.error.c_str(); });
}

/// Room for the strings that HDF5 makes of one dataset, which go with it.
struct Strings {
  Strings(hid_t some_type, hid_t some_space, std::size_t count) : type(some_type), space(some_space), pointers(count) {}
  Strings(const Strings&) = delete;
  Strings& operator=(const Strings&) = delete;
  ~Strings() { H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data()); }

  hid_t type;
  hid_t space;
  std::vector<char*> pointers;
};

class ColumnReader {
 public:
  explicit ColumnReader(const fs::path& path) : path_(path) {
    file_ = Hdf5Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file_.good()) throw Error(fmt::format("{}: cannot be opened as HDF5: {}", path.string(), hdf5_error()));
    const Hdf5Id layout(H5Aopen(file_.get(), layout_name, H5P_DEFAULT), H5Aclose);
    const Hdf5Id space(H5Aget_space(layout.get()), H5Sclose);
    int version = 0;
    const bool one = H5Sget_simple_extent_npoints(space.get()) == 1;
    if (!one || H5Aread(layout.get(), H5T_NATIVE_INT, &version) < 0 || version != layout_version) {
      throw no_hash_table(path, fmt::format("its attribute {} is not {}", layout_name, layout_version));
    }
  }

  template <class Number>
  [[nodiscard]] std::vector<Number> numbers(const char* name, hid_t file_type, hid_t memory_type) {
    const Column column = open(name);
    if (H5Tequal(column.type.get(), file_type) <= 0) throw wrong(name, "does not hold numbers of the right type");
    std::vector<Number> values(rows_.value());
    read(name, column, memory_type, values.data());
    return values;
  }

  [[nodiscard]] std::vector<std::string> texts(const char* name) {
    const Column column = open(name);
    if (H5Tis_variable_str(column.type.get()) <= 0) throw wrong(name, "does not hold strings of variable length");
    Strings strings(column.type.get(), column.space.get(), rows_.value());
    read(name, column, column.type.get(), strings.pointers.data());
    return column_of(strings.pointers, [](const char* text) { return std::string(text == nullptr ? "" : text); });
  }

 private:
  struct Column {
    Hdf5Id dataset;
    Hdf5Id type;
    Hdf5Id space;
  };

  [[nodiscard]] Column open(const char* name) {
    Column column{.dataset = Hdf5Id(H5Dopen2(file_.get(), name, H5P_DEFAULT), H5Dclose)};
    if (!column.dataset.good()) throw wrong(name, "cannot be opened: " + hdf5_error());
    column.type = Hdf5Id(H5Dget_type(column.dataset.get()), H5Tclose);
    column.space = Hdf5Id(H5Dget_space(column.dataset.get()), H5Sclose);
    if (H5Sget_simple_extent_ndims(column.space.get()) != 1) throw wrong(name, "is not 1-D");
    hsize_t rows = 0;
    H5Sget_simple_extent_dims(column.space.get(), &rows, nullptr);
    // Only damage says so, and such a number might not fit into memory.
    if (rows > fs::file_size(path_)) throw wrong(name, "has more rows than the file has bytes");
    if (rows != rows_.value_or(rows)) throw wrong(name, "is not as long as those before it");
    rows_ = rows;
    return column;
  }

  void read(const char* name, const Column& column, hid_t type, void* values) const {
    if (H5Dread(column.dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0) return;
    throw wrong(name, "cannot be read: " + hdf5_error());
  }

  [[nodiscard]] Error wrong(const char* name, std::string_view what) const {
    return Error(fmt::format("{}: the dataset {} {}", path_.string(), name, what));
  }

  const fs::path& path_;
  Hdf5Id file_;
  std::optional<hsize_t> rows_;
};

}  // namespace

void write_hash_hdf5(const fs::path& path, const std::vector<HashedImage>& images) {
  const auto lock = lock_hdf5();
  PartialFile partial(path);
  ColumnWriter writer(path, images.size());
  fill(writer, images);
  writer.finish();
  partial.commit();
}

std::vector<HashedImage> read_hash_hdf5(const fs::path& path) {
  const auto lock = lock_hdf5();
  ColumnReader reader(path);
  const auto sizes = [&](const char* name) {
    return reader.numbers<std::int64_t>(name, H5T_STD_I64LE, H5T_NATIVE_INT64);
  };
  std::vector<std::string> paths = reader.texts("path");
  const auto hashes = reader.numbers<std::uint64_t>("hash", H5T_STD_U64LE, H5T_NATIVE_UINT64);
  const auto widths = sizes("width");
  const auto heights = sizes("height");
  const auto bytes = sizes("bytes");
  const auto times = reader.texts("modified");
  std::vector<std::string> errors = reader.texts("error");
  std::vector<HashedImage> images;
  images.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::int64_t modified = TableRow(path, i + 1).to_time(times[i]);
    images.push_back({.file = {std::move(paths[i]), bytes[i], modified},
                      .hash = hashes[i],
                      .width = widths[i],
                      .height = heights[i],
                      .error = std::move(errors[i])});
  }
  return images;
}

}  // namespace haloedge
