#include "kernels/backend.hpp"

#include <stdexcept>

#include "kernels/openmp/rows.hpp"
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
};

class OpenmpBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "openmp"; }
  [[nodiscard]] std::string instruction_set() const override { return openmp::instruction_sets().front(); }

  void gray(const ConstPixels& source, Gray weights, const Plane& gray) const override {
    openmp::gray(source, weights, gray);
  }
  void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
             const Plane& out) const override {
    openmp::edges(filter, gray_rows, column, out);
  }
};

}  // namespace

std::unique_ptr<Backend> make_backend(BackendChoice choice) {
  switch (choice) {
    case BackendChoice::automatic:
    case BackendChoice::cpu:
      return std::make_unique<OpenmpBackend>();
    case BackendChoice::reference:
      return std::make_unique<ReferenceBackend>();
    case BackendChoice::cuda:
      break;
  }
  throw std::runtime_error("--backend cuda: this build has no CUDA kernels; there are cpu and reference");
}

}  // namespace haloedge::kernels
