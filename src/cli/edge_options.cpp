#include "cli/edge_options.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "cli/canny_options.hpp"
#include "cli/choice.hpp"
#include "core/error.hpp"
#include "formats/tiff_layout.hpp"

namespace haloedge {

namespace {

using kernels::Component;
using kernels::Operator;
using kernels::SampleType;

constexpr int largest_tile = 16384;

/// What is not typed is shown as it depends on the operator.
void add_norm(CLI::App& group, EdgeOptions& options) {
  const auto take = [&options, names = norms()](const std::string& typed) {
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == typed; });
    if (found == names.end()) throw CLI::ValidationError("--norm", "'" + typed + "' is none of l2|l1");
    options.norm = found->second;
  };
  group.add_option_function<std::string>("--norm", take, "of the magnitude: sqrt(x^2 + y^2) or |x| + |y|")
      ->type_name("l2|l1")
      ->default_str(options.norm ? choice_name(norms(), *options.norm) : "l2; for canny l1");
}

void add_gray_options(CLI::App& group, EdgeOptions& options) {
  add_choice(group, "--gray", options.gray, grays(), "how colour becomes gray");
  group
      .add_option_function<std::string>(
          "--clip",
          [&options](const std::string& text) {
            kernels::Clip clip;
            char comma = 0;
            std::istringstream stream(text);
            if (!(stream >> clip.low >> comma >> clip.high) || comma != ',' || !(stream >> std::ws).eof() ||
                clip.low > clip.high) {
              throw CLI::ValidationError("--clip",
                                         "'" + text + "' is not a range: write LO,HI with LO <= HI, such as 0,1");
            }
            options.clip = clip;
          },
          "cut f32 results to this range")
      ->type_name("LO,HI");
}

}  // namespace

CLI::App& add_filter_options(CLI::App& app, EdgeOptions& options) {
  CLI::App& group = *app.add_option_group("Filter");
  add_choice(group, "--operator", options.op, operators(), "the 3x3 edge filter, or Canny's detector");
  add_choice(group, "--component", options.component, components(),
             "what of the gradient; direction: 0 to 1 of a turn, from right towards down");
  add_norm(group, options);
  add_choice(group, "--border", options.border, borders(), "what stands outside the image, as in scipy.ndimage");
  group.add_option("--scale", options.scale, "multiplies every result")
      ->type_name("S")
      ->default_str(fmt::format("{}", options.scale));  // to the last digit, which CLI11's own text is not
  add_canny_options(*app.add_option_group("Canny"), options.canny);
  return group;
}

void add_edge_options(CLI::App& app, EdgeOptions& options) {
  add_gray_options(add_filter_options(app, options), options);
  CLI::App& group = *app.add_option_group("Output");
  add_choice(group, "--type", options.type, sample_types(), "of the output's samples; 1.0 is 255, 65535 or 1.0");
  add_choice(group, "--compression", options.compression, compressions(), "of a TIFF or HDF5 output");
  group.add_option("--quality", options.quality, "of a JPEG output, 1 to 100")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 100).description(""));
  group.add_option("--tile", options.tile, "width and height of the output's tiles, a multiple of 16")
      ->type_name("N")
      ->capture_default_str()
      ->check([](const std::string& text) -> std::string {
        const long long tile = std::strtoll(text.c_str(), nullptr, 10);
        const bool good = tile >= tiff_tile_granule && tile <= largest_tile && tile % tiff_tile_granule == 0;
        return good ? "" : "'" + text + "' is not a multiple of 16 from 16 to 16384";
      });
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
