#include <cstring>
#include <utility>

#include "formats/optional_readers.hpp"

namespace haloedge {

namespace {

class WholeReader final : public RowReader {
 public:
  WholeReader(ImageInfo image, std::int64_t decoder_bytes, WholeDecoder decode)
      : image_(std::move(image)), decoder_bytes_(decoder_bytes), decode_(std::move(decode)) {}

  [[nodiscard]] const ImageInfo& image() const override { return image_; }

  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override {
    const std::int64_t own_row_bytes = image_.row_bytes();
    if (pixels_.size() == 0) {
      pixels_ = Buffer(image_.height * own_row_bytes);
      decode_(pixels_.data());
      decode_ = nullptr;  // gives back what the decoder holds
    }
    for (std::int64_t i = 0; i < rows; ++i, ++next_row_) {
      std::memcpy(out + i * row_bytes, pixels_.data() + next_row_ * own_row_bytes,
                  static_cast<std::size_t>(own_row_bytes));
    }
  }

  void skip(std::int64_t rows) override { next_row_ += rows; }

  [[nodiscard]] std::int64_t working_bytes() const override {
    return decoder_bytes_ + image_.height * image_.row_bytes();
  }

 private:
  ImageInfo image_;
  std::int64_t decoder_bytes_;
  WholeDecoder decode_;
  Buffer pixels_;
  std::int64_t next_row_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> make_whole_reader(ImageInfo image, std::int64_t decoder_bytes, WholeDecoder decode) {
  return std::make_unique<WholeReader>(std::move(image), decoder_bytes, std::move(decode));
}

Buffer whole_content(const File& file) {
  Buffer content(file.size());
  file.read_at(0, content.span());
  return content;
}

}  // namespace haloedge
