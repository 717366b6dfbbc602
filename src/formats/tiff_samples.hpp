#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.hpp"

namespace haloedge {

/// The samples in the decoded blocks of a TIFF, and what they are delivered as: integers of up to 8 bits as u8, of up
/// to 16 bits as u16, signed ones with half of that range added; larger ones as f64; floats of 16 and 24 bits as f32.
struct TiffSamples {
  enum class Kind : std::uint8_t { unsigned_integer, signed_integer, real };
  Kind kind = Kind::unsigned_integer;
  int bits = 8;

  /// True if haloedge reads samples of this kind with so many bits.
  [[nodiscard]] bool are_supported() const;
  /// The type of the delivered samples.
  [[nodiscard]] kernels::SampleType type() const;
  /// The delivered sample that stands for 0.
  [[nodiscard]] std::uint16_t zero() const;
  /// True if the samples of the file are delivered as they are.
  [[nodiscard]] bool are_direct() const;
  /// True if a sample is not a whole number of bytes. Samples then follow each other bit by bit, the highest bits
  /// first.
  [[nodiscard]] bool are_packed() const { return bits != 8 && bits != 16 && bits != 24 && bits != 32 && bits != 64; }
};

/// The samples of one channel in a row: sample i of the row is `first + i * step`.
struct ChannelRow {
  const std::byte* row = nullptr;
  std::int64_t first = 0;
  std::int64_t step = 1;
  bool is_inverted = false;  ///< white is 0: the result is white - value, for floats 1 - value
};

/// Converts `width` samples, and writes every one `out_step` samples after the one before. Unsigned integers of less
/// than 8 bits are spread over the range of 8.
void convert_samples(const TiffSamples& samples, const ChannelRow& channel, std::int64_t width, std::byte* out,
                     std::int64_t out_step);

/// Returns packed sample `index` of a row.
[[nodiscard]] std::uint32_t packed_sample(const std::byte* row, std::int64_t index, int bits);

/// Fills `bytes` bytes of a decoded block with samples of this value. Samples that cannot have the value, and packed
/// ones, become 0.
void fill_samples(const TiffSamples& samples, double value, std::int64_t bytes, std::byte* to);

}  // namespace haloedge
