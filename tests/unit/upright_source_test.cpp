// Compares images that are stored turned with their upright pixels, for sources that are turned as they are decoded and
// for those that are decoded as a whole.
#include <cstring>
#include <ostream>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tiffio.h>

#include "source/open_source.hpp"
#include "support/scratch_folder.hpp"
#include "support/source_reader.hpp"
#include "support/tiff_fixture.hpp"
#include "support/tiff_promise.hpp"

namespace haloedge {
namespace {

using Samples = std::vector<std::byte>;

/// A decoder of the rows of a page.
class PageRows final : public RowReader {
 public:
  explicit PageRows(const TiffPage& page) : pixels_(promised_rows(page, page.samples, {0, page.height})) {
    image_.width = page.width;
    image_.height = page.height;
    image_.channels = page.samples;
    image_.type = promised_type(page);
    image_.metadata.orientation = page.orientation;
  }
  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override {
    for (std::int64_t i = 0; i < rows; ++i, ++next_) {
      std::memcpy(out + i * row_bytes, pixels_.data() + next_ * image_.row_bytes(),
                  static_cast<std::size_t>(image_.row_bytes()));
    }
  }
  [[nodiscard]] std::int64_t working_bytes() const override { return 0; }

 private:
  Samples pixels_;
  ImageInfo image_;
  std::int64_t next_ = 0;
};

/// The place at which an upright pixel is stored in a page, by the standard's eight ways to hold a camera.
std::pair<std::int64_t, std::int64_t> stored_at(const TiffPage& page, std::int64_t row, std::int64_t column) {
  const std::int64_t bottom = page.height - 1;
  const std::int64_t right = page.width - 1;
  switch (page.orientation) {
    case 2: return {row, right - column};
    case 3: return {bottom - row, right - column};
    case 4: return {bottom - row, column};
    case 5: return {column, row};
    case 6: return {bottom - column, row};
    case 7: return {bottom - column, right - row};
    case 8: return {column, right - row};
    default: return {row, column};
  }
}

/// Returns the upright pixels of a page, taken one by one from the stored ones, which have `pixel` bytes each.
Samples upright_pixels(const TiffPage& page, const Samples& stored, std::ptrdiff_t pixel) {
  const bool swapped = page.orientation >= 5;
  Samples upright;
  for (std::int64_t row = 0; row < (swapped ? page.width : page.height); ++row) {
    for (std::int64_t column = 0; column < (swapped ? page.height : page.width); ++column) {
      const auto [y, x] = stored_at(page, row, column);
      const auto first = stored.begin() + (y * page.width + x) * pixel;
      upright.insert(upright.end(), first, first + pixel);
    }
  }
  return upright;
}

Samples upright_pixels(const TiffPage& page) {
  return upright_pixels(page, promised_rows(page, page.samples, {0, page.height}),
                        static_cast<std::ptrdiff_t>(page.samples * kernels::sample_bytes(promised_type(page))));
}

/// A way in which an image is stored.
struct Form {
  const char* name;
  std::uint32_t tile_width;
  std::uint32_t block_rows;
  std::uint16_t compression;
  bool by_rows;            ///< it is decoded row by row, in sequence
  int last_streamed_turn;  ///< up to this orientation it is turned as it is decoded
};

std::ostream& operator<<(std::ostream& out, const Form& form) { return out << form.name; }

class UprightSource : public testing::TestWithParam<std::tuple<Form, int>> {
 protected:
  /// Makes a page whose sides no block size divides.
  [[nodiscard]] static TiffPage page_of(std::uint16_t samples, std::uint16_t bits) {
    const auto& [form, orientation] = GetParam();
    TiffPage page{.width = 83, .height = 41, .samples = samples, .bits = bits};
    if (samples == 3) page.photometric = PHOTOMETRIC_RGB;
    if (bits == 32) page.format = SAMPLEFORMAT_IEEEFP;
    page.tile_width = form.tile_width;
    page.block_rows = form.block_rows;
    page.compression = form.compression;
    page.orientation = static_cast<std::uint16_t>(orientation);
    fill_random(page, 7);
    return page;
  }

  [[nodiscard]] std::unique_ptr<Source> open(const TiffPage& page) const {
    if (std::get<0>(GetParam()).by_rows) {
      return make_upright_source(make_sequential_source(std::make_unique<PageRows>(page)));
    }
    write_tiff(scratch_ / "in.tif", {page});
    return make_upright_source(open_tiff_source(scratch_ / "in.tif"));
  }

 private:
  ScratchFolder scratch_;
};

TEST_P(UprightSource, Pixels) {
  for (const int samples : {1, 3}) {
    for (const int bits : {8, 16, 32}) {
      const TiffPage page = page_of(static_cast<std::uint16_t>(samples), static_cast<std::uint16_t>(bits));
      const Samples upright = upright_pixels(page);
      for (const std::int64_t target : {1, 20, 1000}) {
        const auto source = open(page);
        EXPECT_FALSE(source->image().metadata.orientation.has_value() && page.orientation != 1);
        EXPECT_TRUE(read_image(*source, target, source->any_order() ? 3 : 1) == upright) << samples << " of " << bits;
      }
    }
  }
}

TEST_P(UprightSource, Share) {
  const TiffPage page = page_of(3, 8);
  const auto source = open(page);
  const std::int64_t row_bytes = source->image().row_bytes();
  const Samples upright = upright_pixels(page);
  const RowRange share{9, 37};
  EXPECT_TRUE(read_rows(*source, share, 10) ==
              Samples(upright.begin() + share.begin * row_bytes, upright.begin() + share.end * row_bytes));
}

TEST_P(UprightSource, Memory) {
  const auto& [form, orientation] = GetParam();
  const auto source = open(page_of(1, 8));
  const bool streamed = orientation <= form.last_streamed_turn;
  EXPECT_EQ(source->any_order(), streamed && !form.by_rows);
  bool whole = false;
  for (const auto& [key, value] : source->image().description) {
    whole = whole || (key == "orientation" && value.find("decoded as a whole") != std::string::npos);
  }
  EXPECT_EQ(whole, !streamed);
}

INSTANTIATE_TEST_SUITE_P(Forms, UprightSource,
                         testing::Combine(testing::Values(Form{"tiles", 16, 32, COMPRESSION_LZW, false, 8},
                                                          Form{"plain_tiles", 32, 16, COMPRESSION_NONE, false, 8},
                                                          Form{"strips", 0, 7, COMPRESSION_LZW, false, 4},
                                                          Form{"plain_strips", 0, 41, COMPRESSION_NONE, false, 4},
                                                          Form{"rows", 0, 41, COMPRESSION_NONE, true, 2}),
                                          testing::Range(1, 9)),
                         [](const auto& parameter) {
                           return std::string(std::get<0>(parameter.param).name) + "_" +
                                  std::to_string(std::get<1>(parameter.param));
                         });

TEST(UprightSourceOf, ColoursThatLibtiffShows) {
  const ScratchFolder scratch;
  TiffPage page{.width = 50, .height = 30, .samples = 4, .photometric = PHOTOMETRIC_SEPARATED};
  page.tile_width = 16;
  page.block_rows = 16;
  fill_random(page, 3);
  write_tiff(scratch / "in.tif", {page});
  const auto stored = open_tiff_source(scratch / "in.tif");
  ASSERT_EQ(stored->image().channels, 3);
  const Samples pixels = read_image(*stored);
  for (std::uint16_t orientation = 2; orientation <= 8; ++orientation) {
    page.orientation = orientation;
    write_tiff(scratch / "in.tif", {page});
    const auto source = make_upright_source(open_tiff_source(scratch / "in.tif"));
    EXPECT_TRUE(read_image(*source) == upright_pixels(page, pixels, 3)) << orientation;
  }
}

TEST(UprightSourceOf, Georeference) {
  const ScratchFolder scratch;
  TiffPage page{.width = 20, .height = 10};
  page.orientation = 6;
  fill_random(page, 1);
  const auto stored = std::make_unique<PageRows>(page);
  class Referenced final : public Source {
   public:
    explicit Referenced(const ImageInfo& image) : image_(image) { image_.metadata.geo_tags.resize(1); }
    [[nodiscard]] const ImageInfo& image() const override { return image_; }
    [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t) const override { return {rows}; }
    void decode(RowRange, std::int64_t, const PixelConsumer&) override {}
    [[nodiscard]] std::int64_t working_bytes(int) const override { return 0; }

   private:
    ImageInfo image_;
  };
  const auto source = make_upright_source(std::make_unique<Referenced>(stored->image()));
  EXPECT_EQ(source->image().width, 20);
  EXPECT_EQ(source->image().metadata.orientation, 6);
}

}  // namespace
}  // namespace haloedge
