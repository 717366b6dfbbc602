#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/choices.hpp"
#include "edges/canny_options.hpp"
#include "edges/edge_plan.hpp"
#include "kernels/kernels.hpp"
#include "run/options.hpp"
#include "sink/sink.hpp"
#include "source/open_source.hpp"

namespace haloedge {

/// The options, as typed, that decide the pixels and the form of an edge map.
struct EdgeOptions {
  kernels::Operator op = kernels::Operator::sobel;
  kernels::Component component = kernels::Component::magnitude;
  std::optional<kernels::Norm> norm;  ///< not given: l1 for Canny, else l2
  CannyOptions canny;
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  double scale = 1;
  std::optional<kernels::Clip> clip;
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  std::int64_t tile = 256;
  int quality = 90;  ///< of JPEG output
};

struct EdgesCommand {
  CommonOptions common;
  InputSpec input;
  std::string output;
  EdgeOptions edge;
  WriteMode write = WriteMode::automatic;
  RestartOptions restart;
};

// The words that are typed for each kind.
[[nodiscard]] Choices<kernels::Operator> operators();
[[nodiscard]] Choices<kernels::Component> components();
[[nodiscard]] Choices<kernels::Norm> norms();
[[nodiscard]] Choices<kernels::Border> borders();
[[nodiscard]] Choices<kernels::Gray> grays();
[[nodiscard]] Choices<kernels::SampleType> sample_types();
[[nodiscard]] Choices<Compression> compressions();

// As they are typed.
[[nodiscard]] std::string type_name(kernels::SampleType type);
[[nodiscard]] std::string compression_name(Compression compression);

/// All options in one line, as they would be typed: equal options, equal lines.
[[nodiscard]] std::string edge_options_text(const EdgeOptions& options);

/// The options that are not the defaults, in one line as they would be typed.
[[nodiscard]] std::string chosen_edge_options_text(const EdgeOptions& options);

/// Says why a device cannot do what the options ask for; empty if it can.
[[nodiscard]] std::string why_processor_only(const EdgeOptions& options);

/// Returns what the options mean for an image of `input_type`. Canny's thresholds, which may depend on the whole image,
/// are left open: see canny_filter(). Throws Error if Canny's edges cannot be found in images of this type.
[[nodiscard]] EdgeSettings edge_settings(const EdgeOptions& options, kernels::SampleType input_type);

}  // namespace haloedge
