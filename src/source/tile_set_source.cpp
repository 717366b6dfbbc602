#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

class TileSetSource final : public Source {
 public:
  TileSetSource(std::vector<fs::path> files, Grid grid, SourceOpener opener);

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] bool any_order() const override { return any_order_; }
  [[nodiscard]] std::vector<RowRange> sequences() const override;
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override;
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override { return threads * file_bytes_ * grid_.columns; }

 private:
  using OpenRow = std::vector<std::unique_ptr<Source>>;

  [[nodiscard]] const fs::path& file(int row, int column) const {
    return files_[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.columns) +
                  static_cast<std::size_t>(column)];
  }
  void check_files();
  void add_row_of_cuts(int row, const OpenRow& sources);
  [[nodiscard]] int grid_row(std::int64_t image_row) const;
  /// The sources of a grid row. Those of another row are closed, unless a task still uses them.
  [[nodiscard]] std::shared_ptr<OpenRow> open_row(int row) const;

  std::vector<fs::path> files_;
  Grid grid_;
  SourceOpener opener_;
  ImageInfo image_;
  bool any_order_ = true;
  std::int64_t file_bytes_ = 0;         ///< working memory for reading one file, per thread
  std::vector<std::int64_t> row_ends_;  ///< the image row after each grid row
  std::vector<std::int64_t> column_begins_;
  std::vector<std::int64_t> cuts_;  ///< rows at which blocks of all files end, so that units may end there
  mutable std::mutex guard_;
  mutable int open_row_number_ = -1;
  mutable std::shared_ptr<OpenRow> open_row_;
};

TileSetSource::TileSetSource(std::vector<fs::path> files, Grid grid, SourceOpener opener)
    : files_(std::move(files)), grid_(grid), opener_(std::move(opener)) {
  check_files();
}

void TileSetSource::check_files() {
  const auto size_text = [](const ImageInfo& image) {
    return fmt::format("{} x {} px, {} channel(s) of {} byte(s)", image.width, image.height, image.channels,
                       kernels::sample_bytes(image.type));
  };
  std::vector<ImageInfo> first_row;
  for (int row = 0; row < grid_.rows; ++row) {
    OpenRow sources;
    for (int column = 0; column < grid_.columns; ++column) {
      sources.push_back(opener_(file(row, column)));
      const ImageInfo& image = sources.back()->image();
      any_order_ = any_order_ && sources.back()->any_order();
      file_bytes_ = std::max(file_bytes_, sources.back()->working_bytes(1));
      if (row == 0) first_row.push_back(image);
      const ImageInfo& above = first_row[static_cast<std::size_t>(column)];
      const ImageInfo& left = sources.front()->image();
      const bool kind_fits = image.type == first_row[0].type && image.channels == first_row[0].channels;
      const auto refuse = [&](const char* what, const fs::path& other, const ImageInfo& other_image) {
        throw Error(fmt::format("the tiles do not fit together: {} is {}, but {} is {}: {}", file(row, column).string(),
                                size_text(image), other.string(), size_text(other_image), what));
      };
      if (!kind_fits) refuse("all tiles need the same kind of pixels", file(0, 0), first_row[0]);
      if (image.width != above.width) refuse("tiles of one column need the same width", file(0, column), above);
      if (image.height != left.height) refuse("tiles of one row need the same height", file(row, 0), left);
    }
    row_ends_.push_back((row == 0 ? 0 : row_ends_.back()) + sources.front()->image().height);
    add_row_of_cuts(row, sources);
  }
  image_ = first_row.front();
  image_.height = row_ends_.back();
  image_.width = 0;
  for (const ImageInfo& image : first_row) {
    column_begins_.push_back(image_.width);
    image_.width += image.width;
  }
  image_.description.insert(image_.description.begin(),
                            {"tile set", fmt::format("{} rows of {} files; the first is", grid_.rows, grid_.columns)});
}

void TileSetSource::add_row_of_cuts(int row, const OpenRow& sources) {
  const std::int64_t begin = row == 0 ? 0 : row_ends_[static_cast<std::size_t>(row) - 1];
  const std::int64_t height = row_ends_.back() - begin;
  std::vector<std::int64_t> common;
  for (const auto& source : sources) {
    std::vector<std::int64_t> ends;
    for (const RowRange unit : source->units({0, height}, 1)) ends.push_back(begin + unit.end);
    if (source == sources.front()) {
      common = std::move(ends);
    } else {
      std::vector<std::int64_t> both;
      std::set_intersection(common.begin(), common.end(), ends.begin(), ends.end(), std::back_inserter(both));
      common = std::move(both);
    }
  }
  cuts_.insert(cuts_.end(), common.begin(), common.end());
}

int TileSetSource::grid_row(std::int64_t image_row) const {
  return static_cast<int>(std::upper_bound(row_ends_.begin(), row_ends_.end(), image_row) - row_ends_.begin());
}

std::vector<RowRange> TileSetSource::sequences() const {
  std::vector<RowRange> sequences;
  if (any_order_) return sequences;
  for (std::int64_t begin = 0; const std::int64_t end : row_ends_)
    sequences.push_back({std::exchange(begin, end), end});
  return sequences;
}

std::vector<RowRange> TileSetSource::units(RowRange rows, std::int64_t target_rows) const {
  std::vector<RowRange> units;
  for (std::int64_t row = rows.begin; row < rows.end;) {
    const std::int64_t limit = std::min(row_ends_[static_cast<std::size_t>(grid_row(row))], row + target_rows);
    // The last cut up to the limit, or else the first one after this row.
    auto cut = std::upper_bound(cuts_.begin(), cuts_.end(), limit);
    if (cut != cuts_.begin() && *std::prev(cut) > row) --cut;
    const std::int64_t end = std::min(rows.end, *cut);
    units.push_back({row, end});
    row = end;
  }
  return units;
}

std::shared_ptr<TileSetSource::OpenRow> TileSetSource::open_row(int row) const {
  const std::lock_guard lock(guard_);
  if (open_row_number_ != row) {
    auto sources = std::make_shared<OpenRow>();
    for (int column = 0; column < grid_.columns; ++column) sources->push_back(opener_(file(row, column)));
    open_row_ = std::move(sources);
    open_row_number_ = row;
  }
  return open_row_;
}

std::int64_t TileSetSource::task_count(RowRange unit) const {
  const int row = grid_row(unit.begin);
  const std::int64_t begin = row == 0 ? 0 : row_ends_[static_cast<std::size_t>(row) - 1];
  std::int64_t count = 0;
  for (const auto& source : *open_row(row)) count += source->task_count({unit.begin - begin, unit.end - begin});
  return count;
}

void TileSetSource::decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) {
  const int row = grid_row(unit.begin);
  const std::int64_t begin = row == 0 ? 0 : row_ends_[static_cast<std::size_t>(row) - 1];
  const RowRange local{unit.begin - begin, unit.end - begin};
  const std::shared_ptr<OpenRow> sources = open_row(row);
  for (std::size_t column = 0; column < sources->size(); ++column) {
    Source& source = *(*sources)[column];
    const std::int64_t tasks = source.task_count(local);
    if (task < tasks) {
      source.decode(local, task,
                    [&](std::int64_t local_row, std::int64_t local_column, const kernels::ConstPixels& pixels) {
                      consume(begin + local_row, column_begins_[column] + local_column, pixels);
                    });
      return;
    }
    task -= tasks;
  }
}

}  // namespace

std::unique_ptr<Source> make_tile_set_source(std::vector<fs::path> files, Grid grid, SourceOpener opener) {
  return std::make_unique<TileSetSource>(std::move(files), grid, std::move(opener));
}

}  // namespace haloedge
