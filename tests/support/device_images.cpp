#include "support/device_images.hpp"

#include <algorithm>
#include <cstring>

namespace haloedge {

namespace {

using namespace kernels;

constexpr std::int64_t lead = 64;  ///< bytes before column 0 of a row

std::int64_t pixel_bytes(const ConstPixels& image) { return image.channels * sample_bytes(image.type); }

std::int64_t stride_of(const ConstPixels& image, std::int64_t radius) {
  const std::int64_t bytes = out_columns(image.width + radius) * pixel_bytes(image);
  return lead + (bytes + lead - 1) / lead * lead;
}

/// The bytes of an image and a row of zeros.
std::int64_t memory_bytes(const ConstPixels& image, std::int64_t radius) {
  return stride_of(image, radius) * (image.rows + 1);
}

/// Writes row `from` of the image, with its margins, to the memory around column 0.
void put_row(const ConstPixels& image, std::int64_t from, std::int64_t radius, Border border, std::byte* row) {
  std::memcpy(row, image.data + from * image.row_bytes, static_cast<std::size_t>(image.width * pixel_bytes(image)));
  fill_row_margins(row, image.width, radius, {border, image.type, image.channels});
}

/// Writes the image and a row of zeros to `memory`. Returns pointers to the rows from `radius` above to `radius` below
/// the band.
std::vector<const std::byte*> put_rows(const ImageBand& band, std::int64_t radius, Border border, std::byte* memory) {
  const ConstPixels& image = band.image;
  const std::int64_t stride = stride_of(image, radius);
  const auto row = [&](std::int64_t i) { return memory + i * stride + lead; };
  std::memset(memory, 0xEE, static_cast<std::size_t>(memory_bytes(image, radius)));
  for (std::int64_t i = 0; i < image.rows; ++i) {
    put_row(image, i, radius, border, row(i));
  }
  std::memset(row(image.rows) - lead, 0, static_cast<std::size_t>(stride));
  std::vector<const std::byte*> rows;
  for (std::int64_t i = band.first_row - radius; i < band.first_row + band.rows + radius; ++i) {
    const std::int64_t inside = border_index(i, image.rows, border);
    rows.push_back(row(inside < 0 ? image.rows : inside));
  }
  return rows;
}

/// Filters all bands in one launch, with the settings of `spec`.
std::vector<std::vector<std::byte>> filter_bands(const MakeDeviceFilter& make, const std::vector<ImageBand>& bands,
                                                 Border border, DeviceFilterSpec spec) {
  const std::int64_t out_bytes = sample_bytes(spec.filter.out_type);
  const std::int64_t radius = spec.radius();
  spec.channels = bands.front().image.channels;
  spec.max_jobs = std::ssize(bands);
  for (const ImageBand& band : bands) {
    spec.source_bytes += memory_bytes(band.image, radius);
    spec.result_bytes += out_columns(band.image.width) * band.rows * out_bytes;
    spec.max_rows += band.rows + 2 * radius;
  }
  const auto device = make(spec);

  std::vector<std::vector<const std::byte*>> rows;
  std::vector<DeviceJob> jobs;
  std::byte* memory = device->source().data();
  std::int64_t out = 0;
  for (const ImageBand& band : bands) {
    rows.push_back(put_rows(band, radius, border, memory));
    memory += memory_bytes(band.image, radius);
  }
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const ImageBand& band = bands[i];
    const std::int64_t columns = out_columns(band.image.width);
    jobs.push_back({.rows = rows[i],
                    .width = band.image.width,
                    .out_offset = out,
                    .tile_columns = columns,
                    .tile_rows = band.rows,
                    .at_top = band.first_row == 0,
                    .at_bottom = band.first_row + band.rows == band.image.rows});
    out += columns * band.rows * out_bytes;
  }
  device->upload(device->source());
  device->launch(0, jobs);
  const auto result = device->wait(0);

  std::vector<std::vector<std::byte>> made;
  for (const DeviceJob& job : jobs) {
    auto& map = made.emplace_back();
    for (std::int64_t row = 0; row < job.out_rows(radius); ++row) {
      const std::byte* from = result.data() + job.out_offset + row * job.tile_columns * out_bytes;
      map.insert(map.end(), from, from + job.width * out_bytes);
    }
  }
  return made;
}

/// Makes one image's edge map band by band; see device_edges_in_bands().
class BandedImage {
 public:
  BandedImage(const MakeDeviceFilter& make, const ConstPixels& image, Gray weights, Border border,
              const EdgeFilter& filter, std::int64_t band_rows, std::int64_t tile_columns)
      : image_(image),
        border_(border),
        band_rows_(band_rows),
        tile_columns_(tile_columns),
        out_bytes_(sample_bytes(filter.out_type)),
        place_bytes_(stride_of(image, stencil_radius) * (band_rows + 2 * stencil_radius)),
        edges_(static_cast<std::size_t>(image.width * image.rows * out_bytes_)) {
    const std::int64_t tiles = (image.width + tile_columns - 1) / tile_columns;
    device_ = make({.filter = filter,
                    .weights = weights,
                    .channels = image.channels,
                    .source_bytes = slots * place_bytes_,
                    .result_bytes = tiles * tile_columns * band_rows * out_bytes_,
                    .slots = slots,
                    .max_rows = band_rows + 2 * stencil_radius});
  }

  [[nodiscard]] std::vector<std::byte> edges() {
    const std::int64_t bands = (image_.rows + band_rows_ - 1) / band_rows_;
    for (std::int64_t band = 0; band < bands + slots; ++band) {
      if (band >= slots) take(band - slots);
      if (band < bands) begin(band);
    }
    return edges_;
  }

 private:
  static constexpr int slots = 3;

  [[nodiscard]] DeviceJob job_of(std::int64_t band) const {
    return {.width = image_.width, .tile_columns = tile_columns_, .tile_rows = rows_of(band)};
  }
  [[nodiscard]] std::int64_t rows_of(std::int64_t band) const {
    return std::min(band_rows_, image_.rows - band * band_rows_);
  }

  /// Writes the band's rows, and those around it, to the place of a finished band, and launches the filter.
  void begin(std::int64_t band) {
    const std::int64_t stride = stride_of(image_, stencil_radius);
    std::byte* const place = device_->source().data() + band % slots * place_bytes_;
    std::memset(place, 0, static_cast<std::size_t>(place_bytes_));
    std::vector<const std::byte*> rows;
    for (std::int64_t i = 0; i < rows_of(band) + 2 * stencil_radius; ++i) {
      std::byte* const row = place + i * stride + lead;
      rows.push_back(row);
      const std::int64_t from = border_index(band * band_rows_ + i - stencil_radius, image_.rows, border_);
      if (from >= 0) put_row(image_, from, stencil_radius, border_, row);
    }
    device_->upload(device_->source().subspan(static_cast<std::size_t>(band % slots * place_bytes_),
                                              static_cast<std::size_t>(place_bytes_)));
    DeviceJob job = job_of(band);
    job.rows = rows;
    device_->launch(static_cast<int>(band % slots), {&job, 1});
  }

  /// Waits for the band, and copies the rows of its tiles to the edge map.
  void take(std::int64_t band) {
    const std::span<const std::byte> result = device_->wait(static_cast<int>(band % slots));
    for (std::int64_t tile = 0; tile < job_of(band).tiles(); ++tile) {
      const std::int64_t column = tile * tile_columns_;
      const auto bytes = static_cast<std::size_t>(std::min(tile_columns_, image_.width - column) * out_bytes_);
      for (std::int64_t row = 0; row < rows_of(band); ++row) {
        std::memcpy(edges_.data() + ((band * band_rows_ + row) * image_.width + column) * out_bytes_,
                    result.data() + (tile * rows_of(band) + row) * tile_columns_ * out_bytes_, bytes);
      }
    }
  }

  ConstPixels image_;
  Border border_;
  std::int64_t band_rows_;
  std::int64_t tile_columns_;
  std::int64_t out_bytes_;
  std::int64_t place_bytes_;
  std::unique_ptr<DeviceFilter> device_;
  std::vector<std::byte> edges_;
};

}  // namespace

std::vector<std::vector<std::byte>> device_edges(const MakeDeviceFilter& make, const std::vector<ConstPixels>& images,
                                                 Gray weights, Border border, const EdgeFilter& filter) {
  std::vector<ImageBand> bands;
  bands.reserve(images.size());
  for (const ConstPixels& image : images) bands.push_back({image, 0, image.rows});
  return filter_bands(make, bands, border, {.filter = filter, .weights = weights});
}

std::vector<std::byte> device_edges_in_bands(const MakeDeviceFilter& make, const ConstPixels& image, Gray weights,
                                             Border border, const EdgeFilter& filter, std::int64_t band_rows,
                                             std::int64_t tile_columns) {
  return BandedImage(make, image, weights, border, filter, band_rows, tile_columns).edges();
}

std::vector<std::vector<std::byte>> device_classes(const MakeDeviceFilter& make, const std::vector<ImageBand>& bands,
                                                   Gray weights, const CannyFilter& filter) {
  return filter_bands(make, bands, Border::nearest,
                      {.filter = {.op = Operator::canny}, .canny = filter, .weights = weights});
}

}  // namespace haloedge
