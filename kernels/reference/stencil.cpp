#include "kernels/dispatch.hpp"
#include "kernels/pixel.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::reference {

namespace {

/// The gray samples around a pixel, by row and column.
template <class Sample>
struct Neighbourhood {
  Derivative<Sample> at[3][3];
};

template <class Sample>
struct Gradient {
  ValueOf<Sample> x, y;
};

template <Operator op, class Sample>
Gradient<Sample> gradient(const Neighbourhood<Sample>& n) {
  using Number = Derivative<Sample>;
  const auto column = [&](int x) { return smooth<op>(n.at[0][x], n.at[1][x], n.at[2][x]); };
  const auto difference = [&](int x) { return static_cast<Number>(n.at[2][x] - n.at[0][x]); };
  const auto x = static_cast<Number>(column(2) - column(0));
  const auto y = smooth<op>(difference(0), difference(1), difference(2));
  return {static_cast<ValueOf<Sample>>(x), static_cast<ValueOf<Sample>>(y)};
}

template <Operator op, class Sample>
ValueOf<Sample> value(const Neighbourhood<Sample>& n, Value wanted) {
  using Float = ValueOf<Sample>;
  if constexpr (op == Operator::laplacian) {
    const auto sum = static_cast<Float>(laplacian(n.at[0][1], n.at[1][0], n.at[1][1], n.at[1][2], n.at[2][1]));
    return magnitude_l1(sum, Float{});
  } else {
    const Gradient g = gradient<op>(n);
    switch (wanted) {
      case Value::l2: return magnitude_l2(g.x, g.y);
      case Value::l1: return magnitude_l1(g.x, g.y);
      case Value::x: return g.x;
      case Value::y: return g.y;
      case Value::direction: break;
    }
    return direction(g.x, g.y);
  }
}

template <class Out, class Float>
Out finish(Float value, const EdgeFilter& filter) {
  const auto factor = static_cast<Float>(filter.factor);
  if constexpr (std::is_same_v<Out, float>) {
    const Clip clip = filter.clip.value_or(Clip{});
    return finish_float(value, factor, filter.clip.has_value(), clip.low, clip.high);
  } else {
    return finish_integer<Out>(value, factor);
  }
}

template <Operator op, class Sample, class Out>
void edges_of(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  for (std::int64_t y = 0; y < out.rows; ++y) {
    for (std::int64_t x = 0; x < out.width; ++x) {
      Neighbourhood<Sample> n;
      for (int row = 0; row < 3; ++row) {
        const auto* samples = reinterpret_cast<const Sample*>(gray_rows[y + row]) + column + x;
        for (int side = 0; side < 3; ++side) n.at[row][side] = static_cast<Derivative<Sample>>(samples[side - 1]);
      }
      auto* to = out.row<Out>(y);
      to[x] = finish<Out>(value<op>(n, value_of(filter)), filter);
    }
  }
}

}  // namespace

void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  with_operator(filter.op, [&](auto op) {
    with_any_sample(filter.gray_type, [&](auto in) {
      with_sample(filter.out_type, [&](auto to) {
        edges_of<op.value, typename decltype(in)::Type, typename decltype(to)::Type>(filter, gray_rows, column, out);
      });
    });
  });
}

}  // namespace haloedge::kernels::reference
