#include "formats/georeference.hpp"

#include <cstddef>
#include <cstring>
#include <functional>

namespace haloedge {

namespace {

/// Changes the numbers of a tag, if there are at least `least` of them.
void change_numbers(TiffTag& tag, std::size_t least, const std::function<void(std::vector<double>&)>& change) {
  std::vector<double> numbers(tag.value.size() / sizeof(double));
  if (numbers.size() < least) return;
  std::memcpy(numbers.data(), tag.value.data(), numbers.size() * sizeof(double));
  change(numbers);
  std::memcpy(tag.value.data(), numbers.data(), numbers.size() * sizeof(double));
}

}  // namespace

std::vector<TiffTag> georeference_of_part(std::vector<TiffTag> geo_tags, std::int64_t row, std::int64_t column) {
  constexpr std::uint16_t tie_points = 33922;
  constexpr std::uint16_t transformation = 34264;
  constexpr std::uint16_t rational_polynomials = 50844;
  const auto down = static_cast<double>(row);
  const auto right = static_cast<double>(column);
  for (TiffTag& tag : geo_tags) {
    if (tag.id == tie_points) {  // column, row and height in the image, then three numbers for the place in the world
      change_numbers(tag, 6, [&](std::vector<double>& numbers) {
        for (std::size_t i = 0; i + 6 <= numbers.size(); i += 6) {
          numbers[i] -= right;
          numbers[i + 1] -= down;
        }
      });
    } else if (tag.id == transformation) {  // a 4 x 4 matrix, by rows, for (column, row, height, 1)
      change_numbers(tag, 16, [&](std::vector<double>& matrix) {
        for (std::size_t i = 0; i < 12; i += 4) matrix[i + 3] += matrix[i] * right + matrix[i + 1] * down;
      });
    } else if (tag.id == rational_polynomials) {  // after two numbers, the row and the column of the origin
      change_numbers(tag, 4, [&](std::vector<double>& numbers) {
        numbers[2] -= down;
        numbers[3] -= right;
      });
    }
  }
  return geo_tags;
}

}  // namespace haloedge
