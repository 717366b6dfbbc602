#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "cli/command_options.hpp"
#include "cli/common_options.hpp"
#include "cli/edge_options.hpp"
#include "core/number_text.hpp"
#include "stream/options.hpp"

namespace haloedge {

namespace {

constexpr double least_filter_rate = 0.001;
constexpr double most_filter_rate = 1e6;

struct NamedColor {
  std::string_view name;
  Color color;
};

constexpr std::array<NamedColor, 9> named_colors{{{"green", {0, 255, 0}},
                                                  {"red", {255, 0, 0}},
                                                  {"blue", {0, 0, 255}},
                                                  {"yellow", {255, 255, 0}},
                                                  {"cyan", {0, 255, 255}},
                                                  {"magenta", {255, 0, 255}},
                                                  {"orange", {255, 128, 0}},
                                                  {"white", {255, 255, 255}},
                                                  {"black", {0, 0, 0}}}};

std::string color_names() {
  std::string names;
  for (const NamedColor& named : named_colors) names += fmt::format("{}{}", names.empty() ? "" : "|", named.name);
  return names;
}

/// A colour's name, or RRGGBB in hexadecimal digits, with or without # before it.
std::optional<Color> parse_color(const std::string& text) {
  const auto named =
      std::find_if(named_colors.begin(), named_colors.end(), [&](const auto& n) { return n.name == text; });
  if (named != named_colors.end()) return named->color;
  const std::string digits = text.starts_with('#') ? text.substr(1) : text;
  constexpr std::size_t digit_count = 6;
  constexpr int hexadecimal = 16;
  unsigned value = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal);
  if (error != std::errc{} || rest != digits.data() + digits.size() || digits.size() != digit_count)
    return std::nullopt;
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>(value >> shift & 0xFFU); };
  return Color{byte(16), byte(8), byte(0)};
}

bool is_filter_rate(const std::string& text) {
  const auto rate = parse_real(text);
  return rate && (*rate == 0 || (*rate >= least_filter_rate && *rate <= most_filter_rate));
}

}  // namespace

void add_stream_options(OptionGroup group, StreamCommand& command) {
  const auto input = [](const std::string& path) {
    return std::optional<std::string>(path == "-" || path == "/dev/stdin" ? "" : path);
  };
  group.parsed("INPUT", command.input, input, "", "YUV4MPEG2 frames: a file or named pipe; - is standard input")
      .shown_default("standard input");
  // An output file is written under a temporary name and renamed at the end. That must not happen to these.
  const auto output = [](const std::string& path) {
    return std::optional<std::string>(path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" ? "" : path);
  };
  group.parsed("-o,--output", command.output, output, "", "where the frames go, as YUV4MPEG2; - is standard output")
      .placeholder("OUTPUT")
      .shown_default("standard output");
  group.flag("--overwrite", command.overwrite, "replace a file that is there");
  group.choice(
      "--policy", command.policy, policies(),
      "latest: every frame leaves at once, with the newest edges there are, and the filter skips frames it has no "
      "time for; all: every frame is filtered, and the source waits if need be");
  group.choice("--show", command.show, shows(), "edges over the frame, edges alone, or both side by side");
  group
      .parsed("--color", command.color, parse_color,
              fmt::format("is no colour: write {}, or RRGGBB such as ff8000", color_names()),
              "of edges over the frame: " + color_names() + ", or RRGGBB")
      .placeholder("COLOR")
      .shown_default("green");
  group.flag("--hud", command.hud,
             "write into the frames: the source's rate, the filter's, and how many frames old the edges are");
  group.number("--filter-rate", command.filter_rate, "frames filtered a second at most; 0: as many as it can")
      .placeholder("FPS")
      .must(is_filter_rate, fmt::format("is not a number from {} to {}, nor 0", least_filter_rate, most_filter_rate));
  add_filter_options(group, command.edge);
  add_run_options(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.footer(
      "Edges are found in the frames' luma; what is no YUV4MPEG2, ffmpeg turns into it. A camera, a file, a movie:\n"
      "  ffmpeg -f v4l2 -i /dev/video0 -pix_fmt yuv420p -f yuv4mpegpipe - | haloedge stream --hud | ffplay -\n"
      "  haloedge stream in.y4m -o out.y4m --policy all\n"
      "  ffmpeg -i movie.mp4 -pix_fmt yuv420p -f yuv4mpegpipe - | haloedge stream --policy all | ffmpeg -i - out.mp4\n"
      "For more than 8 bits: ffmpeg -i movie.mp4 -pix_fmt yuv420p10 -strict -1 -f yuv4mpegpipe -");
  group.check([&command] { check_edge_options(command.edge); });
}

}  // namespace haloedge
