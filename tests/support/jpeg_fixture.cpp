#include "support/jpeg_fixture.hpp"

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

// libjpeg's header needs stdio.h first.
#include <jpeglib.h>

namespace haloedge {

namespace {

using Scans = JpegForm::Scans;

struct Colours {
  J_COLOR_SPACE given;
  J_COLOR_SPACE stored;
  int components;
};

Colours colours_of(JpegForm::Colours colours) {
  switch (colours) {
    case JpegForm::Colours::gray: return {JCS_GRAYSCALE, JCS_GRAYSCALE, 1};
    case JpegForm::Colours::rgb: return {JCS_RGB, JCS_RGB, 3};
    case JpegForm::Colours::cmyk: return {JCS_CMYK, JCS_CMYK, 4};
    case JpegForm::Colours::ycck: return {JCS_CMYK, JCS_YCCK, 4};
    default: return {JCS_RGB, JCS_YCbCr, 3};
  }
}

/// A scan of a component's coefficients `first` to `last`, without the lowest `dropped` bits.
jpeg_scan_info scan_of(int component, int first, int last, int dropped) {
  return {1, {component, 0, 0, 0}, first, last, 0, dropped};
}

std::vector<jpeg_scan_info> scans_of(Scans scans, int components) {
  std::vector<jpeg_scan_info> list;
  if (scans == Scans::luma_apart && components > 1) {
    return {scan_of(0, 0, 63, 0), {components - 1, {1, 2, 3, 0}, 0, 63, 0, 0}};
  }
  for (int i = 0; i < components; ++i) {
    // The decoder fills in what a coarse scan leaves out from the neighbouring blocks.
    list.push_back(scan_of(i, 0, scans == Scans::coarse_progressive ? 0 : 63, 0));
  }
  if (scans == Scans::coarse_progressive) list.push_back(scan_of(0, 1, 2, 1));
  return list;
}

void set_up(jpeg_compress_struct& encoder, const JpegForm& form, std::vector<jpeg_scan_info>& scans) {
  const Colours colours = colours_of(form.colours);
  encoder.input_components = colours.components;
  encoder.in_color_space = colours.given;
  jpeg_set_defaults(&encoder);
  jpeg_set_colorspace(&encoder, colours.stored);
  jpeg_set_quality(&encoder, form.quality, TRUE);
  for (int i = 0; i < colours.components; ++i) {
    encoder.comp_info[i].h_samp_factor = form.sampling.at(static_cast<std::size_t>(i)).across;
    encoder.comp_info[i].v_samp_factor = form.sampling.at(static_cast<std::size_t>(i)).down;
  }
  encoder.arith_code = form.arithmetic ? TRUE : FALSE;
  encoder.restart_interval = form.restart_blocks;
  if (form.scans == Scans::progressive) {
    jpeg_simple_progression(&encoder);
  } else if (form.scans != Scans::one) {
    scans = scans_of(form.scans, colours.components);
    encoder.scan_info = scans.data();
    encoder.num_scans = static_cast<int>(scans.size());
  }
}

}  // namespace

std::vector<std::uint8_t> exif_block(int orientation, bool big_endian) {
  const std::string head = big_endian ? std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25)
                                      : std::string("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 24);
  std::vector<std::uint8_t> bytes(head.begin(), head.end());
  bytes.push_back(static_cast<std::uint8_t>(orientation));
  bytes.resize(bytes.size() + 8);
  return bytes;
}

void write_noisy_jpeg(const std::filesystem::path& path, const JpegForm& form, std::int64_t width, std::int64_t height,
                      std::mt19937& random) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  std::vector<jpeg_scan_info> scans;
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file.get());
  encoder.image_width = static_cast<JDIMENSION>(width);
  encoder.image_height = static_cast<JDIMENSION>(height);
  set_up(encoder, form, scans);
  jpeg_start_compress(&encoder, TRUE);
  const int components = encoder.input_components;
  const auto below = [&random](std::size_t limit) -> std::size_t { return random() % limit; };
  const std::size_t noise = 1 + below(120);
  const std::array<std::size_t, 3> slope{below(7), below(7), below(90)};
  std::vector<JSAMPLE> samples(static_cast<std::size_t>(width * components));
  for (std::size_t row = 0; row < encoder.image_height; ++row) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::size_t component = i % static_cast<std::size_t>(components);
      const std::size_t column = i / static_cast<std::size_t>(components);
      const std::size_t smooth = (row * slope[0] + column * slope[1] + component * slope[2]) % 512;
      // Triangle waves between 0 and 255: the only edges are noise.
      const std::size_t level = smooth < 256 ? smooth : 511 - smooth;
      samples[i] = static_cast<JSAMPLE>((level * (256 - noise) + below(256) * noise) / 256);
    }
    auto* line = samples.data();
    jpeg_write_scanlines(&encoder, &line, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
}

}  // namespace haloedge
