#include "cli/edge_options.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "edges/options.hpp"
#include "formats/tiff_layout.hpp"
#include "kernels/gaussian.hpp"

namespace haloedge {

namespace {

using kernels::Component;
using kernels::Operator;
using kernels::SampleType;

constexpr int largest_tile = 16384;

std::optional<Threshold> parse_threshold(const std::string& text) {
  if (text == "auto") return Threshold{.kind = Threshold::Kind::automatic};
  Threshold threshold;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, threshold.value);
  if (error != std::errc{} || !(threshold.value >= 0)) return std::nullopt;
  if (rest == end) return threshold;
  threshold.kind = Threshold::Kind::quantile;
  if (std::string(rest, end) != "%" || threshold.value > 100) return std::nullopt;
  return threshold;
}

void add_threshold(OptionGroup group, const std::string& name, Threshold& threshold, const std::string& help) {
  group
      .parsed(name, threshold, parse_threshold,
              "is no threshold: write a number such as 100, a part of the pixels such as 70%, or auto", help)
      .placeholder("T")
      .shown_default(threshold_text(threshold));
}

void add_canny_options(OptionGroup group, CannyOptions& options) {
  add_threshold(group, "--low", options.low,
                "gradient above which a pixel can be part of an edge; N%: so many of the image's pixels are not; auto: "
                "half of --high");
  add_threshold(group, "--high", options.high, "gradient above which it begins one; auto: Otsu's threshold");
  const auto is_sigma = [](const std::string& text) {
    const auto sigma = parse_real(text);
    return sigma && *sigma >= 0 && *sigma <= kernels::most_sigma;
  };
  group.number("--sigma", options.sigma, "of a Gaussian blur before, in pixels; 0: none")
      .placeholder("S")
      .must(is_sigma, fmt::format("is not a number from 0 to {}", kernels::most_sigma));
}

std::optional<kernels::Clip> parse_clip(const std::string& text) {
  kernels::Clip clip;
  char comma = 0;
  std::istringstream stream(text);
  const bool is_range = stream >> clip.low >> comma >> clip.high && comma == ',' && (stream >> std::ws).eof();
  if (!is_range || clip.low > clip.high) return std::nullopt;
  return clip;
}

void add_output_options(OptionGroup group, EdgeOptions& options) {
  group.choice("--type", options.type, sample_types(), "of the output's samples; 1.0 is 255, 65535 or 1.0");
  group.choice("--compression", options.compression, compressions(), "of a TIFF or HDF5 output");
  group.number("--quality", options.quality, 1, 100, "of a JPEG output, 1 to 100");
  const auto is_tile = [](const std::string& text) {
    const long long tile = std::strtoll(text.c_str(), nullptr, 10);
    return tile >= tiff_tile_granule && tile <= largest_tile && tile % tiff_tile_granule == 0;
  };
  group.number("--tile", options.tile, "width and height of the output's tiles, a multiple of 16")
      .placeholder("N")
      .must(is_tile, "is not a multiple of 16 from 16 to 16384");
}

bool is_default(const CannyOptions& options) {
  const auto text = [](const CannyOptions& o) {
    return fmt::format("{} {} {}", threshold_text(o.low), threshold_text(o.high), o.sigma);
  };
  return text(options) == text({});
}

void check_canny_options(const EdgeOptions& options) {
  const CannyOptions& canny = options.canny;
  if (options.op != kernels::Operator::canny) {
    if (!is_default(canny)) throw UsageError("--low, --high and --sigma go with --operator canny only");
    return;
  }
  const auto refuse = [](const char* option, const char* why) {
    throw UsageError(fmt::format("--operator canny and {} do not go together: {}", option, why));
  };
  if (options.component != kernels::Component::magnitude) refuse("--component", "a pixel is an edge or none");
  if (options.scale != 1) refuse("--scale", "edges are 255, all else is 0");
  if (options.clip) refuse("--clip", "edges are 255, all else is 0");
  if (options.type != kernels::SampleType::u8) refuse("--type", "edges are 255, all else is 0, in 8 bits");
  if (options.border != kernels::Border::reflect) {
    refuse("--border", "outside the image stand its outermost pixels, as in OpenCV");
  }
  if (canny.low.kind == canny.high.kind && canny.low.value > canny.high.value) {
    throw UsageError(fmt::format("--low {} is above --high {}", threshold_text(canny.low), threshold_text(canny.high)));
  }
}

}  // namespace

OptionGroup add_filter_options(OptionGroup group, EdgeOptions& options) {
  OptionGroup filter = group.group("Filter");
  filter.choice("--operator", options.op, operators(), "the 3x3 edge filter, or Canny's detector");
  filter.choice("--component", options.component, components(),
                "what of the gradient; direction: 0 to 1 of a turn, from right towards down");
  filter.choice("--norm", options.norm, norms(), "of the magnitude: sqrt(x^2 + y^2) or |x| + |y|")
      .shown_default("l2; for canny l1");
  filter.choice("--border", options.border, borders(), "what stands outside the image, as in scipy.ndimage");
  filter.number("--scale", options.scale, "multiplies every result").placeholder("S");
  add_canny_options(group.group("Canny"), options.canny);
  return filter;
}

void add_edge_options(OptionGroup group, EdgeOptions& options) {
  OptionGroup filter = add_filter_options(group, options);
  filter.choice("--gray", options.gray, grays(), "how colour becomes gray");
  filter
      .parsed("--clip", options.clip, parse_clip, "is not a range: write LO,HI with LO <= HI, such as 0,1",
              "cut f32 results to this range")
      .placeholder("LO,HI");
  add_output_options(group.group("Output"), options);
}

void check_edge_options(const EdgeOptions& options) {
  if (options.op == Operator::laplacian && options.component != Component::magnitude) {
    throw UsageError("--operator laplacian has no direction: it goes with --component magnitude only");
  }
  if (options.clip && options.type != SampleType::f32) {
    throw UsageError("--clip goes with --type f32 only: u8 and u16 results always end at the type's limits");
  }
  check_canny_options(options);
  if (!std::isfinite(options.scale)) throw UsageError("--scale must be a finite number");
}

}  // namespace haloedge
