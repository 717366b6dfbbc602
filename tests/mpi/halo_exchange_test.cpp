#include "edges/halo_exchange.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "edges/decomposition.hpp"
#include "mpi_main.hpp"
#include "support/owned_strip.hpp"

namespace haloedge {
namespace {

using kernels::Border;

constexpr std::int64_t width = 33;

std::uint16_t sample(std::int64_t row, std::int64_t column) { return static_cast<std::uint16_t>(row * 101 + column); }

void fill(Strip& strip, RowRange rows) {
  strip.admit(rows);
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    auto* samples = reinterpret_cast<std::uint16_t*>(strip.part(row, 0, 1, width));
    for (std::int64_t column = 0; column < width; ++column) samples[column] = sample(row, column);
  }
  strip.fill_margins(rows);
}

void expect_exchange(std::int64_t height, Border border) {
  Communicator& comm = test_communicator();
  const RowShares shares = share_rows(height, comm.size(), 16, 1);
  const RowRange share = shares.share.at(static_cast<std::size_t>(comm.rank()));
  const bool wraps = border == Border::wrap;
  const StripShape shape{.share = share,
                         .height = height,
                         .width = width,
                         .fill = {border, kernels::SampleType::u16},
                         .radius = 1,
                         .has_above = !share.empty() && (share.begin > 0 || wraps),
                         .has_below = !share.empty() && (share.end < height || wraps)};
  OwnedStrip owned(shape, 2, share.size());
  Strip& strip = owned.strip;
  HaloExchange exchange(comm, find_neighbours(shares.share, comm.rank(), border), shape.row_bytes(), 1);
  if (share.empty()) return exchange.finish(strip);

  exchange.send_ready_rows(strip);  // no row is ready yet
  fill(strip, share);
  exchange.send_ready_rows(strip);
  exchange.send_ready_rows(strip);  // rows are not sent twice
  exchange.finish(strip);
  for (std::int64_t row = share.begin - 1; row <= share.end; ++row) {
    const std::int64_t from = kernels::border_index(row, height, border);
    const auto* samples = reinterpret_cast<const std::uint16_t*>(strip.at(row));
    for (std::int64_t column = 0; column < width; ++column) {
      ASSERT_EQ(samples[column], from < 0 ? 0 : sample(from, column)) << "row " << row << " column " << column;
    }
  }
}

TEST(HaloExchange, NeighbourRows) {
  for (const Border border : {Border::reflect, Border::mirror, Border::nearest, Border::constant, Border::wrap}) {
    for (const std::int64_t height : {1, 2, 17, 33, 112, 500}) expect_exchange(height, border);
  }
}

}  // namespace
}  // namespace haloedge
