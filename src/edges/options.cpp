#include "edges/options.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/nodata.hpp"

namespace haloedge {

namespace {

using kernels::Border;
using kernels::Component;
using kernels::Gray;
using kernels::Norm;
using kernels::Operator;
using kernels::SampleType;

Norm norm_of(const EdgeOptions& options) {
  return options.norm.value_or(options.op == Operator::canny ? Norm::l1 : Norm::l2);
}

std::string nodata_text(const NodataOption& nodata) {
  switch (nodata.kind) {
    case NodataOption::Kind::value: return fmt::format("{}", nodata.value);
    case NodataOption::Kind::nan: return "nan";
    case NodataOption::Kind::alpha: return "alpha";
    case NodataOption::Kind::none: return "none";
    case NodataOption::Kind::automatic: break;
  }
  return "auto";
}

/// Returns each option as "--name value ", in a fixed order.
std::vector<std::string> typed_options(const EdgeOptions& options) {
  std::vector<std::string> typed;
  const auto add = [&typed](const char* name, const auto& value) {
    typed.push_back(fmt::format("{} {} ", name, value));
  };
  add("--operator", choice_name(operators(), options.op));
  add("--component", choice_name(components(), options.component));
  add("--norm", choice_name(norms(), norm_of(options)));
  add("--border", choice_name(borders(), options.border));
  add("--scale", options.scale);
  add("--gray", choice_name(grays(), options.gray));
  if (options.op == Operator::canny) {
    add("--low", threshold_text(options.canny.low));
    add("--high", threshold_text(options.canny.high));
    add("--sigma", options.canny.sigma);
  }
  add("--nodata", nodata_text(options.nodata));
  if (options.nodata_output) add("--nodata-output", *options.nodata_output);
  add("--type", type_name(options.type));
  add("--compression", compression_name(options.compression));
  add("--quality", options.quality);
  add("--tile", options.tile);
  if (options.clip) add("--clip", fmt::format("{:g},{:g}", options.clip->low, options.clip->high));
  return typed;
}

/// Returns the pixels of an image that are no data.
kernels::NodataRule nodata_rule(const EdgeOptions& options, const ImageInfo& image) {
  using Kind = NodataOption::Kind;
  const NodataOption& nodata = options.nodata;
  kernels::NodataRule rule{.gray = options.gray};
  if (nodata.kind == Kind::none) return rule;
  if (nodata.kind == Kind::alpha && !image.has_alpha()) {
    throw Error("--nodata alpha: this image has no alpha channel");
  }
  if (nodata.kind == Kind::nan && !image.is_float()) {
    throw Error("--nodata nan: the samples of this image are integers, which are never NaN");
  }
  std::optional<double> value;
  if (nodata.kind == Kind::value) value = nodata.value;
  if (nodata.kind == Kind::automatic) value = image.nodata;
  const bool alpha = nodata.kind == Kind::alpha || (nodata.kind == Kind::automatic && image.alpha_is_mask);
  rule = haloedge::nodata_rule(image, value, alpha);
  rule.gray = options.gray;
  return rule;
}

/// True if the file or the user says which pixels are no data, so that the output says it, too. A NaN in an image that
/// does not tell what it means is passed on as it is.
bool is_nodata_declared(const EdgeOptions& options, const ImageInfo& image) {
  using Kind = NodataOption::Kind;
  const Kind kind = options.nodata.kind;
  if (kind == Kind::automatic) return image.nodata || image.alpha_is_mask || options.nodata_output;
  return kind != Kind::none;
}

void set_nodata(const EdgeOptions& options, const ImageInfo& image, EdgeSettings& settings) {
  settings.nodata = nodata_rule(options, image);
  if (settings.canny) return;  // where there is no data, there are no edges
  const double usual = options.type == SampleType::f32 ? std::numeric_limits<double>::quiet_NaN() : 0;
  settings.nodata_result = options.nodata_output.value_or(usual);
  settings.declares_nodata = is_nodata_declared(options, image);
}

double threshold_value(const Threshold& threshold, std::span<const std::int64_t> counts, double automatic) {
  if (threshold.kind == Threshold::Kind::automatic) return automatic;
  if (threshold.kind == Threshold::Kind::value) return threshold.value;
  return kernels::magnitude_quantile(counts, (100 - threshold.value) / 100);
}

}  // namespace

Choices<Operator> operators() {
  return {{"sobel", Operator::sobel},
          {"scharr", Operator::scharr},
          {"prewitt", Operator::prewitt},
          {"laplacian", Operator::laplacian},
          {"canny", Operator::canny}};
}

Choices<Component> components() {
  return {{"magnitude", Component::magnitude},
          {"x", Component::x},
          {"y", Component::y},
          {"direction", Component::direction}};
}

Choices<Border> borders() {
  return {{"reflect", Border::reflect},
          {"mirror", Border::mirror},
          {"nearest", Border::nearest},
          {"constant", Border::constant},
          {"wrap", Border::wrap}};
}

Choices<SampleType> sample_types() {
  return {{"u8", SampleType::u8}, {"u16", SampleType::u16}, {"f32", SampleType::f32}};
}

Choices<Gray> grays() {
  return {{"bt601", Gray::bt601}, {"bt709", Gray::bt709}, {"mean", Gray::mean},
          {"red", Gray::red},     {"green", Gray::green}, {"blue", Gray::blue}};
}

Choices<Norm> norms() { return {{"l2", Norm::l2}, {"l1", Norm::l1}}; }

Choices<Compression> compressions() {
  return {{"none", Compression::none},
          {"deflate", Compression::deflate},
          {"lzw", Compression::lzw},
          {"zstd", Compression::zstd}};
}

std::string edge_options_text(const EdgeOptions& options) {
  return fmt::format("{}", fmt::join(typed_options(options), ""));
}

std::string chosen_edge_options_text(const EdgeOptions& options) {
  const std::vector<std::string> usual = typed_options({});
  std::vector<std::string> chosen = typed_options(options);
  std::erase_if(chosen, [&](const std::string& option) { return std::ranges::find(usual, option) != usual.end(); });
  return fmt::format("{}", fmt::join(chosen, ""));
}

std::string type_name(SampleType type) { return choice_name(sample_types(), type); }

std::string compression_name(Compression compression) { return choice_name(compressions(), compression); }

std::string why_processor_only(const EdgeOptions& options) {
  const CannyOptions& canny = options.canny;
  std::vector<std::string> found;
  if (canny.sigma > 0) found.push_back(fmt::format("--sigma {}", canny.sigma));
  if (canny.low.kind == Threshold::Kind::quantile) found.push_back("--low " + threshold_text(canny.low));
  if (canny.high.kind != Threshold::Kind::value) found.push_back("--high " + threshold_text(canny.high));
  if (options.op != Operator::canny || found.empty()) return "";
  return fmt::format("--operator canny with {} runs on the processor only", fmt::join(found, ", "));
}

double saved_by_device(Operator op) { return op == Operator::canny ? 0.5e-9 : 0; }

std::string why_processor_only(SampleType type) {
  return type == SampleType::f64 ? "images with 64-bit samples, or 32-bit integers, are filtered on the processor only"
                                 : "";
}

EdgeSettings edge_settings(const EdgeOptions& options, const ImageInfo& image) {
  EdgeSettings settings{.gray = options.gray,
                        .border = options.border,
                        .filter = {.op = options.op,
                                   .component = options.component,
                                   .norm = norm_of(options),
                                   .gray_type = image.type,
                                   .gray_zero = image.zero,
                                   .out_type = options.type,
                                   .factor = 1,
                                   .clip = options.clip},
                        .tile = options.tile};
  settings.filter.factor = kernels::finish_factor(settings.filter, options.scale);
  if (options.op == Operator::canny) {
    if (image.type != SampleType::u8) {
      throw Error("--operator canny needs 8-bit samples, as OpenCV does, but those of this image are larger");
    }
    settings.canny = CannySettings{.blur = kernels::fixed_gaussian(options.canny.sigma), .filter = {}};
    settings.canny->filter.norm = settings.filter.norm;
    // OpenCV's GaussianBlur and its Canny have these borders.
    settings.border = settings.canny->blur.radius() > 0 ? Border::mirror : Border::nearest;
  }
  set_nodata(options, image, settings);
  return settings;
}

std::string threshold_text(const Threshold& threshold) {
  if (threshold.kind == Threshold::Kind::automatic) return "auto";
  return fmt::format("{}{}", threshold.value, threshold.kind == Threshold::Kind::quantile ? "%" : "");
}

bool needs_magnitudes(const CannyOptions& options) {
  return options.high.kind != Threshold::Kind::value || options.low.kind == Threshold::Kind::quantile;
}

kernels::CannyFilter canny_filter(const CannyOptions& options, kernels::Norm norm,
                                  std::span<const std::int64_t> counts) {
  const double otsu = options.high.kind == Threshold::Kind::automatic ? kernels::otsu_threshold(counts) : 0;
  const double high = threshold_value(options.high, counts, otsu);
  const double low = threshold_value(options.low, counts, high / 2);
  return kernels::canny_filter(norm, std::min(low, high), high);
}

}  // namespace haloedge
