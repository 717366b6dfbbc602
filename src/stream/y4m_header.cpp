#include "stream/y4m_header.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t largest_side = 1 << 20;
constexpr std::string_view range_tag = "XCOLORRANGE=";

struct Sampling {
  std::string_view name;
  bool has_chroma;
  int shift_x;
  int shift_y;
  bool may_be_deep = false;
};

// Where chroma stands between the samples of luma (jpeg, mpeg2, paldv) does not matter here: it is kept.
constexpr std::array<Sampling, 8> samplings{{{"420jpeg", true, 1, 1},
                                             {"420mpeg2", true, 1, 1},
                                             {"420paldv", true, 1, 1},
                                             {"420", true, 1, 1, true},
                                             {"411", true, 2, 0},
                                             {"422", true, 1, 0, true},
                                             {"444", true, 0, 0, true},
                                             {"mono", false, 0, 0, true}}};
constexpr std::array<int, 5> deep_bits{9, 10, 12, 14, 16};

std::int64_t side(const Y4mHeader& header, std::string_view tag, const char* what) {
  const std::string text = header.field(tag);
  if (text.empty()) throw Error(fmt::format("the first line does not tell the frames' {} ({}...)", what, tag));
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < 1 || *number > largest_side) {
    throw Error(
        fmt::format("{}{}: the frames' {} must be a number from 1 to {}", tag, printable(text), what, largest_side));
  }
  return *number;
}

/// Programs differ in which one of two they believe.
void refuse_repeated(const Y4mHeader& header) {
  for (const char tag : {'W', 'H', 'C'}) {
    const auto count =
        std::count_if(header.fields.begin(), header.fields.end(), [&](const auto& f) { return f[0] == tag; });
    if (count > 1) throw Error(fmt::format("the first line has the field {}... more than once", tag));
  }
}

/// Older programs tell it in an extension, in capitals.
std::string sampling_name(const Y4mHeader& header) {
  std::string name = header.field("C");
  if (!name.empty()) return name;
  name = header.field("XYSCSS=");
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

/// "420p10" is 420 of 10 bits, "mono16" is mono of 16.
bool has_depth(std::string_view text, const Sampling& sampling, int bits) {
  return sampling.may_be_deep && text == fmt::format("{}{}{}", sampling.name, sampling.has_chroma ? "p" : "", bits);
}

void read_sampling(std::string_view text, FrameFormat& format) {
  const auto take = [&](const Sampling& sampling, int bits) {
    format.bits = bits;
    format.has_chroma = sampling.has_chroma;
    format.chroma_shift_x = sampling.shift_x;
    format.chroma_shift_y = sampling.shift_y;
  };
  if (text.empty()) return take(samplings.front(), 8);
  for (const Sampling& sampling : samplings) {
    if (text == sampling.name) return take(sampling, 8);
    for (const int bits : deep_bits) {
      if (has_depth(text, sampling, bits)) return take(sampling, bits);
    }
  }
  throw Error(
      fmt::format("C{}: frames of this kind are not taken; there are mono, 420, 411, 422 and 444, of 8 to 16 bits: "
                  "have ffmpeg make them with  -pix_fmt yuv420p",
                  printable(text)));
}

}  // namespace

double Y4mHeader::frame_rate() const {
  const std::string text = field("F");
  const auto colon = text.find(':');
  if (colon == std::string::npos) return 0;
  const auto frames = parse_number<std::int64_t>(std::string_view(text).substr(0, colon));
  const auto seconds = parse_number<std::int64_t>(std::string_view(text).substr(colon + 1));
  if (!frames || !seconds || *frames <= 0 || *seconds <= 0) return 0;
  return static_cast<double>(*frames) / static_cast<double>(*seconds);
}

bool Y4mHeader::full_range() const { return field(range_tag) == "FULL"; }

std::string Y4mHeader::field(std::string_view tag) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.starts_with(tag); });
  return found == fields.end() ? std::string() : found->substr(tag.size());
}

void Y4mHeader::set_field(std::string_view tag, const std::string& value) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.starts_with(tag); });
  std::string& to = found == fields.end() ? fields.emplace_back() : *found;
  to = std::string(tag) + value;
}

std::string Y4mHeader::line() const {
  std::string text(y4m_magic);
  for (const std::string& field : fields) text += ' ' + field;
  return text;
}

Y4mHeader parse_y4m_header(std::string_view line) {
  if (!line.starts_with(y4m_magic) || (line.size() > y4m_magic.size() && line[y4m_magic.size()] != ' ')) {
    throw Error("is not YUV4MPEG2");
  }
  Y4mHeader header;
  for (std::size_t at = y4m_magic.size(); at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) header.fields.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  refuse_repeated(header);
  header.format.width = side(header, "W", "width");
  header.format.height = side(header, "H", "height");
  read_sampling(sampling_name(header), header.format);
  return header;
}

}  // namespace haloedge
