#include "cli/canny_options.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "kernels/gaussian.hpp"

namespace haloedge {

namespace {

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

void add_threshold(CLI::App& app, const std::string& name, Threshold& threshold, const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [name, &threshold](const std::string& text) {
           const auto typed = parse_threshold(text);
           if (!typed) {
             throw CLI::ValidationError(name, "'" + text +
                                                  "' is no threshold: write a number such as 100, a part of the "
                                                  "pixels such as 70%, or auto");
           }
           threshold = *typed;
         },
         help)
      ->type_name("T")
      ->default_str(threshold_text(threshold));
}

bool is_default(const CannyOptions& options) {
  const auto text = [](const CannyOptions& o) {
    return fmt::format("{} {} {}", threshold_text(o.low), threshold_text(o.high), o.sigma);
  };
  return text(options) == text({});
}

}  // namespace

void add_canny_options(CLI::App& app, CannyOptions& options) {
  add_threshold(app, "--low", options.low,
                "gradient above which a pixel can be part of an edge; N%: so many of the image's pixels are not; auto: "
                "half of --high");
  add_threshold(app, "--high", options.high, "gradient above which it begins one; auto: Otsu's threshold");
  app.add_option("--sigma", options.sigma, "of a Gaussian blur before, in pixels; 0: none")
      ->type_name("S")
      ->default_str(fmt::format("{}", options.sigma))
      ->check([](const std::string& text) -> std::string {
        const auto sigma = parse_real(text);
        return sigma && *sigma >= 0 && *sigma <= kernels::most_sigma
                   ? ""
                   : fmt::format("'{}' is not a number from 0 to {}", text, kernels::most_sigma);
      });
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

}  // namespace haloedge
