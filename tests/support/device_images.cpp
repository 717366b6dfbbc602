#include "support/device_images.hpp"

#include <cstring>

namespace haloedge {

namespace {

using namespace kernels;

constexpr std::int64_t lead = 64;  ///< bytes before column 0 of a row

std::int64_t stride_of(const ConstPixels& image) {
  const std::int64_t bytes = out_columns(image.width + 1) * image.channels * sample_bytes(image.type);
  return lead + (bytes + lead - 1) / lead * lead;
}

std::int64_t pixel_bytes(const ConstPixels& image) { return image.channels * sample_bytes(image.type); }

/// Puts the image and a zero row into `memory`; pointers to the rows from one above to one below the image.
std::vector<const std::byte*> put_rows(const ConstPixels& image, Border border, std::byte* memory) {
  const std::int64_t stride = stride_of(image);
  const auto row = [&](std::int64_t i) { return memory + i * stride + lead; };
  std::memset(memory, 0xEE, static_cast<std::size_t>(stride * (image.rows + 1)));
  for (std::int64_t i = 0; i < image.rows; ++i) {
    std::memcpy(row(i), image.data + i * image.row_bytes, static_cast<std::size_t>(image.width * pixel_bytes(image)));
    fill_row_margins(row(i), image.width, stencil_radius, pixel_bytes(image), border);
  }
  std::memset(row(image.rows) - lead, 0, static_cast<std::size_t>(stride));
  std::vector<const std::byte*> rows;
  for (std::int64_t i = -1; i <= image.rows; ++i) {
    const std::int64_t inside = border_index(i, image.rows, border);
    rows.push_back(row(inside < 0 ? image.rows : inside));
  }
  return rows;
}

}  // namespace

std::vector<std::vector<std::byte>> device_edges(const MakeDeviceFilter& make, const std::vector<ConstPixels>& images,
                                                 Gray weights, Border border, const EdgeFilter& filter) {
  const std::int64_t out_bytes = sample_bytes(filter.out_type);
  DeviceFilterSpec spec{.filter = filter, .weights = weights, .channels = images.front().channels};
  spec.most_jobs = std::ssize(images);
  for (const ConstPixels& image : images) {
    spec.source_bytes += stride_of(image) * (image.rows + 1);
    spec.result_bytes += out_columns(image.width) * image.rows * out_bytes;
    spec.most_rows += image.rows + 2;
  }
  const auto device = make(spec);

  std::vector<std::vector<const std::byte*>> rows;
  std::vector<DeviceJob> jobs;
  std::byte* memory = device->source().data();
  std::int64_t out = 0;
  for (const ConstPixels& image : images) {
    rows.push_back(put_rows(image, border, memory));
    memory += stride_of(image) * (image.rows + 1);
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::int64_t columns = out_columns(images[i].width);
    jobs.push_back({rows[i], images[i].width, out, columns, images[i].rows});
    out += columns * images[i].rows * out_bytes;
  }
  device->upload(device->source());
  device->launch(0, jobs);
  const auto result = device->wait(0);

  std::vector<std::vector<std::byte>> edges;
  for (const DeviceJob& job : jobs) {
    auto& map = edges.emplace_back();
    for (std::int64_t row = 0; row < job.out_rows(); ++row) {
      const std::byte* from = result.data() + job.out_offset + row * job.tile_columns * out_bytes;
      map.insert(map.end(), from, from + job.width * out_bytes);
    }
  }
  return edges;
}

}  // namespace haloedge
