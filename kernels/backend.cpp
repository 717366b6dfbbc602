#include "kernels/backend.hpp"

#include <stdexcept>

#include "kernels/cpu/rows.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge::kernels {

namespace {

class ReferenceBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "reference"; }
  [[nodiscard]] std::string instruction_set() const override { return "scalar"; }

  void gray(const ConstPixels& source, Gray weights, const Plane& gray) const override {
    reference::gray(source, weights, gray);
  }
  void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
             const Plane& out) const override {
    reference::edges(filter, gray_rows, column, out);
  }
  void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column,
            const Plane& out) const override {
    reference::blur(weights, gray_rows, column, out);
  }
  void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                  const Plane& out) const override {
    reference::candidates(filter, gray_rows, column, ends, out);
  }
  void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance,
            std::vector<std::uint32_t>& places) const override {
    reference::near(hash, hashes, distance, places);
  }
};

#if defined(HALOEDGE_HAS_OPENMP)

class CpuBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "cpu"; }
  [[nodiscard]] std::string instruction_set() const override { return cpu::instruction_sets().front(); }

  void gray(const ConstPixels& source, Gray weights, const Plane& gray) const override {
    cpu::gray(source, weights, gray);
  }
  void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
             const Plane& out) const override {
    cpu::edges(filter, gray_rows, column, out);
  }
  void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column,
            const Plane& out) const override {
    cpu::blur(weights, gray_rows, column, out);
  }
  void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                  const Plane& out) const override {
    cpu::candidates(filter, gray_rows, column, ends, out);
  }
  void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance,
            std::vector<std::uint32_t>& places) const override {
    cpu::near(hash, hashes, distance, places);
  }
};

#endif

}  // namespace

std::unique_ptr<Backend> make_backend(HostBackend which) {
  if (which == HostBackend::reference) return std::make_unique<ReferenceBackend>();
#if defined(HALOEDGE_HAS_OPENMP)
  return std::make_unique<CpuBackend>();
#else
  throw std::runtime_error("this build has no vector kernels: Google Highway was not there");
#endif
}

}  // namespace haloedge::kernels
