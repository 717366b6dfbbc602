#include "halo/gray_strip.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace haloedge {

namespace {

/// Column 0 of each row stands this far into its memory: room for the left margin, and aligned.
constexpr std::int64_t lead_bytes = 64;

}  // namespace

GrayStrip::GrayStrip(const StripShape& shape, int slabs, std::int64_t slab_rows)
    : shape_(shape), stride_(stride(shape)), halo_(2 * shape.radius * stride_), constant_(stride_) {
  for (int i = 0; i < slabs; ++i) slabs_.push_back({{}, Buffer(slab_rows * stride_)});
  std::memset(constant_.data(), 0, static_cast<std::size_t>(stride_));
}

std::int64_t GrayStrip::stride(const StripShape& shape) {
  const std::int64_t used = lead_bytes + shape.row_bytes() + shape.radius * kernels::sample_bytes(shape.type);
  return (used + lead_bytes - 1) / lead_bytes * lead_bytes;
}

std::int64_t GrayStrip::memory_bytes(const StripShape& shape, int slabs, std::int64_t slab_rows) {
  return stride(shape) * (slabs * slab_rows + 2 * shape.radius + 1);
}

void GrayStrip::admit(RowRange unit) {
  const auto free = std::find_if(slabs_.begin(), slabs_.end(), [](const Slab& slab) { return slab.unit.empty(); });
  if (free == slabs_.end() || free->memory.size() < unit.size() * stride_) {
    throw std::logic_error("no free slab for a unit: the schedule and the strip do not agree");
  }
  free->unit = unit;
}

void GrayStrip::release(RowRange unit) {
  std::find_if(slabs_.begin(), slabs_.end(), [unit](const Slab& slab) { return slab.unit == unit; })->unit = {};
}

const GrayStrip::Slab* GrayStrip::find(std::int64_t row) const {
  const auto found =
      std::find_if(slabs_.begin(), slabs_.end(), [row](const Slab& slab) { return slab.unit.contains(row); });
  return found == slabs_.end() ? nullptr : &*found;
}

bool GrayStrip::holds(RowRange rows) const {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    if (find(row) == nullptr) return false;
  }
  return true;
}

std::byte* GrayStrip::row_in(const Buffer& memory, std::int64_t index) const {
  return memory.data() + index * stride_ + lead_bytes;
}

kernels::Plane GrayStrip::part(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t width) {
  const Slab* slab = find(row);
  if (slab == nullptr || row + rows > slab->unit.end || column < 0 || column + width > shape_.width) {
    throw std::logic_error("a source gave pixels that do not belong to its unit");
  }
  std::byte* first = row_in(slab->memory, row - slab->unit.begin) + column * kernels::sample_bytes(shape_.type);
  return {first, stride_, width, rows, shape_.type};
}

void GrayStrip::fill_margin(std::byte* row) const {
  kernels::fill_row_margins(row, shape_.width, shape_.radius, shape_.type, shape_.border);
}

void GrayStrip::fill_margins(RowRange unit) {
  const Slab* slab = find(unit.begin);
  for (std::int64_t i = 0; i < unit.size(); ++i) fill_margin(row_in(slab->memory, i));
}

void GrayStrip::set_halo(const std::byte* rows, std::int64_t first) {
  for (std::int64_t i = 0; i < shape_.radius; ++i) {
    std::byte* row = row_in(halo_, first + i);
    std::memcpy(row, rows + i * shape_.row_bytes(), static_cast<std::size_t>(shape_.row_bytes()));
    fill_margin(row);
  }
}

const std::byte* GrayStrip::row(std::int64_t row) const {
  const Slab* slab = find(row);
  if (slab == nullptr) throw std::logic_error("a row is filtered that is not there: the schedule is wrong");
  return row_in(slab->memory, row - slab->unit.begin);
}

GrayStrip::Place GrayStrip::locate(const StripShape& shape, std::int64_t row) {
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
  // Where the image wraps, the neighbour's rows already are what stands outside: looked up before the border.
  if (const auto place = in_reach(row)) return *place;
  const std::int64_t inside = kernels::border_index(row, shape.height, shape.border);
  if (inside < 0) return {Kind::constant, 0};
  if (const auto place = in_reach(inside)) return *place;
  throw std::logic_error("a row is asked for that lies beyond the halo");
}

const std::byte* GrayStrip::at(std::int64_t row) const {
  const Place place = locate(shape_, row);
  switch (place.kind) {
    case Place::Kind::share:
      return this->row(place.row);
    case Place::Kind::halo:
      return row_in(halo_, place.row);
    case Place::Kind::constant:
      break;
  }
  return row_in(constant_, 0);
}

GrayStrip::Needs GrayStrip::needs(const StripShape& shape, RowRange rows) {
  Needs needs;
  for (std::int64_t row = rows.begin - shape.radius; row < rows.end + shape.radius; ++row) {
    const Place place = locate(shape, row);
    if (place.kind == Place::Kind::share) needs.rows.push_back(place.row);
    if (place.kind == Place::Kind::halo) needs.halo = true;
  }
  return needs;
}

}  // namespace haloedge
