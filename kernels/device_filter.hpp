#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// A rectangle for a device to filter: a band of a large image, or a whole small one. Source rows are laid out as the
/// filter's source memory holds them: `rows` has twice DeviceFilterSpec::radius() pointers more than there are output
/// rows, each to column 0 of a row in source(), the first to what stands a radius above the first output row; addresses
/// are multiples of 16. A radius of border columns stands on either side of each row, and the memory is readable up to
/// a multiple of 16 pixels, and behind the border up to one of 4.
///
/// The output is cut into tiles of `tile_columns`, each without gaps and one behind the other; an image that is not cut
/// is one tile as wide as out_columns(width). What stands in columns from `width` on means nothing.
struct DeviceJob {
  std::span<const std::byte* const> rows;
  std::int64_t width = 0;         ///< pixels
  std::int64_t out_offset = 0;    ///< of the first tile in the slot's result, in bytes; a multiple of 16
  std::int64_t tile_columns = 0;  ///< a multiple of 16
  std::int64_t tile_rows = 0;     ///< from one tile to the next; at least the output's rows
  bool at_top = false;            ///< the image ends above the output's rows; for Canny only, which must know
  bool at_bottom = false;

  [[nodiscard]] std::int64_t out_rows(std::int64_t radius) const {
    return static_cast<std::int64_t>(rows.size()) - 2 * radius;
  }
  [[nodiscard]] std::int64_t tiles() const { return (width + tile_columns - 1) / tile_columns; }
};

/// Samples that a row of output takes in memory: a multiple of 16.
[[nodiscard]] constexpr std::int64_t out_columns(std::int64_t width) { return (width + 15) / 16 * 16; }

/// What a device filter computes, and the memory it is given.
struct DeviceFilterSpec {
  EdgeFilter filter;                   ///< for Canny, of bytes to bytes
  std::optional<CannyFilter> canny{};  ///< instead of the filter: makes classes (see canny.hpp) of whole rows
  Gray weights = Gray::bt601;
  int channels = 1;               ///< of the source, whose samples are filter.gray_type
  std::int64_t source_bytes = 0;  ///< held on the host and on the device
  std::int64_t result_bytes = 0;  ///< of one slot, on the host and on the device
  int slots = 1;
  std::int64_t most_jobs = 1;  ///< of one launch
  std::int64_t most_rows = 0;  ///< pointers of all jobs of one launch

  /// Rows and columns beyond a pixel that decide its value.
  [[nodiscard]] std::int64_t radius() const { return canny ? canny_radius : stencil_radius; }
};

/// Makes edge maps, or Canny's classes, on a device while the host does other work: in one pass from source pixels on.
/// These are put into source(), which the device has a copy of; parts of it are uploaded as they are ready, and
/// launches filter them into one of a few slots of results. Uploads, launches and downloads of different slots overlap.
/// One thread at a time. Every function throws DeviceError, or std::bad_alloc.
class DeviceFilter {
 public:
  DeviceFilter() = default;
  DeviceFilter(const DeviceFilter&) = delete;
  DeviceFilter& operator=(const DeviceFilter&) = delete;
  virtual ~DeviceFilter() = default;

  /// Source pixels on the host: spec.source_bytes, a multiple of 16 from the start of a page.
  [[nodiscard]] virtual std::span<std::byte> source() = 0;

  /// Begins to copy `part` of source() to the device. It may be written again once a later launch has been waited for,
  /// and uploaded again once all launches that read it have.
  virtual void upload(std::span<const std::byte> part) = 0;

  /// Begins to filter `jobs`, from what has been uploaded so far, into `slot`, whose last launch has been waited for.
  virtual void launch(int slot, std::span<const DeviceJob> jobs) = 0;

  /// Waits for the launch into `slot`: its result on the host, the caller's until the next launch into it.
  [[nodiscard]] virtual std::span<std::byte> wait(int slot) = 0;
};

/// Names the device and the call that failed.
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Device {
  int number = 0;  ///< among those that this process may use
  std::string name;
  std::string identity;  ///< the same for the same device in any process, and for no other
  std::string bus;       ///< PCI address
  std::string capability;
  std::int64_t memory = 0;  ///< bytes
};

/// The devices that this process may use. Where there is none, `why_none` says why: no driver, no device, a build
/// without CUDA.
struct Devices {
  std::vector<Device> found;
  std::string why_none;
  std::string driver;   ///< newest CUDA that the driver serves, "13.0"; empty without a driver
  std::string runtime;  ///< CUDA that this build has; empty without
};
[[nodiscard]] Devices find_devices();

/// Bytes that device `number` of find_devices() could give now. Starts work with it: this takes a while.
[[nodiscard]] std::int64_t free_device_memory(int number);

/// CUDA's version, and the device generations that there is code for; empty in a build without.
[[nodiscard]] std::string device_build();

/// Allocates on device `number` of find_devices(), and on the host pinned memory.
[[nodiscard]] std::unique_ptr<DeviceFilter> make_device_filter(int number, const DeviceFilterSpec& spec);

/// What make_device_filter() takes on the device, beside the driver's own.
[[nodiscard]] std::int64_t device_bytes(const DeviceFilterSpec& spec);

}  // namespace haloedge::kernels
