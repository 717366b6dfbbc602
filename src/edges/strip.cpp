#include "edges/strip.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "kernels/arithmetic.hpp"

namespace haloedge {

/// Bytes from the beginning of the memory of a row to its column 0. They have room for the left margin, and keep column
/// 0 aligned.
constexpr std::int64_t lead_bytes = 64;

Strip::Strip(const StripShape& shape, int slabs, std::int64_t slab_rows, std::span<std::byte> memory)
    : shape_(shape),
      stride_(stride_of(shape)),
      mask_offset_(padded(shape, shape.pixel_bytes())),
      slab_rows_(slab_rows),
      halo_(memory.data()),
      constant_(halo_ + 2 * shape.radius * stride_) {
  if (shape.radius * shape.pixel_bytes() > lead_bytes) throw std::logic_error("a strip's margin is too narrow");
  if (std::ssize(memory) < memory_bytes(shape, slabs, slab_rows)) {
    throw std::logic_error("a strip is given too little memory");
  }
  for (int i = 0; i < slabs; ++i) slabs_.push_back({{}, constant_ + stride_ + i * slab_rows * stride_});
  std::memset(constant_, 0, static_cast<std::size_t>(stride_));
  kernels::fill_constant(row_in(constant_, 0) - shape.radius * shape.pixel_bytes(), shape.width + 2 * shape.radius,
                         shape.fill);
}

std::int64_t Strip::padded(const StripShape& shape, std::int64_t pixel_bytes) {
  return round_up(lead_bytes + (shape.width + shape.radius) * pixel_bytes, lead_bytes);
}

std::int64_t Strip::stride_of(const StripShape& shape) {
  return padded(shape, shape.pixel_bytes()) + (shape.is_masked ? padded(shape, 1) : 0);
}

std::int64_t Strip::memory_bytes(const StripShape& shape, int slabs, std::int64_t slab_rows) {
  // Kernels read whole vectors, so there must be some memory behind the last row, too.
  return stride_of(shape) * (slabs * slab_rows + 2 * shape.radius + 1) + lead_bytes;
}

void Strip::admit(RowRange unit) {
  const auto free = std::ranges::find_if(slabs_, &RowRange::empty, &Slab::unit);
  if (free == slabs_.end() || slab_rows_ < unit.size()) {
    throw std::logic_error("no free slab for a unit: the schedule and the strip do not agree");
  }
  free->unit = unit;
}

void Strip::release(RowRange unit) { std::ranges::find(slabs_, unit, &Slab::unit)->unit = {}; }

const Strip::Slab* Strip::find(std::int64_t row) const {
  const auto found = std::ranges::find_if(slabs_, [row](const Slab& slab) { return slab.unit.contains(row); });
  return found == slabs_.end() ? nullptr : &*found;
}

bool Strip::holds(RowRange rows) const {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    if (find(row) == nullptr) return false;
  }
  return true;
}

std::byte* Strip::row_in(std::byte* memory, std::int64_t index) const { return memory + index * stride_ + lead_bytes; }

std::byte* Strip::part(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t width) {
  const Slab* slab = find(row);
  if (slab == nullptr || row + rows > slab->unit.end || column < 0 || column + width > shape_.width) {
    throw std::logic_error("a source gave pixels that do not belong to its unit");
  }
  return row_in(slab->memory, row - slab->unit.begin) + column * shape_.pixel_bytes();
}

void Strip::fill_margin(std::byte* row) const {
  kernels::fill_row_margins(row, shape_.width, shape_.radius, shape_.fill);
  if (shape_.is_masked)
    kernels::fill_row_margins(row + mask_offset_, shape_.width, shape_.radius, {shape_.fill.border});
}

void Strip::fill_margins(RowRange unit) {
  const Slab* slab = find(unit.begin);
  for (std::int64_t i = 0; i < unit.size(); ++i) fill_margin(row_in(slab->memory, i));
}

std::span<const std::byte> Strip::unit_memory(RowRange unit) const {
  return memory_of(find(unit.begin)->memory, unit.size());
}

void Strip::set_halo(const std::byte* rows, std::int64_t first) {
  for (std::int64_t i = 0; i < shape_.radius; ++i) {
    std::byte* row = row_in(halo_, first + i);
    const std::byte* from = rows + i * shape_.row_bytes();
    const std::int64_t pixels = shape_.width * shape_.pixel_bytes();
    std::memcpy(row, from, static_cast<std::size_t>(pixels));
    std::memcpy(row + mask_offset_, from + pixels, static_cast<std::size_t>(shape_.row_bytes() - pixels));
    fill_margin(row);
  }
}

void Strip::copy_row(std::int64_t row, std::byte* to) const {
  const std::byte* from = this->row(row);
  const std::int64_t pixels = shape_.width * shape_.pixel_bytes();
  std::memcpy(to, from, static_cast<std::size_t>(pixels));
  std::memcpy(to + pixels, from + mask_offset_, static_cast<std::size_t>(shape_.row_bytes() - pixels));
}

const std::byte* Strip::row(std::int64_t row) const {
  const Slab* slab = find(row);
  if (slab == nullptr) throw std::logic_error("a row is filtered that is not there: the schedule is wrong");
  return row_in(slab->memory, row - slab->unit.begin);
}

Strip::Place Strip::locate(const StripShape& shape, std::int64_t row) {
  using Kind = Place::Kind;
  const std::int64_t begin = shape.share.begin;
  const std::int64_t end = shape.share.end;
  const auto in_reach = [&](std::int64_t at) -> std::optional<Place> {
    if (shape.share.contains(at)) return Place{Kind::share, at};
    if (shape.has_above && begin - shape.radius <= at && at < begin)
      return Place{Kind::halo, at - begin + shape.radius};
    if (shape.has_below && end <= at && at < end + shape.radius) return Place{Kind::halo, at - end + shape.radius};
    return std::nullopt;
  };
  // If the image wraps, the halo holds the rows beyond its ends, so the halo is searched before the border.
  if (const auto place = in_reach(row)) return *place;
  const std::int64_t inside = kernels::border_index(row, shape.height, shape.fill.border);
  if (inside < 0) return {Kind::constant, 0};
  if (const auto place = in_reach(inside)) return *place;
  throw std::logic_error("a row is asked for that lies beyond the halo");
}

const std::byte* Strip::at(std::int64_t row) const {
  const Place place = locate(shape_, row);
  if (place.kind == Place::Kind::share) return this->row(place.row);
  return row_in(place.kind == Place::Kind::halo ? halo_ : constant_, place.row);
}

std::vector<const std::byte*> Strip::around(RowRange rows) const {
  std::vector<const std::byte*> pointers;
  for (std::int64_t row = rows.begin - shape_.radius; row < rows.end + shape_.radius; ++row)
    pointers.push_back(at(row));
  return pointers;
}

std::vector<const std::byte*> Strip::mask_around(RowRange rows) const {
  std::vector<const std::byte*> pointers = around(rows);
  for (const std::byte*& pointer : pointers) pointer += mask_offset_;
  return pointers;
}

Strip::Needs Strip::needs(const StripShape& shape, RowRange rows) {
  Needs needs;
  for (std::int64_t row = rows.begin - shape.radius; row < rows.end + shape.radius; ++row) {
    const Place place = locate(shape, row);
    if (place.kind == Place::Kind::share) needs.rows.push_back(place.row);
    if (place.kind == Place::Kind::halo) needs.halo = true;
  }
  return needs;
}

}  // namespace haloedge
