#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "cli/command_line.hpp"
#include "commands/commands.hpp"
#include "kernels/kernels.hpp"
#include "stream/frame_filter.hpp"
#include "stream/options.hpp"

namespace haloedge {
namespace {

std::variant<Command, Answer> parse(std::vector<const char*> words) {
  words.insert(words.begin(), {"haloedge", "stream"});
  return parse_command_line(static_cast<int>(words.size()), words.data(), all_commands());
}

StreamCommand parsed(std::vector<const char*> words) {
  words.insert(words.begin(), {"haloedge", "stream"});
  StreamCommand options;
  const Command command{.name = "stream",
                        .add_options = [&](OptionGroup group) { add_stream_options(group, options); }};
  EXPECT_TRUE(
      std::holds_alternative<Command>(parse_command_line(static_cast<int>(words.size()), words.data(), {command})));
  return options;
}

std::string refusal(std::vector<const char*> words) {
  const auto answer = std::get<Answer>(parse(std::move(words)));
  EXPECT_EQ(answer.exit_code, 2);
  return answer.text;
}

TEST(StreamOptions, Defaults) {
  const StreamCommand command = parsed({});
  EXPECT_EQ(command.input, "");
  EXPECT_EQ(command.output, "");
  EXPECT_EQ(command.policy, StreamPolicy::latest);
  EXPECT_EQ(command.show, Show::overlay);
  EXPECT_EQ(command.color.green, 255);
  EXPECT_EQ(command.color.red + command.color.blue, 0);
  EXPECT_FALSE(command.hud || command.overwrite);
  EXPECT_EQ(command.filter_rate, 0);
}

TEST(StreamOptions, Values) {
  const StreamCommand command =
      parsed({"in.y4m", "-o", "out.y4m", "--policy", "all", "--show", "overlay", "--color", "#0a80FF", "--hud",
              "--filter-rate", "2.5", "--overwrite", "--operator", "canny", "--low", "auto", "--threads", "3"});
  EXPECT_EQ(command.input, "in.y4m");
  EXPECT_EQ(command.output, "out.y4m");
  EXPECT_EQ(choice_name(policies(), command.policy), "all");
  EXPECT_EQ(choice_name(shows(), command.show), "overlay");
  EXPECT_EQ(parsed({"--show", "side"}).show, Show::side);
  EXPECT_EQ(command.color.red, 0x0a);
  EXPECT_EQ(command.color.green, 0x80);
  EXPECT_EQ(command.color.blue, 0xff);
  EXPECT_TRUE(command.hud && command.overwrite);
  EXPECT_EQ(command.filter_rate, 2.5);
  EXPECT_EQ(command.edge.op, kernels::Operator::canny);
  EXPECT_EQ(command.common.threads, 3);
}

TEST(StreamOptions, Refused) {
  EXPECT_NE(refusal({"--color", "grreen"}).find("RRGGBB"), std::string::npos);
  EXPECT_NE(refusal({"--filter-rate", "-1"}).find("'-1'"), std::string::npos);
  EXPECT_NE(refusal({"--filter-rate", "nan"}).find("'nan'"), std::string::npos);
  EXPECT_NE(refusal({"--low", "50"}).find("--operator canny"), std::string::npos);
  EXPECT_NE(refusal({"in.y4m", "out.y4m"}).find("-o"), std::string::npos);
  EXPECT_NE(refusal({"--type", "u16"}).find("--type"), std::string::npos);
}

TEST(StreamOptions, Colours) {
  EXPECT_EQ(parsed({"--color", "orange"}).color.green, 128);
  EXPECT_EQ(parsed({"--color", "00ff00"}).color.green, 255);
  for (const char* wrong :
       {"--color=#", "--color=12345", "--color=1234567", "--color=#12345g", "--color=-12345", "--color=Green "}) {
    EXPECT_NE(refusal({wrong}).find("is not a colour"), std::string::npos) << wrong;
  }
  EXPECT_NE(refusal({"--color", ""}).find("is not a colour"), std::string::npos);
}

TEST(FrameSettings, DeepFrames) {
  using kernels::SampleType;
  EdgeOptions options;
  options.scale = 0.5;
  EXPECT_EQ(frame_settings(options, 8).filter.gray_type, SampleType::u8);
  EXPECT_EQ(frame_settings(options, 10).filter.gray_type, SampleType::u16);
  EXPECT_EQ(frame_settings(options, 10).filter.out_type, SampleType::u16);
  EXPECT_EQ(frame_settings(options, 10).filter.factor, 0.5F);
  options.component = kernels::Component::direction;
  EXPECT_DOUBLE_EQ(frame_settings(options, 10).filter.factor, 0.5 * 1023);
  EXPECT_DOUBLE_EQ(frame_settings(options, 8).filter.factor, 0.5 * 255);
  options = {};
  options.op = kernels::Operator::canny;
  EXPECT_EQ(frame_settings(options, 10).filter.gray_type, SampleType::u8);
}

}  // namespace
}  // namespace haloedge
