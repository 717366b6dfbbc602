#include <optional>

#include <fmt/format.h>

#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"
#include "tables/table_backends.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Returns true if the dataset of a column of this type holds texts.
bool is_stored_as_text(ColumnType type) { return type == ColumnType::text || type == ColumnType::time; }

/// The HDF5 types of numbers in the file and in memory.
struct NumberTypes {
  hid_t file;
  hid_t memory;
};

NumberTypes number_types(ColumnType type) {
  if (type == ColumnType::hash) return {H5T_STD_U64LE, H5T_NATIVE_UINT64};
  if (type == ColumnType::real) return {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE};
  return {H5T_STD_I64LE, H5T_NATIVE_INT64};
}

class ColumnWriter {
 public:
  ColumnWriter(const fs::path& path, const TableLayout& layout, const TableRows& rows) : path_(path), rows_(rows) {
    file_ = create_hdf5(partial_path(path));
    const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
    const Hdf5Id version(
        H5Acreate2(file_.get(), layout.hdf5_attribute, H5T_STD_I32LE, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    const int number = static_cast<int>(layout.version);
    check(version.good() && H5Awrite(version.get(), H5T_NATIVE_INT, &number) >= 0);
    text_type_ = Hdf5Id(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(text_type_.get(), H5T_VARIABLE);
    H5Tset_cset(text_type_.get(), H5T_CSET_UTF8);
  }

  void add(std::size_t column, const ColumnInfo& info) {
    if (is_stored_as_text(info.type)) return add_texts(column, info);
    if (info.type == ColumnType::hash) return add_numbers<std::uint64_t>(column, info);
    if (info.type == ColumnType::real) return add_numbers<double>(column, info);
    add_numbers<std::int64_t>(column, info);
  }

  void finish() { check(file_.close()); }

 private:
  void add_texts(std::size_t column, const ColumnInfo& info) {
    std::vector<std::string> texts(rows_.count);
    std::vector<const char*> pointers(rows_.count);
    for (std::size_t row = 0; row < rows_.count; ++row) {
      texts[row] = text_of_value(info.type, rows_.value(row, column));
      pointers[row] = texts[row].c_str();
    }
    write(info, {text_type_.get(), text_type_.get()}, pointers.data());
  }

  template <class Number>
  void add_numbers(std::size_t column, const ColumnInfo& info) {
    std::vector<Number> numbers(rows_.count);
    for (std::size_t row = 0; row < rows_.count; ++row) {
      const Value value = rows_.value(row, column);
      if (const auto* number = std::get_if<Number>(&value)) numbers[row] = *number;
    }
    write(info, number_types(info.type), numbers.data());
  }

  void write(const ColumnInfo& info, const NumberTypes& types, const void* values) {
    const hsize_t count = rows_.count;
    const Hdf5Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Hdf5Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), false);  // a time of creation would make equal tables differ
    const Hdf5Id dataset(H5Dcreate2(file_.get(), std::string(info.name).c_str(), types.file, space.get(), H5P_DEFAULT,
                                    creation.get(), H5P_DEFAULT),
                         H5Dclose);
    check(dataset.good() && H5Dwrite(dataset.get(), types.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  }

  void check(bool good) const {
    if (!good) throw Error(fmt::format("{}: cannot be written: {}", path_.string(), hdf5_error()));
  }

  const fs::path& path_;
  const TableRows& rows_;
  Hdf5Id file_;
  Hdf5Id text_type_;
};

/// The strings that HDF5 allocates when it reads a dataset. The destructor frees them.
struct Strings {
  Strings(hid_t some_type, hid_t some_space, std::size_t count) : type(some_type), space(some_space), pointers(count) {}
  Strings(const Strings&) = delete;
  Strings& operator=(const Strings&) = delete;
  ~Strings() { H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data()); }

  hid_t type;
  hid_t space;
  std::vector<char*> pointers;
};

/// The values of one column.
using ColumnValues =
    std::variant<std::vector<std::string>, std::vector<std::int64_t>, std::vector<std::uint64_t>, std::vector<double>>;

class ColumnReader {
 public:
  ColumnReader(const fs::path& path, const TableLayout& layout) : path_(path) {
    file_ = open_hdf5(path, H5F_ACC_RDONLY);
    if (H5Aexists(file_.get(), layout.hdf5_attribute) <= 0) throw not_a_table(path, layout);
    const Hdf5Id version(H5Aopen(file_.get(), layout.hdf5_attribute, H5P_DEFAULT), H5Aclose);
    const Hdf5Id space(H5Aget_space(version.get()), H5Sclose);
    int number = 0;
    const bool one = H5Sget_simple_extent_npoints(space.get()) == 1;
    if (!one || H5Aread(version.get(), H5T_NATIVE_INT, &number) < 0 || number != layout.version) {
      throw other_version(path, layout,
                          fmt::format("its attribute {} is not {}", layout.hdf5_attribute, layout.version));
    }
  }

  [[nodiscard]] ColumnValues values(const ColumnInfo& info) {
    const std::string name(info.name);
    if (is_stored_as_text(info.type)) return texts(name);
    if (info.type == ColumnType::hash) return numbers<std::uint64_t>(name, info.type);
    if (info.type == ColumnType::real) return numbers<double>(name, info.type);
    return numbers<std::int64_t>(name, info.type);
  }

  /// The number of rows, once a column has been read.
  [[nodiscard]] std::size_t rows() const { return rows_.value_or(0); }

 private:
  struct Dataset {
    Hdf5Id id;
    Hdf5Id type;
    Hdf5Id space;
  };

  template <class Number>
  [[nodiscard]] std::vector<Number> numbers(const std::string& name, ColumnType column_type) {
    const Dataset dataset = open(name);
    const NumberTypes types = number_types(column_type);
    if (H5Tequal(dataset.type.get(), types.file) <= 0) throw wrong(name, "does not hold numbers of the right type");
    std::vector<Number> numbers(rows());
    read(name, dataset, types.memory, numbers.data());
    return numbers;
  }

  [[nodiscard]] std::vector<std::string> texts(const std::string& name) {
    const Dataset dataset = open(name);
    if (H5Tis_variable_str(dataset.type.get()) <= 0) throw wrong(name, "does not hold strings of variable length");
    Strings strings(dataset.type.get(), dataset.space.get(), rows());
    read(name, dataset, dataset.type.get(), strings.pointers.data());
    std::vector<std::string> texts(rows());
    for (std::size_t row = 0; row < rows(); ++row) {
      if (strings.pointers[row] != nullptr) texts[row] = strings.pointers[row];
    }
    return texts;
  }

  [[nodiscard]] Dataset open(const std::string& name) {
    Dataset dataset{.id = Hdf5Id(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose)};
    if (!dataset.id.good()) throw wrong(name, "cannot be opened: " + hdf5_error());
    dataset.type = Hdf5Id(H5Dget_type(dataset.id.get()), H5Tclose);
    dataset.space = Hdf5Id(H5Dget_space(dataset.id.get()), H5Sclose);
    if (H5Sget_simple_extent_ndims(dataset.space.get()) != 1) throw wrong(name, "is not 1-D");
    hsize_t rows = 0;
    H5Sget_simple_extent_dims(dataset.space.get(), &rows, nullptr);
    // Only a damaged file claims so many rows, which might not fit into the memory.
    if (rows > fs::file_size(path_)) throw wrong(name, "has more rows than the file has bytes");
    if (rows != rows_.value_or(rows)) throw wrong(name, "is not as long as those before it");
    rows_ = rows;
    return dataset;
  }

  void read(const std::string& name, const Dataset& dataset, hid_t type, void* values) const {
    if (H5Dread(dataset.id.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0) return;
    throw wrong(name, "cannot be read: " + hdf5_error());
  }

  [[nodiscard]] Error wrong(const std::string& name, std::string_view what) const {
    return Error(fmt::format("{}: the dataset {} {}", path_.string(), name, what));
  }

  const fs::path& path_;
  Hdf5Id file_;
  std::optional<hsize_t> rows_;
};

}  // namespace

void write_hdf5_table(const fs::path& path, const TableLayout& layout, const TableRows& rows) {
  const auto lock = lock_hdf5();
  PartialFile partial(path);
  ColumnWriter writer(path, layout, rows);
  for (std::size_t i = 0; i < layout.columns.size(); ++i) writer.add(i, layout.columns[i]);
  writer.finish();
  partial.commit();
}

void read_hdf5_table(const fs::path& path, const TableLayout& layout, const AddRow& add) {
  const auto lock = lock_hdf5();
  ColumnReader reader(path, layout);
  std::vector<ColumnValues> columns;
  for (const ColumnInfo& column : layout.columns) columns.push_back(reader.values(column));
  for (std::size_t row = 0; row < reader.rows(); ++row) {
    add([&](std::size_t i) {
      return std::visit(
          [&](const auto& values) -> Value {
            if constexpr (std::is_same_v<decltype(values[row]), const std::string&>) {
              return value_of_text(layout.columns[i].type, values[row]);
            } else {
              return values[row];
            }
          },
          columns[i]);
    });
  }
}

}  // namespace haloedge
