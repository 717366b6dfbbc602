#include "cli/command_line.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "commands/commands.hpp"
#include "plan/planned_job.hpp"
#include "run/report.hpp"
#include "sets/options.hpp"
#include "sets/score.hpp"

namespace haloedge {
namespace {

std::variant<Command, Answer> parse(std::vector<const char*> words, const CommandTable& table = all_commands()) {
  words.insert(words.begin(), "haloedge");
  return parse_command_line(static_cast<int>(words.size()), words.data(), table);
}

/// Returns the options of a valid command line, whose first word is the command that has these options.
template <class Options>
Options options_of(void (*add)(OptionGroup, Options&), const std::vector<const char*>& words) {
  Options options;
  const Command command{.name = words.front(), .add_options = [&](OptionGroup group) { add(group, options); }};
  EXPECT_TRUE(std::holds_alternative<Command>(parse(words, {command})));
  return options;
}

Answer answer_to(const std::vector<const char*>& words) {
  const auto parsed = parse(words);
  const auto* answer = std::get_if<Answer>(&parsed);
  EXPECT_NE(answer, nullptr) << "was accepted";
  return answer != nullptr ? *answer : Answer{-1, ""};
}

TEST(CommandLine, EdgesDefaults) {
  const auto command = options_of(add_edges_options, {"edges", "in.tif", "-o", "out.tif"});
  EXPECT_EQ(command.input.input, "in.tif");
  EXPECT_EQ(command.output, "out.tif");
  EXPECT_EQ(command.edge.op, kernels::Operator::sobel);
  EXPECT_EQ(command.edge.border, kernels::Border::reflect);
  EXPECT_EQ(command.edge.tile, 256);
  EXPECT_FALSE(command.restart.overwrite);
  EXPECT_FALSE(command.restart.resume);
  EXPECT_EQ(command.restart.time_limit.count(), 0);
}

TEST(CommandLine, EdgesOptions) {
  const auto command = options_of(
      add_edges_options, {"edges",     "a_*.png",     "--grid",      "2x3",     "-o",      "o.h5:/e",  "--operator",
                          "scharr",    "--component", "x",           "--gray",  "bt709",   "--border", "wrap",
                          "--type",    "f32",         "--clip",      "-0.5,1",  "--scale", "0.25",     "--compression",
                          "deflate",   "--tile",      "512",         "--write", "gather",  "--memory", "256M",
                          "--threads", "3",           "--overwrite", "-q"});
  EXPECT_EQ(command.input.grid->rows, 2);
  EXPECT_EQ(command.input.grid->columns, 3);
  EXPECT_EQ(command.edge.op, kernels::Operator::scharr);
  EXPECT_EQ(command.edge.component, kernels::Component::x);
  EXPECT_EQ(command.edge.gray, kernels::Gray::bt709);
  EXPECT_EQ(command.edge.border, kernels::Border::wrap);
  EXPECT_EQ(command.edge.type, kernels::SampleType::f32);
  EXPECT_EQ(command.edge.clip->low, -0.5F);
  EXPECT_EQ(command.edge.scale, 0.25);
  EXPECT_EQ(command.edge.compression, Compression::deflate);
  EXPECT_EQ(command.edge.tile, 512);
  EXPECT_EQ(command.write, WriteMode::gather);
  EXPECT_EQ(command.common.memory, std::int64_t{256} << 20);
  EXPECT_EQ(command.common.threads, 3);
  EXPECT_TRUE(command.restart.overwrite);
  EXPECT_TRUE(command.common.quiet);
}

TEST(CommandLine, EdgesResume) {
  const auto command =
      options_of(add_edges_options, {"edges", "a.tif", "-o", "b.tif", "--resume", "--time-limit", "55m"});
  EXPECT_TRUE(command.restart.resume);
  EXPECT_EQ(command.restart.time_limit, std::chrono::minutes(55));
  EXPECT_EQ(answer_to({"edges", "a.tif", "-o", "b.tif", "--resume", "--overwrite"}).exit_code, 2);
  EXPECT_EQ(answer_to({"edges", "a.tif", "-o", "b.tif", "--time-limit", "soon"}).exit_code, 2);
}

TEST(CommandLine, DuplicatesOptions) {
  const auto command = options_of(add_duplicates_options,
                                  {"duplicates", "t.csv", "--query", "a.png", "--html", "page.html", "--overwrite"});
  EXPECT_EQ(command.table, "t.csv");
  EXPECT_EQ(command.query, "a.png");
  EXPECT_EQ(command.html, "page.html");
  EXPECT_TRUE(command.overwrite);
}

TEST(CommandLine, ScoreOptions) {
  const auto usual = options_of(add_score_options, {"score", "a", "b", "-o", "s.sqlite"});
  EXPECT_EQ(usual.set.inputs, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(score_options_text(usual), "--low 100 --high 200 --norm l1 --gray bt601 --sigma 7");
  const auto command =
      options_of(add_score_options, {"score",   "a",   "-o",     "s.db", "--depth",  "d//",    "--clusters",   "256",
                                     "--sigma", "0.1", "--low",  "0",    "--high",   "0.5",    "--norm",       "l2",
                                     "--gray",  "red", "--maps", "m",    "--report", "r.json", "--time-limit", "1h"});
  EXPECT_EQ(score_options_text(command),
            "--low 0 --high 0.5 --norm l2 --gray red --sigma 0.1 --depth d --clusters 256");
  EXPECT_EQ(command.maps, "m");
  EXPECT_EQ(command.common.report, "r.json");
  EXPECT_EQ(command.set.restart.time_limit, std::chrono::hours(1));
}

TEST(CommandLine, PlanDefaults) {
  const auto command = options_of(add_plan_options, {"plan", "in.tif"});
  EXPECT_EQ(command.input.input, "in.tif");
  EXPECT_FALSE(command.size);
  EXPECT_EQ(command.output, "edges.tif");
  EXPECT_EQ(command.ranks, 1);
  EXPECT_EQ(command.write, WriteMode::automatic);
  EXPECT_EQ(command.format, PlanFormat::text);
  EXPECT_FALSE(command.machine.link);
}

TEST(CommandLine, PlanOptions) {
  const auto command = options_of(add_plan_options, {"plan",
                                                     "--size",
                                                     "1000000x2000000",
                                                     "--channels",
                                                     "4",
                                                     "--input-type",
                                                     "u16",
                                                     "--ranks",
                                                     "64",
                                                     "--ranks-per-node",
                                                     "8",
                                                     "--cores",
                                                     "32",
                                                     "--calibrate",
                                                     "one.json",
                                                     "--calibrate",
                                                     "two.json",
                                                     "--fs-bandwidth",
                                                     "100GB/s",
                                                     "--fs-node-bandwidth",
                                                     "10G",
                                                     "--link-bandwidth",
                                                     "100Gb/s",
                                                     "--link-latency",
                                                     "2us",
                                                     "--launch-time",
                                                     "1s",
                                                     "--write",
                                                     "gather",
                                                     "--format",
                                                     "json",
                                                     "-o",
                                                     "o.h5:/e"});
  EXPECT_EQ(command.size->width, 1000000);
  EXPECT_EQ(command.size->height, 2000000);
  EXPECT_EQ(command.channels, 4);
  EXPECT_EQ(command.input_type, kernels::SampleType::u16);
  EXPECT_EQ(command.ranks, 64);
  EXPECT_EQ(command.ranks_per_node, 8);
  EXPECT_EQ(command.cores, 32);
  EXPECT_EQ(command.calibrate, (std::vector<std::string>{"one.json", "two.json"}));
  EXPECT_EQ(command.machine.file_system, 100e9);
  EXPECT_EQ(command.machine.node_file_system, 10e9);
  EXPECT_EQ(command.machine.link, 12.5e9);
  EXPECT_DOUBLE_EQ(command.machine.latency.value(), 2e-6);
  EXPECT_EQ(command.machine.launch, 1);
  EXPECT_EQ(command.write, WriteMode::gather);
  EXPECT_EQ(command.format, PlanFormat::json);
  EXPECT_EQ(command.output, "o.h5:/e");
}

TEST(CommandLine, UsageErrors) {
  const std::vector<std::vector<const char*>> wrong{
      {},
      {"edge"},
      {"edges"},
      {"edges", "in.tif"},
      {"edges", "in.tif", "-o", "o.tif", "--no-such-option"},
      {"edges", "in.tif", "-o", "o.tif", "--operator", "roberts"},
      {"edges", "in.tif", "-o", "o.tif", "--tile", "100"},
      {"edges", "in.tif", "-o", "o.tif", "--tile", "256x"},
      {"edges", "in.tif", "-o", "o.tif", "--threads", "0"},
      {"edges", "in.tif", "-o", "o.tif", "--memory", "much"},
      {"edges", "in.tif", "-o", "o.tif", "--memory", "64"},
      {"edges", "in.tif", "-o", "o.tif", "--time-limit", "60"},
      {"edges", "in.tif", "-o", "o.tif", "--grid", "2by2"},
      {"edges", "in.tif", "-o", "o.tif", "--grid", "0x2"},
      {"edges", "in.tif", "-o", "o.tif", "--page", "-1"},
      {"edges", "in.tif", "-o", "o.tif", "--type", "f32", "--clip", "1,0"},
      {"edges", "in.tif", "-o", "o.tif", "--type", "f32", "--clip", "1"},
      {"edges", "in.tif", "-o", "o.tif", "--clip", "0,1"},
      {"edges", "in.tif", "-o", "o.tif", "--scale", "nan"},
      {"edges", "in.tif", "-o", "o.tif", "--operator", "laplacian", "--component", "x"},
      {"split", "in.tif", "-o", "dir", "--grid", "2x2", "--report", "r.json"},
      {"info", "in.tif", "--threads", "2"},
      {"split", "in.tif", "-o", "dir"},
      {"plan"},
      {"plan", "in.tif", "--ranks", "0"},
      {"plan", "in.tif", "--size", "10x10"},
      {"plan", "in.tif", "--channels", "3"},
      {"plan", "--size", "10"},
      {"plan", "--size", "0x10"},
      {"plan", "--size", "99999999999x10"},
      {"plan", "--size", "10x10", "--channels", "5"},
      {"plan", "in.tif", "--fs-bandwidth", "fast"},
      {"plan", "in.tif", "--link-latency", "2"},
      {"plan", "in.tif", "--report", "r.json"},
  };
  for (const auto& words : wrong) {
    const Answer answer = answer_to(words);
    EXPECT_EQ(answer.exit_code, 2);
    EXPECT_FALSE(answer.text.empty());
  }
}

TEST(CommandLine, Mistakes) {
  EXPECT_NE(answer_to({"edge", "in.tif"}).text.find("unknown command edge; did you mean edges?"), std::string::npos);
  EXPECT_NE(answer_to({}).text.find("a command is missing"), std::string::npos);
  const Answer stray = answer_to({"edges", "my", "photo.png", "-o", "o.tif"});
  EXPECT_NE(stray.text.find("unexpected argument photo.png; quote names"), std::string::npos) << stray.text;
  EXPECT_NE(answer_to({"edges", "a.png", "-o", "o.tif", "--gray", "cmyk"}).text.find("--gray: 'cmyk' is not one of"),
            std::string::npos);
}

TEST(CommandLine, Help) {
  const Answer answer = answer_to({"edges", "--help"});
  EXPECT_EQ(answer.exit_code, 0);
  for (const char* part : {"--operator", "sobel|scharr|prewitt|laplacian", "--memory", "--tile", "256", "--clip"}) {
    EXPECT_NE(answer.text.find(part), std::string::npos) << part << " is not in\n" << answer.text;
  }
}

TEST(CommandLine, Version) {
  const Answer answer = answer_to({"--version"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_NE(answer.text.find(fmt::format("haloedge {}\n", version_number())), std::string::npos);
}

}  // namespace
}  // namespace haloedge
