#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "cli/advice.hpp"
#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "sink/output.hpp"
#include "stream/options.hpp"

namespace haloedge {

namespace {

constexpr double min_filter_rate = 0.001;
constexpr double max_filter_rate = 1e6;

Choices<Color> named_colors() {
  return {{"green", {0, 255, 0}},    {"red", {255, 0, 0}},       {"blue", {0, 0, 255}},
          {"yellow", {255, 255, 0}}, {"cyan", {0, 255, 255}},    {"magenta", {255, 0, 255}},
          {"orange", {255, 128, 0}}, {"white", {255, 255, 255}}, {"black", {0, 0, 0}}};
}

/// Parses a colour: its name, or RRGGBB in hexadecimal digits, with or without # before it.
std::optional<Color> parse_color(const std::string& text) {
  if (const auto named = find_choice(named_colors(), usual_word(text))) return named;
  constexpr std::size_t digit_count = 6;
  constexpr int hexadecimal = 16;
  const std::string digits = text.starts_with('#') ? text.substr(1) : text;
  const auto value = parse_number<unsigned>(digits, hexadecimal);
  if (!value || digits.size() != digit_count) return std::nullopt;
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>(*value >> shift & 0xFFU); };
  return Color{byte(16), byte(8), byte(0)};
}

/// The names of videos in containers, which ffmpeg writes.
bool is_container(const std::string& output) {
  const std::vector<std::string> endings{".mp4", ".m4v", ".mkv", ".mov", ".avi", ".webm", ".ts", ".gif"};
  return std::ranges::find(endings, name_ending(output)) != endings.end();
}

void check_stream_options(const OptionGroup& group, const StreamCommand& command) {
  check_edge_options(group, command.edge, std::nullopt);
  if (group.given("--color") && command.show != Show::overlay) {
    throw UsageError("--color does not apply here: it is for edges over the frame (--show overlay)");
  }
  if (is_container(command.output)) {
    throw UsageError(fmt::format(
        "-o {0}: stream writes YUV4MPEG2; ffmpeg can convert it to {1}:\n  haloedge stream {2}--policy all | "
        "ffmpeg -i - {3}",
        command.output, name_ending(command.output), command.input.empty() ? "" : shell_word(command.input) + ' ',
        shell_word(command.output)));
  }
  if (format_of_name(command.output)) {
    throw UsageError(fmt::format("-o {}: stream writes YUV4MPEG2, not {}: name the output {}", command.output,
                                 name_ending(command.output),
                                 shell_word(std::filesystem::path(command.output).replace_extension(".y4m").string())));
  }
}

}  // namespace

void add_stream_options(OptionGroup group, StreamCommand& command) {
  const auto input = [](const std::string& path) {
    return std::optional<std::string>(path == "-" || path == "/dev/stdin" ? "" : path);
  };
  group.parsed("INPUT", command.input, input, "", "YUV4MPEG2 frames: a file or a named pipe; - is standard input")
      .refuse(why_not_a_file)
      .shown_default("standard input");
  // An output file is written under a temporary name and renamed at the end, which must not happen to these names.
  const auto output = [](const std::string& path) {
    return std::optional<std::string>(path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" ? "" : path);
  };
  group
      .parsed("-o,--output", command.output, output, "",
              "the file or named pipe for the frames, as YUV4MPEG2; - is standard output")
      .refuse(why_not_a_file)
      .placeholder("OUTPUT")
      .shown_default("standard output");
  group.flag("--overwrite", command.overwrite, "replace the output if it exists");
  group.choice("--policy", command.policy, policies(),
               "latest: every frame leaves at once with the newest edges, and the filter skips frames if it is too "
               "slow for all. all: every frame is filtered, and the source waits if necessary");
  group.choice("--show", command.show, shows(),
               "overlay: edges over the frame. edges: edges alone. side: both side by side");
  group
      .parsed("--color", command.color, parse_color,
              fmt::format("is not a colour: write {}, or RRGGBB such as ff8000", choice_names(named_colors())),
              "the colour of edges over the frame: " + choice_names(named_colors()) + ", or RRGGBB")
      .placeholder("COLOR")
      .shown_default("green");
  group.flag("--hud", command.hud,
             "write into the frames the rates of the source and of the filter, and how many frames old the edges are");
  const auto is_rate = [](double rate) { return rate == 0 || (rate >= min_filter_rate && rate <= max_filter_rate); };
  group
      .number("--filter-rate", command.filter_rate, is_rate,
              fmt::format("is neither 0 nor a number from {} to {}", min_filter_rate, max_filter_rate),
              "filter at most this many frames a second; 0 for no limit")
      .placeholder("FPS");
  add_filter_options(group, command.edge);
  add_run_options(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.footer(
      "Edges are found in the frames' luma. ffmpeg converts all other video to YUV4MPEG2; for more than 8 bits it "
      "needs\n"
      "-pix_fmt yuv420p10 -strict -1. A camera, a movie, a file:\n"
      "  ffmpeg -f v4l2 -i /dev/video0 -pix_fmt yuv420p -f yuv4mpegpipe - | haloedge stream --hud | ffplay -\n"
      "  ffmpeg -i movie.mp4 -pix_fmt yuv420p -f yuv4mpegpipe - | haloedge stream --policy all | ffmpeg -i - out.mp4\n"
      "  haloedge stream in.y4m -o out.y4m --policy all");
  group.check([group, &command] { check_stream_options(group, command); });
}

}  // namespace haloedge
