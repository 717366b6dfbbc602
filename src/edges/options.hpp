#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/image.hpp"
#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"
#include "kernels/nodata.hpp"
#include "run/options.hpp"
#include "sink/sink.hpp"
#include "source/open_source.hpp"

namespace haloedge {

/// The width and height of an output tile if the user chooses none.
inline constexpr std::int64_t usual_tile = 256;

/// A threshold of Canny's detector, as typed: 100, 70% or auto.
struct Threshold {
  enum class Kind : std::uint8_t {
    value,      ///< a magnitude of the gradient
    quantile,   ///< the percentage of the image's pixels that are not above the threshold
    automatic,  ///< found in the image: see canny_filter()
  };
  Kind kind = Kind::value;
  double value = 0;
};

struct CannyOptions {
  Threshold low{.value = 100};
  Threshold high{.value = 200};
  double sigma = 0;  ///< standard deviation of the blur before the detector, in pixels; 0 for none
};

/// The pixels that count as no data, as typed.
struct NodataOption {
  enum class Kind : std::uint8_t {
    automatic,  ///< what the file says: its nodata value and its mask; NaN, too
    value,      ///< pixels with a value
    nan,        ///< pixels that are NaN
    alpha,      ///< pixels whose alpha is 0
    none,       ///< none: all pixels are taken as they are
  };
  Kind kind = Kind::automatic;
  double value = 0;
};

/// The options, as typed, that decide the pixels and the form of an edge map.
struct EdgeOptions {
  kernels::Operator op = kernels::Operator::sobel;
  kernels::Component component = kernels::Component::magnitude;
  std::optional<kernels::Norm> norm;  ///< if not given, l1 for Canny and l2 for others
  CannyOptions canny;
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  double scale = 1;
  std::optional<kernels::Clip> clip;
  NodataOption nodata;
  std::optional<double> nodata_output;  ///< what results without data become; if not given, NaN in f32, 0 in u8 and u16
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  std::int64_t tile = usual_tile;
  int quality = 90;  ///< quality of JPEG output
};

struct EdgesCommand {
  CommonOptions common;
  InputSpec input;
  std::string output;
  EdgeOptions edge;
  WriteMode write = WriteMode::automatic;
  RestartOptions restart;
};

/// The parameters of Canny's detector for 8-bit gray.
struct CannySettings {
  kernels::GaussianWeights blur;
  kernels::CannyFilter filter;
};

/// The parameters that decide the pixels of an edge map, and the size of its tiles.
struct EdgeSettings {
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  kernels::EdgeFilter filter;
  std::optional<CannySettings> canny{};  ///< parameters of Canny's detector, if it replaces the filter
  kernels::NodataRule nodata{};          ///< pixels without data; results whose support touches them have none either
  double nodata_result = 0;              ///< the sample of a result without data
  bool declares_nodata = false;          ///< the output says which value stands for no data
  std::int64_t tile = usual_tile;        ///< width and height of an output tile, a multiple of tiff_tile_granule

  /// The number of rows and columns around a pixel that decide its value, or whether it is a candidate.
  [[nodiscard]] std::int64_t radius() const {
    return canny ? canny->blur.radius() + kernels::canny_radius : kernels::stencil_radius;
  }
};

// The words that a user types for each kind.
[[nodiscard]] Choices<kernels::Operator> operators();
[[nodiscard]] Choices<kernels::Component> components();
[[nodiscard]] Choices<kernels::Norm> norms();
[[nodiscard]] Choices<kernels::Border> borders();
[[nodiscard]] Choices<kernels::Gray> grays();
[[nodiscard]] Choices<kernels::SampleType> sample_types();
[[nodiscard]] Choices<Compression> compressions();

// The word that a user types for this type, and for this compression.
[[nodiscard]] std::string type_name(kernels::SampleType type);
[[nodiscard]] std::string compression_name(Compression compression);

/// Returns all options in one line, as a user would type them. Equal options give equal lines.
[[nodiscard]] std::string edge_options_text(const EdgeOptions& options);

/// Returns the options that differ from the defaults in one line, as a user would type them.
[[nodiscard]] std::string chosen_edge_options_text(const EdgeOptions& options);

/// Returns the reason why a device cannot do what the options ask for; empty if it can.
[[nodiscard]] std::string why_processor_only(const EdgeOptions& options);

/// Returns the reason why a device cannot filter images with samples of this type; empty if it can.
[[nodiscard]] std::string why_processor_only(kernels::SampleType type);

/// The seconds that a device is expected to save for each pixel that one thread would filter. Measured with an H200 and
/// with AVX-512 (kernels/README.md): Canny gains 0.3 to 1 ns. The other operators gain nothing, because the processor
/// filters pixels in the time that it takes to copy them for a device.
[[nodiscard]] double saved_by_device(kernels::Operator op);

/// Returns what the options mean for an image. Canny's thresholds, which may depend on the whole image, are left open:
/// see canny_filter(). Throws Error if Canny's edges cannot be found in images of its type, or if --nodata asks for
/// what the image does not have.
[[nodiscard]] EdgeSettings edge_settings(const EdgeOptions& options, const ImageInfo& image);

/// Returns the threshold as a user would type it.
[[nodiscard]] std::string threshold_text(const Threshold& threshold);

/// True if the thresholds depend on the image's histogram of magnitudes.
[[nodiscard]] bool needs_magnitudes(const CannyOptions& options);

/// Returns the filter with these thresholds for an image with these magnitudes. `counts` may be empty unless
/// needs_magnitudes(). `auto` means Otsu's threshold for --high, and half of --high for --low. The low threshold is
/// never above the high one.
[[nodiscard]] kernels::CannyFilter canny_filter(const CannyOptions& options, kernels::Norm norm,
                                                std::span<const std::int64_t> counts);

}  // namespace haloedge
