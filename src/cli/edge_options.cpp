#include "cli/edge_options.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "cli/canny_options.hpp"
#include "cli/choice.hpp"
#include "core/error.hpp"

namespace haloedge {

namespace {

using kernels::Border;
using kernels::Component;
using kernels::Gray;
using kernels::Norm;
using kernels::Operator;
using kernels::SampleType;

constexpr int tile_granule = 16;
constexpr int largest_tile = 16384;
constexpr const char* canny_group = "Canny";

Choices<Compression> compressions() {
  return {{"none", Compression::none},
          {"deflate", Compression::deflate},
          {"lzw", Compression::lzw},
          {"zstd", Compression::zstd}};
}

Norm norm_of(const EdgeOptions& options) {
  return options.norm.value_or(options.op == Operator::canny ? Norm::l1 : Norm::l2);
}

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

/// "--name value ", one an option.
std::vector<std::string> typed_options(EdgeOptions options) {
  options.norm = norm_of(options);
  CLI::App app;
  add_edge_options(app, options);  // which takes the values as the defaults that --help would show
  std::vector<std::string> typed;
  for (const CLI::App* group : app.get_subcommands({})) {
    if (group->get_description() == canny_group && options.op != Operator::canny) continue;
    for (const CLI::Option* option : group->get_options()) {
      if (option->get_default_str().empty()) continue;
      typed.push_back(option->get_name() + ' ' + option->get_default_str() + ' ');
    }
  }
  if (options.clip) {
    std::ostringstream clip;
    clip << "--clip " << options.clip->low << ',' << options.clip->high << ' ';
    typed.push_back(clip.str());
  }
  return typed;
}

}  // namespace

Choices<SampleType> sample_types() {
  return {{"u8", SampleType::u8}, {"u16", SampleType::u16}, {"f32", SampleType::f32}};
}

Choices<Gray> grays() {
  return {{"bt601", Gray::bt601}, {"bt709", Gray::bt709}, {"mean", Gray::mean},
          {"red", Gray::red},     {"green", Gray::green}, {"blue", Gray::blue}};
}

Choices<Norm> norms() { return {{"l2", Norm::l2}, {"l1", Norm::l1}}; }

CLI::App& add_filter_options(CLI::App& app, EdgeOptions& options) {
  CLI::App& group = *app.add_option_group("Filter");
  add_choice(group, "--operator", options.op,
             Choices<Operator>{{"sobel", Operator::sobel},
                               {"scharr", Operator::scharr},
                               {"prewitt", Operator::prewitt},
                               {"laplacian", Operator::laplacian},
                               {"canny", Operator::canny}},
             "the 3x3 edge filter, or Canny's detector");
  add_choice(group, "--component", options.component,
             Choices<Component>{{"magnitude", Component::magnitude},
                                {"x", Component::x},
                                {"y", Component::y},
                                {"direction", Component::direction}},
             "what of the gradient; direction: 0 to 1 of a turn, from right towards down");
  add_norm(group, options);
  add_choice(group, "--border", options.border,
             Choices<Border>{{"reflect", Border::reflect},
                             {"mirror", Border::mirror},
                             {"nearest", Border::nearest},
                             {"constant", Border::constant},
                             {"wrap", Border::wrap}},
             "what stands outside the image, as in scipy.ndimage");
  group.add_option("--scale", options.scale, "multiplies every result")
      ->type_name("S")
      ->default_str(fmt::format("{}", options.scale));  // to the last digit, which CLI11's own text is not
  add_canny_options(*app.add_option_group(canny_group), options.canny);
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
        const bool good = tile >= tile_granule && tile <= largest_tile && tile % tile_granule == 0;
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

std::string edge_options_text(EdgeOptions options) {
  std::string text;
  for (const std::string& option : typed_options(options)) text += option;
  return text;
}

std::string chosen_edge_options_text(const EdgeOptions& options) {
  const std::vector<std::string> usual = typed_options({});
  std::string text;
  for (const std::string& option : typed_options(options)) {
    if (std::find(usual.begin(), usual.end(), option) == usual.end()) text += option;
  }
  return text;
}

std::string type_name(SampleType type) { return choice_name(sample_types(), type); }

std::string compression_name(Compression compression) { return choice_name(compressions(), compression); }

EdgeSettings edge_settings(const EdgeOptions& options, SampleType input_type) {
  EdgeSettings settings{.gray = options.gray,
                        .border = options.border,
                        .filter = {.op = options.op,
                                   .component = options.component,
                                   .norm = norm_of(options),
                                   .gray_type = input_type,
                                   .out_type = options.type,
                                   .factor = 1,
                                   .clip = options.clip},
                        .tile = options.tile};
  settings.filter.factor = kernels::finish_factor(settings.filter, options.scale);
  if (options.op == Operator::canny) {
    if (input_type != SampleType::u8) {
      throw Error(fmt::format("--operator canny is for images of 8-bit samples, and this one has {} samples",
                              type_name(input_type)));
    }
    settings.canny = CannySettings{.blur = kernels::fixed_gaussian(options.canny.sigma), .filter = {}};
    settings.canny->filter.norm = settings.filter.norm;
    // The borders of OpenCV's GaussianBlur and of its Canny.
    settings.border = settings.canny->blur.radius() > 0 ? Border::mirror : Border::nearest;
  }
  return settings;
}

}  // namespace haloedge
