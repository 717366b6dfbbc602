#include "pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>

#include <hdf5.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>

namespace haloedge {

namespace {

using kernels::SampleType;

/// Returns a value from 0 to 1 for a place.
double brightness(std::int64_t row, std::int64_t column, int channel, double noise) {
  const double ramp = static_cast<double>((row * 3 + column * 2 + 40 * channel) % 400) / 400;
  const auto y = static_cast<double>(row % 97) - 48;
  const auto x = static_cast<double>(column % 131) - 65;
  const bool disc = x * x + y * y < 30.0 * 30.0;
  return std::clamp((disc ? 0.9 - 0.2 * channel : 0.6 * ramp) + 0.1 * noise, 0.0, 1.0);
}

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

Tiff open_tiff(const std::filesystem::path& path, const char* mode) {
  Tiff tiff(TIFFOpen(path.c_str(), mode), &TIFFClose);
  if (!tiff) throw std::runtime_error("cannot open " + path.string());
  return tiff;
}

void write_tiles(TIFF* tiff, const Picture& picture, std::int64_t tile) {
  const std::int64_t pixel = picture.channels * kernels::sample_bytes(picture.type);
  std::vector<std::byte> buffer(static_cast<std::size_t>(tile * tile * pixel));
  for (std::int64_t row = 0; row < picture.height; row += tile) {
    for (std::int64_t column = 0; column < picture.width; column += tile) {
      std::fill(buffer.begin(), buffer.end(), std::byte{77});
      const std::int64_t width = std::min(tile, picture.width - column);
      for (std::int64_t y = 0; y < std::min(tile, picture.height - row); ++y) {
        std::memcpy(buffer.data() + y * tile * pixel,
                    picture.samples.data() + (row + y) * picture.row_bytes() + column * pixel,
                    static_cast<std::size_t>(width * pixel));
      }
      TIFFWriteTile(tiff, buffer.data(), static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(row), 0, 0);
    }
  }
}

hid_t hdf5_type(SampleType type) {
  return type == SampleType::u8 ? H5T_NATIVE_UINT8 : type == SampleType::u16 ? H5T_NATIVE_UINT16 : H5T_NATIVE_FLOAT;
}

}  // namespace

Picture make_picture(std::int64_t width, std::int64_t height, int channels, SampleType type) {
  Picture picture{width, height, type, channels, {}};
  picture.samples.resize(static_cast<std::size_t>(picture.row_bytes() * height));
  std::mt19937 random(12345);
  std::uniform_real_distribution<double> noise(-1, 1);
  std::byte* to = picture.samples.data();
  for (std::int64_t row = 0; row < height; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      for (int channel = 0; channel < channels; ++channel, to += kernels::sample_bytes(type)) {
        const double value = brightness(row, column, channel, noise(random));
        const auto u8 = static_cast<std::uint8_t>(std::lround(value * 255));
        const auto u16 = static_cast<std::uint16_t>(std::lround(value * 65535));
        const auto f32 = static_cast<float>(value);
        switch (type) {
          case SampleType::u8: std::memcpy(to, &u8, sizeof u8); break;
          case SampleType::u16: std::memcpy(to, &u16, sizeof u16); break;
          case SampleType::f32: std::memcpy(to, &f32, sizeof f32); break;
          case SampleType::f64: std::memcpy(to, &value, sizeof value); break;
        }
      }
    }
  }
  return picture;
}

Picture crop(const Picture& picture, std::int64_t row, std::int64_t column, std::int64_t height, std::int64_t width) {
  Picture part{width, height, picture.type, picture.channels, {}};
  const std::int64_t pixel = picture.channels * kernels::sample_bytes(picture.type);
  for (std::int64_t y = row; y < row + height; ++y) {
    const std::byte* from = picture.samples.data() + y * picture.row_bytes() + column * pixel;
    part.samples.insert(part.samples.end(), from, from + width * pixel);
  }
  return part;
}

void write_tiff(const Picture& picture, const std::filesystem::path& path, TiffForm layout, int compression) {
  constexpr std::int64_t tile = 64;
  const Tiff tiff = open_tiff(path, "w");
  TIFFSetField(tiff.get(), TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(picture.width));
  TIFFSetField(tiff.get(), TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(picture.height));
  TIFFSetField(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, picture.channels);
  TIFFSetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * kernels::sample_bytes(picture.type)));
  TIFFSetField(
      tiff.get(), TIFFTAG_SAMPLEFORMAT,
      picture.type == SampleType::u8 || picture.type == SampleType::u16 ? SAMPLEFORMAT_UINT : SAMPLEFORMAT_IEEEFP);
  TIFFSetField(tiff.get(), TIFFTAG_PHOTOMETRIC, picture.channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff.get(), TIFFTAG_COMPRESSION, compression);
  if (compression == COMPRESSION_LZW || compression == COMPRESSION_ADOBE_DEFLATE) {
    TIFFSetField(tiff.get(), TIFFTAG_PREDICTOR,
                 picture.type == SampleType::f32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  }
  if (layout == TiffForm::tiles) {
    TIFFSetField(tiff.get(), TIFFTAG_TILEWIDTH, static_cast<std::uint32_t>(tile));
    TIFFSetField(tiff.get(), TIFFTAG_TILELENGTH, static_cast<std::uint32_t>(tile));
    return write_tiles(tiff.get(), picture, tile);
  }
  const auto rows = layout == TiffForm::strips ? std::uint32_t{13} : static_cast<std::uint32_t>(picture.height);
  TIFFSetField(tiff.get(), TIFFTAG_ROWSPERSTRIP, rows);
  std::vector<std::byte> row(static_cast<std::size_t>(picture.row_bytes()));
  for (std::int64_t y = 0; y < picture.height; ++y) {
    std::memcpy(row.data(), picture.samples.data() + y * picture.row_bytes(), row.size());
    TIFFWriteScanline(tiff.get(), row.data(), static_cast<std::uint32_t>(y), 0);
  }
}

Picture read_tiff(const std::filesystem::path& path) {
  const Tiff tiff = open_tiff(path, "r");
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t channels = 1;
  std::uint16_t bits = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, &channels);
  TIFFGetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, &bits);
  const SampleType type = bits == 8 ? SampleType::u8 : bits == 16 ? SampleType::u16 : SampleType::f32;
  Picture picture{width, height, type, channels, {}};
  picture.samples.resize(static_cast<std::size_t>(picture.row_bytes() * picture.height));
  if (TIFFIsTiled(tiff.get()) == 0) {
    for (std::uint32_t y = 0; y < height; ++y) {
      if (TIFFReadScanline(tiff.get(), picture.samples.data() + y * picture.row_bytes(), y, 0) != 1) {
        throw std::runtime_error("cannot read a row of " + path.string());
      }
    }
    return picture;
  }
  std::uint32_t tile_width = 0;
  std::uint32_t tile_height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField(tiff.get(), TIFFTAG_TILELENGTH, &tile_height);
  const std::int64_t pixel = picture.channels * kernels::sample_bytes(type);
  std::vector<std::byte> tile(static_cast<std::size_t>(TIFFTileSize(tiff.get())));
  for (std::uint32_t row = 0; row < height; row += tile_height) {
    for (std::uint32_t column = 0; column < width; column += tile_width) {
      if (TIFFReadTile(tiff.get(), tile.data(), column, row, 0, 0) < 0) {
        throw std::runtime_error("cannot read a tile of " + path.string());
      }
      for (std::uint32_t y = row; y < std::min(height, row + tile_height); ++y) {
        std::memcpy(picture.samples.data() + y * picture.row_bytes() + column * pixel,
                    tile.data() + (y - row) * tile_width * pixel,
                    static_cast<std::size_t>(std::min(tile_width, width - column) * pixel));
      }
    }
  }
  return picture;
}

void write_png(const Picture& picture, const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  if (png_image_write_to_file(&image, path.c_str(), 0, picture.samples.data(), 0, nullptr) == 0) {
    throw std::runtime_error(image.message);
  }
}

Picture read_png(const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, path.c_str()) == 0) throw std::runtime_error(image.message);
  image.format = (image.format & PNG_FORMAT_FLAG_COLOR) != 0 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Picture picture{
      image.width, image.height, SampleType::u8, static_cast<int>(PNG_IMAGE_PIXEL_CHANNELS(image.format)), {}};
  picture.samples.resize(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, picture.samples.data(), 0, nullptr) == 0) {
    throw std::runtime_error(image.message);
  }
  return picture;
}

void write_jpeg(const Picture& picture, const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file.get());
  encoder.image_width = static_cast<JDIMENSION>(picture.width);
  encoder.image_height = static_cast<JDIMENSION>(picture.height);
  encoder.input_components = picture.channels;
  encoder.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 90, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  for (std::int64_t row = 0; row < picture.height; ++row) {
    auto* samples =
        reinterpret_cast<JSAMPROW>(const_cast<std::byte*>(picture.samples.data() + row * picture.row_bytes()));
    jpeg_write_scanlines(&encoder, &samples, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
}

std::int64_t count_bright_pixels(const std::filesystem::path& path) {
  const Tiff tiff = open_tiff(path, "r");
  std::vector<std::byte> tile(static_cast<std::size_t>(TIFFTileSize(tiff.get())));
  std::int64_t count = 0;
  for (std::uint32_t number = 0; number < TIFFNumberOfTiles(tiff.get()); ++number) {
    if (TIFFReadEncodedTile(tiff.get(), number, tile.data(), -1) < 0) throw std::runtime_error("cannot read a tile");
    count += std::count_if(tile.begin(), tile.end(), [](std::byte sample) { return sample != std::byte{0}; });
  }
  return count;
}

void write_hdf5(const Picture& picture, const std::filesystem::path& path, const std::string& dataset) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t size[3] = {static_cast<hsize_t>(picture.height), static_cast<hsize_t>(picture.width),
                           static_cast<hsize_t>(picture.channels)};
  const hsize_t chunk[3] = {std::min<hsize_t>(50, size[0]), std::min<hsize_t>(70, size[1]), size[2]};
  const int rank = picture.channels == 1 ? 2 : 3;
  const hid_t space = H5Screate_simple(rank, size, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, rank, chunk);
  H5Pset_deflate(creation, 1);
  const hid_t type = hdf5_type(picture.type);
  const hid_t set = H5Dcreate2(file, dataset.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, picture.samples.data());
  H5Dclose(set);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
}

Picture read_hdf5(const std::filesystem::path& path, const std::string& dataset) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t set = H5Dopen2(file, dataset.c_str(), H5P_DEFAULT);
  if (set < 0) throw std::runtime_error("cannot read " + path.string());
  const hid_t space = H5Dget_space(set);
  const hid_t type = H5Dget_type(set);
  hsize_t size[3] = {0, 0, 1};
  H5Sget_simple_extent_dims(space, size, nullptr);
  const std::size_t bytes = H5Tget_size(type);
  Picture picture{static_cast<std::int64_t>(size[1]),
                  static_cast<std::int64_t>(size[0]),
                  bytes == 1   ? SampleType::u8
                  : bytes == 2 ? SampleType::u16
                               : SampleType::f32,
                  static_cast<int>(size[2]),
                  {}};
  picture.samples.resize(static_cast<std::size_t>(picture.row_bytes() * picture.height));
  H5Dread(set, hdf5_type(picture.type), H5S_ALL, H5S_ALL, H5P_DEFAULT, picture.samples.data());
  H5Tclose(type);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return picture;
}

}  // namespace haloedge
