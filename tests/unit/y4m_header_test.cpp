#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "stream/y4m.hpp"

namespace haloedge {
namespace {

struct Kind {
  std::string name;
  int bits;
  bool has_chroma;
  int shift_x, shift_y;
};

std::vector<Kind> kinds() {
  std::vector<Kind> all{{"420jpeg", 8, true, 1, 1}, {"420mpeg2", 8, true, 1, 1}, {"420paldv", 8, true, 1, 1},
                        {"420", 8, true, 1, 1},     {"411", 8, true, 2, 0},      {"422", 8, true, 1, 0},
                        {"444", 8, true, 0, 0},     {"mono", 8, false, 0, 0}};
  for (const int bits : {9, 10, 12, 14, 16}) {
    const std::string depth = std::to_string(bits);
    all.push_back({"420p" + depth, bits, true, 1, 1});
    all.push_back({"422p" + depth, bits, true, 1, 0});
    all.push_back({"444p" + depth, bits, true, 0, 0});
    all.push_back({"mono" + depth, bits, false, 0, 0});
  }
  return all;
}

TEST(Y4mHeader, Kinds) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const FrameFormat format = parse_y4m_header("YUV4MPEG2 W5 H3 F25:1 C" + kind.name).format;
    EXPECT_EQ(format.width, 5);
    EXPECT_EQ(format.height, 3);
    EXPECT_EQ(format.bits, kind.bits);
    EXPECT_EQ(format.has_chroma, kind.has_chroma);
    if (!kind.has_chroma) {
      EXPECT_EQ(format.frame_bytes(), 15 * (kind.bits > 8 ? 2 : 1));
      continue;
    }
    EXPECT_EQ(format.chroma_shift_x, kind.shift_x);
    EXPECT_EQ(format.chroma_shift_y, kind.shift_y);
    const int columns = kind.shift_x == 0 ? 5 : kind.shift_x == 1 ? 3 : 2;
    const int rows = kind.shift_y == 0 ? 3 : 2;
    EXPECT_EQ(format.frame_bytes(), (15 + 2 * columns * rows) * (kind.bits > 8 ? 2 : 1));
  }
}

TEST(Y4mHeader, DefaultKind) {
  const FrameFormat format = parse_y4m_header("YUV4MPEG2 W4 H4").format;
  EXPECT_TRUE(format.has_chroma);
  EXPECT_EQ(format.frame_bytes(), 24);
}

TEST(Y4mHeader, FieldOrder) {
  const std::string line = "YUV4MPEG2 H48 W64 XYSCSS=420JPEG F30000:1001 It A128:117 C420jpeg XCOLORRANGE=FULL Q";
  const Y4mHeader header = parse_y4m_header(line);
  EXPECT_EQ(header.line(), line);
  EXPECT_EQ(header.field("I"), "t");
  EXPECT_EQ(header.field("A"), "128:117");
  EXPECT_EQ(header.field("XYSCSS="), "420JPEG");
  EXPECT_EQ(header.field("Z"), "");
  EXPECT_TRUE(header.full_range());
  EXPECT_FALSE(parse_y4m_header("YUV4MPEG2 W1 H1 XCOLORRANGE=LIMITED").full_range());
  EXPECT_FALSE(parse_y4m_header("YUV4MPEG2 W1 H1").full_range());
  EXPECT_EQ(parse_y4m_header("YUV4MPEG2  W4   H4 ").line(), "YUV4MPEG2 W4 H4");
}

TEST(Y4mHeader, FrameRate) {
  const auto rate = [](const std::string& text) { return parse_y4m_header("YUV4MPEG2 W1 H1 " + text).frame_rate(); };
  EXPECT_DOUBLE_EQ(rate("F25:1"), 25);
  EXPECT_DOUBLE_EQ(rate("F30000:1001"), 30000.0 / 1001);
  for (const char* const none : {"", "F", "F25", "F0:0", "F25:0", "F0:1", "F-25:1", "F25:-1", "F:", "Fa:b", "F25:1:1",
                                 "F99999999999999999999:1"}) {
    EXPECT_EQ(rate(none), 0) << none;
  }
}

TEST(Y4mHeader, ChangedFields) {
  Y4mHeader header = parse_y4m_header("YUV4MPEG2 W64 H48 F25:1 XA=1");
  header.set_field("W", "128");
  header.set_field("XCOLORRANGE=", "FULL");
  EXPECT_EQ(header.line(), "YUV4MPEG2 W128 H48 F25:1 XA=1 XCOLORRANGE=FULL");
  header.set_field("XCOLORRANGE=", "LIMITED");
  EXPECT_EQ(header.line(), "YUV4MPEG2 W128 H48 F25:1 XA=1 XCOLORRANGE=LIMITED");
}

/// Returns the message with which parsing fails, or nothing.
std::string failure(const std::string& line) {
  try {
    (void)parse_y4m_header(line);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Y4mHeader, Sides) {
  const std::string after = " F25:1";
  EXPECT_NE(failure("YUV4MPEG2 H4" + after).find("the width of the frames (W...)"), std::string::npos);
  EXPECT_NE(failure("YUV4MPEG2 W4" + after).find("the height of the frames (H...)"), std::string::npos);
  for (const char* const side : {"", "0", "-1", "1e30", "1.5", "+4", "4x", "1048577", "99999999999999999999", "\x01"}) {
    SCOPED_TRACE(side);
    EXPECT_NE(failure(std::string("YUV4MPEG2 H4 W") + side + after).find("width"), std::string::npos);
    EXPECT_NE(failure(std::string("YUV4MPEG2 W4 H") + side + after).find("height"), std::string::npos);
  }
  EXPECT_EQ(failure("YUV4MPEG2 W\x01 H4").find('\x01'), std::string::npos) << "an unprintable message";
  EXPECT_GT(parse_y4m_header("YUV4MPEG2 W1048576 H1048576 C444p16").format.frame_bytes(), 0);
}

TEST(Y4mHeader, Extensions) {
  EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W4 H4 XYSCSS=444").format.chroma_width(), 4);
  EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W4 H4 XYSCSS=420JPEG").format.chroma_width(), 2);
  EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W4 H4 XYSCSS=420P10").format.bits, 10);
  EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W4 H4 C422 XYSCSS=444").format.chroma_width(), 2);
}

TEST(Y4mHeader, Repeated) {
  for (const char* line : {"YUV4MPEG2 W4 H4 W8", "YUV4MPEG2 W4 H4 H4", "YUV4MPEG2 C444 W4 H4 C420"}) {
    EXPECT_THROW((void)parse_y4m_header(line), Error) << line;
  }
}

TEST(Y4mHeader, OtherKinds) {
  for (const char* const kind : {"410", "440", "444alpha", "420p8", "420p11", "420p", "411p10", "420jpegp10", "mono8",
                                 "monop10", "p10", "420 ", "4200", "\x1b[2J"}) {
    SCOPED_TRACE(kind);
    const std::string what = failure(std::string("YUV4MPEG2 W4 H4 C") + kind);
    if (std::string(kind) == "420 ") {
      EXPECT_EQ(what, "");
      continue;
    }
    EXPECT_NE(what.find("frames of this kind are not supported"), std::string::npos);
    EXPECT_NE(what.find("411 with 8 bits"), std::string::npos) << what;
    EXPECT_EQ(what.find('\x1b'), std::string::npos);
  }
}

TEST(Y4mHeader, MagicWord) {
  for (const char* const line : {"", "YUV4MPEG", "YUV4MPEG2X W4 H4", "yuv4mpeg2 W4 H4", " YUV4MPEG2 W4 H4", "RIFF"}) {
    EXPECT_EQ(failure(line), "is not YUV4MPEG2") << line;
  }
  EXPECT_NE(failure("YUV4MPEG2"), "");
}

}  // namespace
}  // namespace haloedge
