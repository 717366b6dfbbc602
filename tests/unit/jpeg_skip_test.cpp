// Compares rows of a JPEG that are read after others were skipped with those of a decoder that has read them all.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "formats/row_reader.hpp"
#include "kernels/dhash.hpp"
#include "measures/image_hash.hpp"
#include "source/open_source.hpp"
#include "support/jpeg_fixture.hpp"
#include "support/memory_image.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using Colours = JpegForm::Colours;
using Scans = JpegForm::Scans;
using Samples = std::vector<std::byte>;

struct Kind {
  const char* name;
  Colours colours;
  std::array<JpegForm::Sampling, 4> sampling;
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

std::int64_t row_bytes_of(const ImageInfo& image) { return image.width * image.pixel_bytes(); }

Samples read_all(RowReader& reader) {
  const std::int64_t row_bytes = row_bytes_of(reader.image());
  Samples samples(static_cast<std::size_t>(row_bytes * reader.image().height));
  reader.read(samples.data(), row_bytes, reader.image().height);
  return samples;
}

class JpegSkip : public testing::TestWithParam<Kind> {
 protected:
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }

  JpegForm any_form() {
    JpegForm form{.colours = GetParam().colours, .sampling = GetParam().sampling};
    form.scans = static_cast<Scans>(between(0, 2) == 0 ? between(0, 4) : 0);
    form.arithmetic = between(0, 5) == 0;
    form.restart_blocks = between(0, 2) == 0 ? static_cast<unsigned>(between(1, 9)) : 0;
    form.quality = static_cast<int>(between(30, 100));
    return form;
  }

  /// Skips and reads by turns. Returns the steps up to the first wrong row, or nothing if all rows are right.
  std::optional<std::string> first_difference(const Samples& whole) {
    const auto reader = open_jpeg(path_, File::open_to_read(path_));
    const std::int64_t height = reader->image().height;
    const std::int64_t row_bytes = row_bytes_of(reader->image());
    const std::int64_t longest = between(0, 1) == 0 ? 4 : std::min<std::int64_t>(height, 70);
    std::string steps;
    Samples rows;
    for (std::int64_t row = 0; row < height;) {
      const std::int64_t skipped = std::min(between(0, longest), height - row);
      reader->skip(skipped);
      row += skipped;
      const std::int64_t read = std::min(between(0, 3), height - row);
      steps += fmt::format(" skip {} read {}", skipped, read);
      rows.assign(static_cast<std::size_t>(row_bytes * read), std::byte{0});
      reader->read(rows.data(), row_bytes, read);
      if (!std::equal(rows.begin(), rows.end(), whole.begin() + row * row_bytes)) return steps;
      row += read;
    }
    return {};
  }

  kernels::Dhash::Result hash_of(Source& source) {
    return image_hash(source, *kernels::make_backend(kernels::HostBackend::reference), std::int64_t{1} << 30);
  }

  void expect_no_difference(std::int64_t width, std::int64_t height, int patterns) {
    const JpegForm form = any_form();
    write_noisy_jpeg(path_, form, width, height, random_);
    const auto about = fmt::format("{} x {}, scans {}, arithmetic {}, restart {}", width, height,
                                   static_cast<int>(form.scans), form.arithmetic, form.restart_blocks);
    const auto reader = open_jpeg(path_, File::open_to_read(path_));
    const ImageInfo image = reader->image();
    const Samples whole = read_all(*reader);
    for (int i = 0; i < patterns; ++i) EXPECT_EQ(first_difference(whole).value_or(""), "") << about;
    MemorySource memory({whole.data(), row_bytes_of(image), image.width, image.height, image.type, image.channels});
    const auto source = make_sequential_source(open_jpeg(path_, File::open_to_read(path_)));
    EXPECT_TRUE(hash_of(*source) == hash_of(memory)) << about;
  }

  std::mt19937 random_{17};
  ScratchFolder scratch_;
  std::filesystem::path path_ = scratch_ / "a.jpg";
};

TEST_P(JpegSkip, RowsAfter) {
  for (int i = 0; i < 150; ++i) expect_no_difference(between(1, 70), between(1, 70), 5);
  for (int i = 0; i < 3; ++i) expect_no_difference(between(200, 700), between(200, 700), 5);
}

/// Returns a row, after the rows above it were read or skipped, or nothing if it cannot be decoded.
std::optional<Samples> row_of(const std::filesystem::path& path, std::int64_t row, bool skipped) {
  try {
    const auto reader = open_jpeg(path, File::open_to_read(path));
    const std::int64_t row_bytes = row_bytes_of(reader->image());
    Samples samples(static_cast<std::size_t>(row_bytes));
    if (skipped) reader->skip(row);
    for (std::int64_t i = skipped ? row : 0; i <= row; ++i) reader->read(samples.data(), row_bytes, 1);
    return samples;
  } catch (const Error&) {
    return {};
  }
}

TEST_P(JpegSkip, DamageAbove) {
  for (int i = 0; i < 24; ++i) {
    const JpegForm form = any_form();
    const std::int64_t height = between(30, 120);
    write_noisy_jpeg(path_, form, height, height, random_);
    std::ifstream file(path_, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto place = static_cast<std::size_t>(between(std::ssize(bytes) / 3, std::ssize(bytes) - 1));
    if (i % 2 == 0) {
      bytes.resize(place);
    } else {
      bytes[place] = static_cast<char>(between(0, 255));
    }
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    for (int rows = 0; rows < 6; ++rows) {
      const std::int64_t row = between(0, height - 1);
      EXPECT_TRUE(row_of(path_, row, true) == row_of(path_, row, false))
          << "row " << row << " of " << height << ", " << (i % 2 == 0 ? "cut at " : "changed at ") << place << " of "
          << bytes.size() << ", scans " << static_cast<int>(form.scans) << ", restart " << form.restart_blocks
          << ", arithmetic " << form.arithmetic << ": " << row_of(path_, row, true).has_value()
          << row_of(path_, row, false).has_value();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, JpegSkip,
    testing::Values(Kind{"gray", Colours::gray, {{{1, 1}}}}, Kind{"gray22", Colours::gray, {{{2, 2}}}},
                    Kind{"ycc444", Colours::ycc, {}}, Kind{"ycc422", Colours::ycc, {{{2, 1}}}},
                    Kind{"ycc420", Colours::ycc, {{{2, 2}}}}, Kind{"ycc440", Colours::ycc, {{{1, 2}}}},
                    Kind{"ycc411", Colours::ycc, {{{4, 1}}}}, Kind{"ycc410", Colours::ycc, {{{4, 2}}}},
                    Kind{"ycc14", Colours::ycc, {{{1, 4}}}}, Kind{"ycc24", Colours::ycc, {{{2, 4}}}},
                    Kind{"ycc13", Colours::ycc, {{{1, 3}}}}, Kind{"ycc32", Colours::ycc, {{{3, 2}}}},
                    Kind{"ycc14_12", Colours::ycc, {{{1, 4}, {1, 2}, {1, 2}}}},
                    Kind{"ycc24_12", Colours::ycc, {{{2, 2}, {1, 2}, {2, 1}}}},
                    Kind{"ycc21_22", Colours::ycc, {{{1, 1}, {2, 2}, {1, 2}}}}, Kind{"rgb", Colours::rgb, {}},
                    Kind{"rgb12", Colours::rgb, {{{1, 2}}}}, Kind{"cmyk", Colours::cmyk, {}},
                    Kind{"cmyk22", Colours::cmyk, {{{2, 2}, {1, 1}, {1, 1}, {2, 2}}}},
                    Kind{"cmyk12", Colours::cmyk, {{{1, 2}, {1, 1}, {1, 1}, {1, 1}}}}, Kind{"ycck", Colours::ycck, {}},
                    Kind{"ycck22", Colours::ycck, {{{2, 2}, {1, 1}, {1, 1}, {2, 2}}}},
                    Kind{"ycck21", Colours::ycck, {{{2, 1}, {1, 1}, {1, 1}, {2, 1}}}}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace haloedge
