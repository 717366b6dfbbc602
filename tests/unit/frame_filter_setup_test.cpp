// Tests the number of a stream's filters, the memory that they ask for, and whole flows through filters on devices.
#include <gtest/gtest.h>

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "frames.hpp"
#include "stream/frame_filter.hpp"
#include "stream/stream_flow.hpp"
#include "stream_fixture.hpp"
#include "support/emulated_device.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;

FrameFilterSpec sobel_of(const FrameFormat& format) { return filter_spec({}, format); }

/// Returns the resources of a rank whose device has this much memory.
RankResources with_device(std::int64_t memory, int threads = 16) {
  return {.threads = threads, .memory = std::int64_t{1} << 40, .device = DeviceShare{.number = 3, .memory = memory}};
}

ChosenBackend device_backend() {
  return {.name = "cuda", .detail = "emulated", .device = DeviceShare{.number = 3, .memory = mebibyte}};
}

ChosenBackend host_backend() { return {.name = "cpu", .detail = "", .host = make_backend(kernels::HostBackend::cpu)}; }

/// Returns the message of the error with which `action` is refused.
template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "is not refused";
  return "";
}

/// Returns the text between `before` and `after`.
std::string word_behind(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

TEST(FilterCount, Threads) { EXPECT_EQ(filter_count({.threads = 7, .memory = 0}, sobel_of(mono(300, 200, 8))), 7); }

TEST(FilterCount, DeviceMemory) {
  for (const int bits : {8, 10}) {
    const FrameFilterSpec spec = sobel_of(mono(300, 200, bits));
    const std::int64_t each = kernels::device_bytes(device_frame_spec(spec));
    EXPECT_GE(each, 2 * spec.format.luma_bytes()) << "luma and edges";
    for (const std::int64_t count : {1, 2, 3}) {
      EXPECT_EQ(filter_count(with_device(count * each), spec), count);
      EXPECT_EQ(filter_count(with_device((count + 1) * each - 1), spec), count);
    }
    EXPECT_EQ(filter_count(with_device(100 * each), spec), device_slots) << "more do not overlap any better";
    EXPECT_EQ(filter_count(with_device(100 * each, 2), spec), 2) << "each needs a thread";
  }
}

TEST(FilterCount, DeviceTooSmall) {
  const FrameFilterSpec spec = sobel_of(mono(3000, 2000, 8));
  const std::int64_t each = kernels::device_bytes(device_frame_spec(spec));
  const std::string why = refusal([&] { (void)filter_count(with_device(each - 1), spec); });
  EXPECT_NE(why.find("part of device 3 is"), std::string::npos) << why;
  EXPECT_NE(why.find("--backend cpu"), std::string::npos) << why;
  std::string needed = word_behind(why, "need ", " of memory");
  std::erase(needed, ' ');
  const auto bytes = parse_size(needed);
  ASSERT_TRUE(bytes) << why;
  EXPECT_EQ(filter_count(with_device(*bytes), spec), 1);
  EXPECT_LT(*bytes, 2 * each);
}

/// Returns the least memory that is not refused.
std::int64_t min_memory(std::int64_t flow, std::int64_t filters, const FrameFilterSpec& spec, RankResources resources) {
  std::int64_t too_little = 0;
  std::int64_t enough = std::int64_t{1} << 40;
  while (enough - too_little > 1) {
    resources.memory = (too_little + enough) / 2;
    try {
      require_memory(flow, filters, spec, resources);
      enough = resources.memory;
    } catch (const Error&) {
      too_little = resources.memory;
    }
  }
  return enough;
}

TEST(RequireMemory, Host) {
  const FrameFilterSpec spec = sobel_of(mono(300, 200, 8));
  const RankResources host{.threads = 1};
  EXPECT_EQ(min_memory(0, 0, spec, host), program_bytes);
  EXPECT_EQ(min_memory(12345, 3, spec, host), program_bytes + 12345 + 3 * host_frame_filter_bytes(spec));
}

TEST(RequireMemory, Device) {
  const FrameFilterSpec spec = sobel_of(mono(300, 200, 8));
  const RankResources device = with_device(mebibyte);
  EXPECT_EQ(min_memory(0, 0, spec, device), program_bytes + driver_bytes);
  const std::int64_t filters = min_memory(0, 3, spec, device) - min_memory(0, 0, spec, device);
  EXPECT_EQ(filters, 3 * device_frame_filter_bytes(spec));
  EXPECT_GE(filters, 3 * 2 * spec.format.luma_bytes()) << "luma and edges";
}

TEST(RequireMemory, Message) {
  const FrameFilterSpec spec = sobel_of(mono(3000, 2000, 8));
  for (RankResources resources : {RankResources{.threads = 1}, with_device(mebibyte)}) {
    resources.memory = mebibyte;
    const std::string why = refusal([&] { require_memory(0, 2, spec, resources); });
    EXPECT_NE(why.find("3000 x 2000"), std::string::npos) << why;
    const std::string named = word_behind(why, "run with --memory ", " ");
    const auto bytes = parse_size(named);
    ASSERT_TRUE(bytes) << why;
    resources.memory = *bytes;
    EXPECT_NO_THROW(require_memory(0, 2, spec, resources));
    resources.memory = *bytes - 2 * mebibyte;
    EXPECT_THROW(require_memory(0, 2, spec, resources), Error) << named << " is far more";
  }
}

TEST(MakeFilters, ChosenDevice) {
  if (!kernels::find_devices().found.empty()) GTEST_SKIP() << "there is a device";
  EXPECT_THROW((void)make_filters(1, sobel_of(mono(30, 20, 8)), device_backend()), kernels::DeviceError);
}

TEST(MakeFilters, OneEach) {
  const FrameFilterSpec spec = sobel_of(mono(67, 41, 10));
  int made = 0;
  const auto filters = make_filters(3, spec, device_backend(), [&](const kernels::DeviceFilterSpec& device) {
    EXPECT_EQ(device.source_bytes, device_frame_spec(spec).source_bytes);
    ++made;
    return make_emulated_device(device, DeviceHaste::all_at_the_end);
  });
  EXPECT_EQ(made, 3);
  ASSERT_EQ(filters.size(), 3);
  // Different filters take turns with the frames, and none of them may see another filter's frame.
  for (unsigned seed = 1; seed <= 6; ++seed) {
    const auto luma = random_luma(spec.format, seed);
    EXPECT_TRUE(filtered(*filters[seed % 3], luma) == reference_edges(spec, luma)) << "frame " << seed;
  }
}

/// Returns what an ordered flow writes of a stream when it shows the edges alone.
std::string edges_of_stream(const std::filesystem::path& input, std::vector<std::unique_ptr<FrameFilter>> filters,
                            std::int64_t& filtered_frames) {
  const std::filesystem::path path = input.parent_path() / "out.y4m";
  ByteInput in(input, [] { return false; });
  Y4mReader reader(in);
  ByteOutput out(path, [](StreamClock::duration) { return false; });
  Y4mWriter writer(out);
  const Painter painter(reader.header().format, Show::edges, {}, true);
  StreamStats stats;
  StreamStop stop([] { return false; });
  StreamJob job{.reader = reader,
                .writer = writer,
                .painter = painter,
                .painted = reader.header(),
                .filters = std::move(filters),
                .stats = stats,
                .stop = stop};
  run_ordered_flow(job, {}, *make_single_communicator());
  out.finish();
  filtered_frames = stats.totals().filtered.count;
  return read_text_file(path);
}

TEST(MakeFilters, SameStream) {
  constexpr FrameFormat format{.width = 131, .height = 77};
  constexpr int frames = 24;
  const ScratchFolder scratch;
  const std::filesystem::path input = scratch / "in.y4m";
  write_text_file(input, whole_stream(format, frames));
  EdgeOptions canny;
  canny.op = kernels::Operator::canny;
  for (const EdgeOptions& options : {EdgeOptions{}, canny}) {
    const FrameFilterSpec spec = filter_spec(options, format);
    const ChosenBackend host = host_backend();
    std::int64_t on_host = 0;
    const std::string expected = edges_of_stream(input, make_filters(1, spec, host), on_host);
    EXPECT_EQ(on_host, frames);
    EXPECT_GT(std::ssize(expected), frames * format.frame_bytes());
    std::int64_t on_devices = 0;
    const std::string made =
        edges_of_stream(input,
                        make_filters(3, spec, device_backend(),
                                     [](const kernels::DeviceFilterSpec& device) {
                                       return make_emulated_device(device, DeviceHaste::all_at_the_end);
                                     }),
                        on_devices);
    EXPECT_EQ(on_devices, frames);
    EXPECT_TRUE(made == expected) << "Canny: " << spec.edge.canny.has_value();
  }
}

}  // namespace
}  // namespace haloedge
