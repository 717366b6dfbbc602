#include "kernels/dispatch.hpp"
#include "kernels/openmp/rows.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::openmp::HALOEDGE_ISA {

namespace {

template <Gray weights, int channels, class Sample>
void gray_row(const Sample* __restrict in, Sample* __restrict out, std::int64_t width) {
#pragma omp simd
  for (std::int64_t x = 0; x < width; ++x) {
    if constexpr (channels < 3) {
      out[x] = in[x * channels];
    } else {
      out[x] = to_gray<weights>(in[x * channels], in[x * channels + 1], in[x * channels + 2]);
    }
  }
}

template <class Body>
void with_channels(int channels, Body body) {
  switch (channels) {
    case 1:
      return body(Constant<1>{});
    case 2:
      return body(Constant<2>{});
    case 3:
      return body(Constant<3>{});
    default:
      return body(Constant<4>{});
  }
}

}  // namespace

void gray(const ConstPixels& source, Gray weights, const Plane& gray) {
  with_sample(source.type, [&](auto tag) {
    using Sample = typename decltype(tag)::Type;
    with_gray(weights, [&](auto chosen) {
      with_channels(source.channels, [&](auto channels) {
        for (std::int64_t y = 0; y < source.rows; ++y) {
          gray_row<chosen.value, channels.value>(reinterpret_cast<const Sample*>(source.data + y * source.row_bytes),
                                                 reinterpret_cast<Sample*>(gray.data + y * gray.row_bytes),
                                                 source.width);
        }
      });
    });
  });
}

}  // namespace haloedge::kernels::openmp::HALOEDGE_ISA
