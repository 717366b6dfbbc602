#include "kernels/dispatch.hpp"
#include "kernels/pixel.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::reference {

void gray(const ConstPixels& source, Gray weights, const Plane& gray) {
  with_any_sample(source.type, [&](auto tag) {
    using Sample = typename decltype(tag)::Type;
    with_gray(weights, [&](auto chosen) {
      for (std::int64_t y = 0; y < source.rows; ++y) {
        const auto* in = source.row<Sample>(y);
        auto* out = gray.row<Sample>(y);
        for (std::int64_t x = 0; x < source.width; ++x) {
          const Sample* pixel = in + x * source.channels;
          out[x] = source.channels < 3 ? pixel[0] : to_gray<chosen.value>(pixel[0], pixel[1], pixel[2]);
        }
      }
    });
  });
}

}  // namespace haloedge::kernels::reference
