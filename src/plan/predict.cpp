#include "plan/predict.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "edges/decomposition.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

/// The sizes of the ranks' shares, in rows.
struct Load {
  double height = 0;
  double largest = 0;     ///< the largest share
  double first = 0;       ///< the share of rank 0
  double first_node = 0;  ///< all shares of rank 0's node, which are the largest
  double tile_rows = 0;
  int busy_ranks = 0;  ///< ranks that have rows
};

Load load_of(const Job& job, const Spread& spread) {
  const RowShares shares = share_rows(job.height, spread.ranks, job.tile_rows, job.radius);
  Load load{.height = static_cast<double>(job.height), .tile_rows = static_cast<double>(shares.tile_rows)};
  for (int rank = 0; rank < spread.ranks; ++rank) {
    const auto rows = static_cast<double>(shares.share.at(static_cast<std::size_t>(rank)).size());
    if (rank == 0) load.first = rows;
    load.largest = std::max(load.largest, rows);
    if (rank < spread.ranks_per_node) load.first_node += rows;
    if (rows > 0) ++load.busy_ranks;
  }
  return load;
}

class Predictor {
 public:
  Predictor(const Job& job, const Machine& machine, const Spread& spread)
      : job_(job), machine_(machine), spread_(spread), load_(load_of(job, spread)), on_node_(ranks_on_node()) {}

  [[nodiscard]] Prediction predict() const {
    Prediction result;
    result.start_up =
        machine_.launch.value + machine_.node_start.value * (nodes() - 1) +
        machine_.start_up.value * std::max(1.0, std::min(spread_.ranks, spread_.ranks_per_node) / cores());
    if (nodes() > 1) result.start_up += machine_.network.value + machine_.handshakes.value * machine_.latency.value;
    add_threads(result);
    if (gathers()) add_gathering(result);
    if (is_fed()) result.feed = feed();
    const double file = whole(job_.kept_pixel);
    result.storage = storage(whole(job_.input_pixel), bytes(load_.first_node, job_.input_pixel), file,
                             gathers() ? file : bytes(load_.first_node, job_.kept_pixel));
    result.halo = halo();
    const double tile_rows = std::max(1.0, load_.largest / load_.tile_rows);
    const double interior = std::max(result.threads(), result.storage) * std::max(0.0, tile_rows - 2) / tile_rows;
    result.halo_exposed = std::max(0.0, result.halo - interior);
    if (job_.encodes) result.finish = finish();
    if (job_.by_rows) result.finish = whole(job_.edge_pixel) / machine_.encode.value;
    return result;
  }

 private:
  [[nodiscard]] int ranks_on_node() const { return std::max(1, std::min(load_.busy_ranks, spread_.ranks_per_node)); }
  [[nodiscard]] int nodes() const { return divide_up(spread_.ranks, spread_.ranks_per_node); }
  [[nodiscard]] bool gathers() const { return (spread_.gather || job_.by_rows) && load_.busy_ranks > 1; }
  [[nodiscard]] bool is_fed() const { return job_.feeders > 0 && load_.busy_ranks > 1; }
  [[nodiscard]] double cores() const { return machine_.cores; }
  /// The cores that a rank can use.
  [[nodiscard]] double cores_had(int threads) const { return std::min<double>(threads, cores() / on_node_); }
  [[nodiscard]] double slowed(int threads) const {
    return 1 + machine_.contention.value * (std::min(cores(), static_cast<double>(on_node_) * threads) - 1);
  }
  [[nodiscard]] double bytes(double rows, double pixel_bytes) const {
    return rows * static_cast<double>(job_.width) * pixel_bytes;
  }
  [[nodiscard]] double whole(double pixel_bytes) const { return bytes(load_.height, pixel_bytes); }

  void add_threads(Prediction& result) const {
    const double factor = slowed(spread_.threads) / cores_had(spread_.threads);
    const auto seconds = [&](double pixel_bytes, const Quantity& rate) {
      return bytes(load_.largest, pixel_bytes) / rate.value * factor;
    };
    if (!is_fed()) result.decode = seconds(job_.decoded_pixel, machine_.decode);
    result.filter = seconds(1, machine_.filter);
    if (job_.encodes) result.encode = seconds(job_.edge_pixel, machine_.encode);
    (gathers() ? result.send : result.write) = seconds(job_.kept_pixel, gathers() ? machine_.send : machine_.write);
  }

  void add_gathering(Prediction& result) const {
    const int threads = spread_.threads;
    const double others = bytes(load_.height - load_.first, job_.kept_pixel);
    const double remote = bytes(load_.height - load_.first_node, job_.kept_pixel);
    const double writing = others / machine_.write.value * slowed(threads);
    result.receive = others / machine_.send.value + writing + remote / machine_.link.value;
    const double node_work = result.threads() * cores_had(threads) * on_node_ + writing;
    result.crowding = std::max(0.0, node_work / cores() - result.threads());
  }

  [[nodiscard]] double feed() const {
    const double each = whole(job_.decoded_pixel) / std::min(job_.feeders, load_.busy_ranks);
    return each / machine_.decode.value * slowed(1) + (nodes() > 1 ? each / machine_.link.value : 0);
  }

  [[nodiscard]] double storage(double read, double node_read, double written, double node_written) const {
    return std::max((read + written) / machine_.file_system.value,
                    (node_read + node_written) / machine_.node_file_system.value);
  }

  [[nodiscard]] double halo() const {
    if (load_.busy_ranks < 2) return 0;
    const double row = bytes(static_cast<double>(job_.radius), job_.gray_pixel);
    return nodes() > 1 ? machine_.latency.value + row / machine_.link.value : row / machine_.send.value;
  }

  [[nodiscard]] double finish() const {
    const double file = whole(job_.kept_pixel);
    if (gathers()) return std::max(file / machine_.write.value, storage(file, file, file, file));
    const double node_file = bytes(load_.first_node, job_.kept_pixel);
    const double copying = bytes(load_.largest, job_.kept_pixel) / machine_.write.value * slowed(1) / cores_had(1);
    return std::max(copying, storage(file, node_file, file, node_file));
  }

  const Job& job_;
  const Machine& machine_;
  const Spread& spread_;
  Load load_;
  int on_node_;
};

}  // namespace

double Prediction::total() const {
  return start_up + std::max({threads(), storage, receive, feed}) + halo_exposed + finish;
}

std::string_view Prediction::dominating() const {
  using Part = std::pair<double, std::string_view>;
  const double beside = std::max({threads(), storage, receive, feed});
  Part main{storage, "file system"};
  if (receive >= beside) main = {receive, "gather"};
  if (feed >= beside) main = {feed, "decode"};
  if (threads() >= beside) {
    const std::array<Part, 5> parts{
        {{decode, "decode"}, {filter, "filter"}, {encode, "encode"}, {write, "write"}, {send + crowding, "gather"}}};
    main = *std::max_element(parts.begin(), parts.end());
  }
  const std::array<Part, 4> parts{{main, {start_up, "start-up"}, {halo_exposed, "halo"}, {finish, "finish"}}};
  return std::max_element(parts.begin(), parts.end())->second;
}

Prediction predict(const Job& job, const Machine& machine, const Spread& spread) {
  return Predictor(job, machine, spread).predict();
}

double efficiency(const Job& job, const Machine& machine, const Spread& spread) {
  Spread one = spread;
  one.ranks = 1;
  return predict(job, machine, one).total() / (spread.ranks * predict(job, machine, spread).total());
}

int ranks_under(const Job& job, const Machine& machine, Spread spread, double limit, int most) {
  const auto is_under = [&](int ranks) {
    spread.ranks = ranks;
    return efficiency(job, machine, spread) < limit;
  };
  int above = 1;
  while (above <= most / 2 && !is_under(2 * above)) above *= 2;
  if (above > most / 2) return 0;
  int under = 2 * above;
  while (under - above > 1) {
    const int middle = above + (under - above) / 2;
    (is_under(middle) ? under : above) = middle;
  }
  return under;
}

}  // namespace haloedge
