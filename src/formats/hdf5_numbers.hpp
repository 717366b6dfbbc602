#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <hdf5.h>

#include "kernels/kernels.hpp"

namespace haloedge {

/// What the numbers of a dataset are read as: integers of up to 8 bits as u8, of up to 16 bits as u16, signed ones with
/// half of that range added; larger ones as f64; floats of up to 32 bits as f32; truth values as 0 and 255.
struct Hdf5Numbers {
  kernels::SampleType type = kernels::SampleType::u8;
  std::uint16_t zero = 0;  ///< the sample that stands for 0
  bool are_truth_values = false;
  hid_t memory = -1;  ///< the type into which HDF5 converts them; not owned

  /// Turns `count` numbers, as HDF5 has put them into memory, into samples.
  void finish(std::byte* numbers, std::int64_t count) const;
};

/// Returns what the numbers of a dataset are read as; nothing for texts, records, complex numbers and the like.
/// lock_hdf5() must be held.
[[nodiscard]] std::optional<Hdf5Numbers> find_hdf5_numbers(hid_t dataset);

/// Returns the value that stands for no data, as NetCDF notes it: the attribute _FillValue or missing_value, if it is
/// one number. lock_hdf5() must be held.
[[nodiscard]] std::optional<double> find_hdf5_nodata(hid_t dataset);

}  // namespace haloedge
