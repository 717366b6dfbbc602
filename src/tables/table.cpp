#include "tables/table.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "tables/table_backends.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

struct Format {
  std::string_view ending;
  void (*write)(const fs::path& path, const TableLayout& layout, const TableRows& rows);
  void (*read)(const fs::path& path, const TableLayout& layout, const AddRow& add);
};

constexpr std::array<Format, 5> formats{{{".csv", write_csv_table, read_csv_table},
                                         {".sqlite", write_sqlite_table, read_sqlite_table},
                                         {".db", write_sqlite_table, read_sqlite_table},
                                         {".h5", write_hdf5_table, read_hdf5_table},
                                         {".hdf5", write_hdf5_table, read_hdf5_table}}};

const Format& format_of(const fs::path& path, const TableLayout& layout) {
  const std::string ending = path.extension().string();
  const auto* format =
      std::find_if(formats.begin(), formats.end(), [&](const Format& some) { return some.ending == ending; });
  if (format == formats.end()) {
    throw UsageError(
        fmt::format("{}: tables of {} end in .csv, .sqlite, .db, .h5 or .hdf5", path.string(), layout.contents));
  }
  return *format;
}

}  // namespace

Error not_a_table(const fs::path& path, const TableLayout& layout, std::string_view why) {
  return Error(fmt::format("{}: is not a table of {}: {}", path.string(), layout.contents, why));
}

void check_table_name(const fs::path& path, const TableLayout& layout) { (void)format_of(path, layout); }

void write_table(const fs::path& path, const TableLayout& layout, const TableRows& rows) {
  format_of(path, layout).write(path, layout, rows);
}

void read_table(const fs::path& path, const TableLayout& layout, const std::function<void(const RowValues&)>& add) {
  const Format& format = format_of(path, layout);
  check_regular_file(path);
  (void)File::open_to_read(path);  // so that the message about a missing file does not depend on its format
  std::size_t number = 0;
  format.read(path, layout, [&](const RowValues& values) {
    ++number;
    try {
      add(values);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: image {}: {}", path.string(), number, error.what()));
    }
  });
}

}  // namespace haloedge
