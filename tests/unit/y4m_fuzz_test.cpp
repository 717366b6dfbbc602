// Tests streams with mistakes that are made from a fixed seed: each stream is read, or refused with an Error.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "stream/y4m.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t end) { return random() % end; }

std::vector<std::string> valid_streams() {
  std::vector<std::string> streams;
  for (const char* const fields : {"W5 H3 F25:1 C420jpeg", "W8 H2 F30000:1001 It A1:1 C422p10 XCOLORRANGE=FULL",
                                   "W3 H3 Cmono", "W4 H4 C444p16", "H2 W7 C411 Xmore=1"}) {
    const std::string line = std::string("YUV4MPEG2 ") + fields;
    std::string stream = line + '\n';
    const auto bytes = static_cast<std::size_t>(parse_y4m_header(line).format.frame_bytes());
    for (int frame = 0; frame < 3; ++frame) {
      stream += frame == 1 ? "FRAME Ip XFOO\n" : "FRAME\n";
      for (std::size_t i = 0; i < bytes; ++i) stream += static_cast<char>(i * 7);
    }
    streams.push_back(stream);
  }
  return streams;
}

/// Returns a place for a mistake, which is mostly where the first lines are.
std::size_t place(Random& random, const std::string& stream) {
  return below(random, random() % 4 == 0 ? stream.size() + 1 : std::min<std::size_t>(stream.size(), 60) + 1);
}

void spoil(Random& random, std::string& stream) {
  static const std::array<std::string, 8> words{"99999999999999999999", "1048576", "-1", "0", "FRAME\n", " ", "\n",
                                                std::string(5000, '7')};
  const std::size_t at = place(random, stream);
  switch (random() % 5) {
    case 0:
      if (at < stream.size()) stream[at] = static_cast<char>(random());
      return;
    case 1: stream.resize(at); return;
    case 2: stream.insert(at, 1 + below(random, 3), static_cast<char>(random())); return;
    case 3: stream.insert(at, words.at(below(random, words.size()))); return;
    default: stream.erase(at, 1 + below(random, 5));
  }
}

/// The numbers of streams by what became of them.
struct Counts {
  int refused = 0;
  int damaged = 0;
  int whole = 0;
};

void read(const std::string& path, std::size_t size, Counts& counts) {
  constexpr std::int64_t small = 1 << 16;
  ByteInput input(path, [] { return false; });
  Y4mReader reader(input);
  const std::int64_t bytes = reader.header().format.frame_bytes();
  ASSERT_GT(bytes, 0);
  (void)reader.header().frame_rate();
  EXPECT_EQ(parse_y4m_header(reader.header().line()).line(), reader.header().line());
  if (bytes > small) return;
  Frame frame(reader.header().format);
  while (reader.read(frame)) EXPECT_EQ(frame.pixels.size(), bytes);
  EXPECT_LE(reader.frames() * bytes, static_cast<std::int64_t>(size)) << "a frame that cannot be whole";
  ++(reader.damage().empty() ? counts.whole : counts.damaged);
}

TEST(Y4mFuzz, Mistakes) {
  const ScratchFolder folder;
  const std::string path = folder / "stream";
  const std::vector<std::string> valid = valid_streams();
  Random random(20240607);
  Counts counts;
  for (int round = 0; round < 20'000; ++round) {
    std::string stream = valid[below(random, valid.size())];
    for (std::size_t mistakes = 1 + below(random, 3); mistakes > 0; --mistakes) spoil(random, stream);
    std::ofstream(path, std::ios::binary) << stream;
    SCOPED_TRACE("round " + std::to_string(round));
    try {
      read(path, stream.size(), counts);
    } catch (const Error&) {
      ++counts.refused;
    }
  }
  EXPECT_GT(counts.refused, 1000);
  EXPECT_GT(counts.damaged, 1000);
  EXPECT_GT(counts.whole, 1000);
}

}  // namespace
}  // namespace haloedge
