#pragma once

#include <cstdint>
#include <string>

/// Checks of what the header of an image claims: a damaged or hostile file may claim any size, and whoever believes it
/// allocates memory or counts rows until the machine gives up.
namespace haloedge {

/// The longest side of an image, in pixels, that is believed.
inline constexpr std::int64_t largest_side = std::int64_t{1} << 31;

/// The most bytes of samples that one stored byte can become, by codec.
namespace densest {
inline constexpr double stored = 1;
inline constexpr double pack_bits = 64;  ///< two bytes repeat one byte up to 128 times
/// Two bits of a Huffman-coded block are at least needed for up to 258 bytes.
inline constexpr double deflate = 1032;
/// A block of 64 samples takes a bit at least. At the usual subsampling, it becomes twice as many samples of RGB.
inline constexpr double jpeg = 2048;
inline constexpr double lzw = 2600;  ///< codes of 12 bits for strings of up to 3,837 bytes
inline constexpr double lzma = 1e4;  ///< a repetition of 273 bytes takes about a third of a bit
inline constexpr double zstd = 5e4;  ///< runs were measured to reach 43,000
/// A blank fax row takes one bit, a blank LERC tile some dozens of bytes, an unwritten chunk of HDF5 nothing.
inline constexpr double other = 5e7;
}  // namespace densest

/// Refuses an image that cannot be in its file. `name` is the file or dataset as users know it, and `least_bytes` is
/// the size that the file must have at least to contain `width` x `height` px. Called before anything is allocated for
/// the image. Throws Error naming the file, if it is smaller or if a side is not in 1 to largest_side. Pure.
void check_claim(const std::string& name, std::int64_t width, std::int64_t height, double least_bytes,
                 std::int64_t file_bytes);

}  // namespace haloedge
