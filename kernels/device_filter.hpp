#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/arithmetic.hpp"
#include "kernels/canny.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// A rectangle for a device to filter: a band of a large image, or a whole small image. `rows` are pointers to column 0
/// of rows in DeviceFilter::source(), at multiples of 16: the output rows, and DeviceFilterSpec::radius() rows above
/// and below them. Each row has radius() columns of border on either side. The memory of a row must be readable up to
/// the next multiple of 16 columns after `width`, and up to the next multiple of 4 columns after the border.
///
/// The output is cut into tiles of `tile_columns`, which are stored one after the other without padding. An image that
/// is not cut is one tile with out_columns(width) columns. The contents of columns from `width` on are undefined.
struct DeviceJob {
  std::span<const std::byte* const> rows;
  std::int64_t width = 0;         ///< pixels
  std::int64_t out_offset = 0;    ///< bytes from the slot's result to the first tile; a multiple of 16
  std::int64_t tile_columns = 0;  ///< a multiple of 16
  std::int64_t tile_rows = 0;     ///< rows of a tile in memory; at least the output rows
  bool at_top = false;            ///< the image begins with the first output row; used by Canny only
  bool at_bottom = false;         ///< the image ends with the last output row; used by Canny only

  [[nodiscard]] std::int64_t out_rows(std::int64_t radius) const {
    return static_cast<std::int64_t>(rows.size()) - 2 * radius;
  }
  [[nodiscard]] std::int64_t tiles() const { return divide_up(width, tile_columns); }
};

/// The number of samples that a row of output takes in memory, a multiple of 16.
[[nodiscard]] constexpr std::int64_t out_columns(std::int64_t width) { return round_up(width, 16); }

/// The settings of a device filter, and the memory that it allocates.
struct DeviceFilterSpec {
  EdgeFilter filter;                   ///< with Canny, only its sample types count: both u8
  std::optional<CannyFilter> canny{};  ///< replaces the filter: the output is the classes of canny.hpp
  Gray weights = Gray::bt601;
  int channels = 1;               ///< channels of the source, whose samples are filter.gray_type
  std::int64_t source_bytes = 0;  ///< allocated on the host and on the device
  std::int64_t result_bytes = 0;  ///< allocated for each slot, on the host and on the device
  int slots = 1;
  std::int64_t max_jobs = 1;  ///< the most jobs of one launch
  std::int64_t max_rows = 0;  ///< the most rows of all jobs of one launch

  /// The radius of the neighbourhood that decides a pixel's value.
  [[nodiscard]] std::int64_t radius() const { return canny ? canny_radius : stencil_radius; }
};

/// Makes edge maps, or Canny's classes, from source pixels on a device while the host does other work. The caller
/// writes pixels to source() and uploads the parts that are ready to the device's copy; launches filter them into one
/// of a few slots of results. Uploads, kernels and downloads of different slots overlap. Only one thread may use it
/// at a time. Every function may throw DeviceError or std::bad_alloc.
class DeviceFilter {
 public:
  DeviceFilter() = default;
  DeviceFilter(const DeviceFilter&) = delete;
  DeviceFilter& operator=(const DeviceFilter&) = delete;
  virtual ~DeviceFilter() = default;

  /// The memory for source pixels on the host: spec.source_bytes, page-aligned.
  [[nodiscard]] virtual std::span<std::byte> source() = 0;

  /// Begins to copy `part` of source() to the device. The caller may write to it again after waiting for a later
  /// launch, and upload it again after waiting for all launches that read it.
  virtual void upload(std::span<const std::byte> part) = 0;

  /// Begins to filter `jobs`, whose rows have been uploaded, into `slot`. The caller must have waited for the last
  /// launch into it. Throws std::logic_error if a job breaks the rules of DeviceJob or exceeds the numbers of the spec.
  virtual void launch(int slot, std::span<const DeviceJob> jobs) = 0;

  /// Waits for the launch into `slot` and returns its result on the host, which is valid until the next launch into it.
  [[nodiscard]] virtual std::span<std::byte> wait(int slot) = 0;
};

/// An error of a device or of the CUDA runtime. If a call failed, the message names the device and the call.
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Device {
  int number = 0;  ///< index among the devices that this process may use
  std::string name;
  std::string identity;  ///< identifies the device in all processes
  std::string bus;       ///< PCI address
  std::string capability;
  std::int64_t memory = 0;  ///< bytes
};

/// The devices that this process may use. If there is none, `why_none` says why: no driver, no device, a build without
/// CUDA. It also has the error of a device that is left out because the system does not describe it.
struct Devices {
  std::vector<Device> found;
  std::string why_none;
  std::string driver;   ///< the newest CUDA version that the driver supports, "13.0"; empty without a driver
  std::string runtime;  ///< the CUDA version of this build; empty in a build without CUDA
};

/// Lists the devices that this process may use.
[[nodiscard]] Devices find_devices();

/// Returns the free memory of device `number` of find_devices(), in bytes. Creates the device's context, which takes a
/// while. Throws DeviceError.
[[nodiscard]] std::int64_t free_device_memory(int number);

/// The CUDA version and the architectures of this build; empty in a build without CUDA.
[[nodiscard]] std::string device_build();

/// Makes a filter on device `number` of find_devices(). Allocates memory there, and pinned memory on the host. Throws
/// DeviceError.
[[nodiscard]] std::unique_ptr<DeviceFilter> make_device_filter(int number, const DeviceFilterSpec& spec);

/// The bytes that make_device_filter() allocates on the device; the driver needs more.
[[nodiscard]] std::int64_t device_bytes(const DeviceFilterSpec& spec);

}  // namespace haloedge::kernels
