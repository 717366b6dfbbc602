// Tests which numbers of an HDF5 dataset are the rows, columns and channels of an image, and what they are read as.
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "formats/hdf5_handle.hpp"
#include "source/open_source.hpp"
#include "support/scratch_folder.hpp"
#include "support/source_reader.hpp"

namespace haloedge {
namespace {

using kernels::SampleType;

/// A file with one dataset, /x.
class Hdf5Kinds : public testing::Test {
 protected:
  /// Writes numbers of the memory type `from` as those of the type `stored`.
  template <class Number>
  void write(const std::vector<hsize_t>& size, const std::vector<Number>& numbers, hid_t from, hid_t stored) {
    const auto lock = lock_hdf5();
    const Hdf5Id file = create_hdf5(path());
    const Hdf5Id space(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr), H5Sclose);
    const Hdf5Id dataset(H5Dcreate2(file.get(), "/x", stored, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Dclose);
    ASSERT_GE(H5Dwrite(dataset.get(), from, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()), 0);
  }
  /// Writes the numbers 0, 1, 2 ... of this size.
  void count_up(const std::vector<hsize_t>& size) {
    std::vector<std::uint8_t> numbers(std::accumulate(size.begin(), size.end(), hsize_t{1}, std::multiplies<>()));
    std::iota(numbers.begin(), numbers.end(), std::uint8_t{0});
    write(size, numbers, H5T_NATIVE_UINT8, H5T_NATIVE_UINT8);
  }
  [[nodiscard]] std::unique_ptr<Source> open(const ReadOptions& options = {}) const {
    return open_hdf5_source(path().string(), "/x", options);
  }
  /// Returns the samples of the image, which are bytes.
  [[nodiscard]] std::vector<int> bytes(const ReadOptions& options = {}) const {
    const auto source = open(options);
    std::vector<int> samples;
    for (const std::byte sample : read_image(*source)) samples.push_back(std::to_integer<int>(sample));
    return samples;
  }
  [[nodiscard]] std::string complaint(const ReadOptions& options = {}) const {
    try {
      (void)open(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "file.h5"; }

 private:
  ScratchFolder folder_;
};

using Bytes = std::vector<int>;

void expect_in(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' is not in: " << message;
}

TEST_F(Hdf5Kinds, ChannelsLastOrFirst) {
  count_up({2, 2, 3});
  EXPECT_EQ(bytes(), (Bytes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  count_up({3, 2, 2});
  EXPECT_EQ(bytes(), (Bytes{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
  EXPECT_EQ(bytes({.bands = {3}, .axes = "cyx"}), (Bytes{8, 9, 10, 11}));
}

TEST_F(Hdf5Kinds, Bands) {
  count_up({2, 3, 5});
  EXPECT_EQ(bytes({.bands = {2}, .axes = "yxc"}), (Bytes{1, 6, 11, 16, 21, 26}));
  EXPECT_EQ(bytes({.bands = {4, 1, 2}, .axes = "yxc"}),
            (Bytes{3, 0, 1, 8, 5, 6, 13, 10, 11, 18, 15, 16, 23, 20, 21, 28, 25, 26}));
  expect_in(complaint({.axes = "yxc"}), "5 bands");
  expect_in(complaint({.bands = {6}, .axes = "yxc"}), "has 5 bands");
}

TEST_F(Hdf5Kinds, Slices) {
  count_up({5, 2, 3});
  expect_in(complaint({.axes = "tyx"}), "--slice");
  EXPECT_EQ(bytes({.slice = 4}), (Bytes{24, 25, 26, 27, 28, 29}));
  EXPECT_EQ(bytes({.slice = 1, .axes = "yxt"}), (Bytes{1, 4, 7, 10, 13, 16, 19, 22, 25, 28}));
  expect_in(complaint({.slice = 5}), "has 5 images");
  count_up({2, 1, 2, 2, 3});
  EXPECT_EQ(bytes({.slice = 1}), (Bytes{12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}));
}

TEST_F(Hdf5Kinds, DimensionsOfOne) {
  count_up({1, 2, 3});
  EXPECT_EQ(bytes(), (Bytes{0, 1, 2, 3, 4, 5}));
  count_up({2, 3, 1});
  EXPECT_EQ(bytes(), (Bytes{0, 1, 2, 3, 4, 5}));
  count_up({1, 1, 4});
  EXPECT_EQ(open()->image().width, 4);
  count_up({1, 7});
  EXPECT_EQ(open()->image().height, 1);
}

TEST_F(Hdf5Kinds, Transposed) {
  count_up({2, 3});
  EXPECT_EQ(bytes({.axes = "xy"}), (Bytes{0, 3, 1, 4, 2, 5}));
  expect_in(complaint({.axes = "xyc"}), "needs a letter for each of 2 dimensions");
  expect_in(complaint({.axes = "tx"}), "needs one y");
}

TEST_F(Hdf5Kinds, WhatNobodyCanTell) {
  count_up({5, 2, 6});
  expect_in(complaint(), "nobody can tell");
  expect_in(complaint(), "--slice");
  expect_in(complaint(), "--axes");
  count_up({3, 5, 3});
  expect_in(complaint(), "nobody can tell");
  count_up({6});
  expect_in(complaint(), "no image");
}

/// Checks what numbers from -3 to 3, stored as `stored`, are read as.
template <class Sample>
void expect_samples(const Source& source, SampleType type, int zero, const std::vector<std::byte>& read) {
  ASSERT_EQ(source.image().type, type);
  EXPECT_EQ(source.image().zero, zero);
  for (int i = -3; i <= 3; ++i) {
    Sample sample{};
    std::memcpy(&sample, read.data() + static_cast<std::size_t>(i + 3) * sizeof(Sample), sizeof(Sample));
    EXPECT_EQ(static_cast<double>(sample) - zero, i);
  }
}

TEST_F(Hdf5Kinds, Numbers) {
  const std::vector<double> numbers{-3, -2, -1, 0, 1, 2, 3};
  const auto expect = [&](hid_t stored, SampleType type, int zero) {
    write({1, 7}, numbers, H5T_NATIVE_DOUBLE, stored);
    const auto source = open();
    const std::vector<std::byte> read = read_image(*source);
    switch (type) {
      case SampleType::u8: return expect_samples<std::uint8_t>(*source, type, zero, read);
      case SampleType::u16: return expect_samples<std::uint16_t>(*source, type, zero, read);
      case SampleType::f32: return expect_samples<float>(*source, type, zero, read);
      case SampleType::f64: return expect_samples<double>(*source, type, zero, read);
    }
  };
  expect(H5T_STD_I8LE, SampleType::u8, 128);
  expect(H5T_STD_I16BE, SampleType::u16, 32768);
  expect(H5T_STD_I32LE, SampleType::f64, 0);
  expect(H5T_STD_I64BE, SampleType::f64, 0);
  expect(H5T_IEEE_F32BE, SampleType::f32, 0);
  expect(H5T_IEEE_F64LE, SampleType::f64, 0);
  expect(H5T_NATIVE_LDOUBLE, SampleType::f64, 0);
}

TEST_F(Hdf5Kinds, TruthValues) {
  const auto lock = lock_hdf5();
  const Hdf5Id truth(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
  const std::int8_t no = 0;
  const std::int8_t yes = 1;
  H5Tenum_insert(truth.get(), "FALSE", &no);
  H5Tenum_insert(truth.get(), "TRUE", &yes);
  write({2, 2}, std::vector<std::int8_t>{0, 1, 1, 0}, truth.get(), truth.get());
  EXPECT_EQ(bytes(), (Bytes{0, 255, 255, 0}));
}

TEST_F(Hdf5Kinds, FillValueIsNoData) {
  count_up({2, 2});
  {
    const auto lock = lock_hdf5();
    const Hdf5Id file = open_hdf5(path(), H5F_ACC_RDWR);
    const Hdf5Id dataset(H5Dopen2(file.get(), "/x", H5P_DEFAULT), H5Dclose);
    const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
    const Hdf5Id attribute(
        H5Acreate2(dataset.get(), "_FillValue", H5T_NATIVE_UINT8, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    const std::uint8_t value = 3;
    H5Awrite(attribute.get(), H5T_NATIVE_UINT8, &value);
  }
  EXPECT_EQ(open()->image().nodata, 3.0);
}

}  // namespace
}  // namespace haloedge
