#include <algorithm>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// Two tiles have sizes that do not fit together.
class Misfit : public Error {
 public:
  using Error::Error;
};

class TileSetSource final : public Source {
 public:
  /// Throws Misfit if the tiles do not fit together in this order, and as `opener`.
  TileSetSource(const TileFiles& tiles, Grid grid, TileOrder order, SourceOpener opener)
      : files_(row_by_row(tiles.files, grid, order)), grid_(grid), order_(order), opener_(std::move(opener)) {
    check_files();
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  [[nodiscard]] std::vector<RowRange> sequences() const override {
    return any_order_ ? std::vector<RowRange>() : grid_rows_;
  }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override {
    const int row = grid_row(unit.begin);
    std::int64_t count = 0;
    for (const auto& source : *open_row(row)) count += source->task_count(in_grid_row(row, unit));
    return count;
  }

  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override { return threads * file_bytes_ * grid_.columns; }

 private:
  using OpenRow = std::vector<std::unique_ptr<Source>>;

  [[nodiscard]] const std::string& file(int row, int column) const {
    return files_[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.columns) +
                  static_cast<std::size_t>(column)];
  }
  void check_files();
  void add_cuts(RowRange rows, const OpenRow& sources);
  /// Returns the number of the grid row that contains this row of the image.
  [[nodiscard]] int grid_row(std::int64_t image_row) const {
    const auto row = std::ranges::upper_bound(grid_rows_, image_row, {}, &RowRange::begin);
    return static_cast<int>(row - grid_rows_.begin()) - 1;
  }
  /// Returns the rows of the image, counted from the top of the grid row `row`, which contains them.
  [[nodiscard]] RowRange in_grid_row(int row, RowRange rows) const {
    const std::int64_t begin = grid_rows_[static_cast<std::size_t>(row)].begin;
    return {rows.begin - begin, rows.end - begin};
  }
  /// Returns the sources of a grid row, and opens them if they are not open. The sources of another row are then
  /// closed, unless a task still uses them.
  [[nodiscard]] std::shared_ptr<OpenRow> open_row(int row) const;

  std::vector<std::string> files_;  ///< row by row
  Grid grid_;
  TileOrder order_;  ///< the direction in which the user's files follow each other
  SourceOpener opener_;
  ImageInfo image_;
  bool any_order_ = true;
  std::int64_t file_bytes_ = 0;      ///< working memory for reading one file, per thread
  std::vector<RowRange> grid_rows_;  ///< the rows of the image that each grid row has
  std::vector<std::int64_t> column_begins_;
  std::vector<std::int64_t> cuts_;  ///< rows at which blocks of all files end, so that units may end there
  mutable std::mutex guard_;
  mutable int open_row_number_ = -1;
  mutable std::shared_ptr<OpenRow> open_row_;
};

void TileSetSource::check_files() {
  const auto size_text = [](const ImageInfo& image) {
    return fmt::format("{} x {} px, {} of {}", image.width, image.height, count_text(image.channels, "channel"),
                       count_text(kernels::sample_bytes(image.type), "byte"));
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
      const auto refuse = [&](const char* what, const std::string& other, const ImageInfo& other_image) {
        throw Misfit(fmt::format("the tiles do not fit together: {} is {}, but {} is {}: {}", file(row, column),
                                 size_text(image), other, size_text(other_image), what));
      };
      if (!kind_fits) refuse("all tiles need the same kind of pixels", file(0, 0), first_row[0]);
      if (image.width != above.width) refuse("tiles of one column need the same width", file(0, column), above);
      if (image.height != left.height) refuse("tiles of one row need the same height", file(row, 0), left);
    }
    const std::int64_t begin = row == 0 ? 0 : grid_rows_.back().end;
    grid_rows_.push_back({begin, begin + sources.front()->image().height});
    add_cuts(grid_rows_.back(), sources);
  }
  image_ = first_row.front();
  image_.height = grid_rows_.back().end;
  image_.width = 0;
  for (const ImageInfo& image : first_row) {
    column_begins_.push_back(image_.width);
    image_.width += image.width;
  }
  image_.description.insert(image_.description.begin(),
                            {"tile set", fmt::format("{} rows of {} files, {}; the first is", grid_.rows, grid_.columns,
                                                     order_ == TileOrder::rows ? "row by row" : "column by column")});
}

void TileSetSource::add_cuts(RowRange rows, const OpenRow& sources) {
  std::vector<std::int64_t> common;
  for (const auto& source : sources) {
    std::vector<std::int64_t> ends;
    for (const RowRange unit : source->units({0, rows.size()}, 1)) ends.push_back(rows.begin + unit.end);
    std::vector<std::int64_t> both;
    std::ranges::set_intersection(source == sources.front() ? ends : common, ends, std::back_inserter(both));
    common = std::move(both);
  }
  cuts_.insert(cuts_.end(), common.begin(), common.end());
}

std::vector<RowRange> TileSetSource::units(RowRange rows, std::int64_t target_rows) const {
  std::vector<RowRange> units;
  for (std::int64_t row = rows.begin; row < rows.end;) {
    const std::int64_t limit = std::min(grid_rows_[static_cast<std::size_t>(grid_row(row))].end, row + target_rows);
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

void TileSetSource::decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) {
  const int row = grid_row(unit.begin);
  const RowRange local = in_grid_row(row, unit);
  const std::int64_t begin = unit.begin - local.begin;
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
  throw std::logic_error("a tile set has fewer decode tasks");
}

}  // namespace

std::unique_ptr<Source> open_tile_set(const std::string& name, const TileFiles& tiles, Grid grid,
                                      const SourceOpener& opener) {
  struct Attempt {
    std::unique_ptr<Source> source;  ///< empty if the tiles do not fit together in this order
    std::string misfit;
  };
  const auto attempt = [&](TileOrder order) -> Attempt {
    try {
      return {std::make_unique<TileSetSource>(tiles, grid, order, opener), ""};
    } catch (const Misfit& misfit) {
      return {nullptr, misfit.what()};
    }
  };
  const TileOrder usual = tiles.known.value_or(tiles.possible.front());
  Attempt first = attempt(usual);
  if (first.source && !tiles.needs_proof) return std::move(first.source);

  const TileOrder other = usual == TileOrder::rows ? TileOrder::columns : TileOrder::rows;
  Attempt second = tiles.possible.size() > 1 ? attempt(other) : Attempt{};
  if (first.source && second.source) {
    throw UsageError(
        fmt::format("{}: give --order rows if {} is to the right of {}, or --order columns if it is below: all tiles "
                    "have the same size, so that both are possible",
                    name, tiles.files[1], tiles.files[0]));
  }
  if (first.source) return std::move(first.source);
  if (second.source && !tiles.known) return std::move(second.source);
  const std::string advice = second.source ? fmt::format("; they fit with --order {}", order_name(other)) : "";
  throw Error(first.misfit + advice);
}

}  // namespace haloedge
