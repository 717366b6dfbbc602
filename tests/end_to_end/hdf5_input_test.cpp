// Tests HDF5 files as MATLAB, NetCDF-4 and h5py write them, and what the user learns about one that cannot be read.
#include <array>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/file.h>
#include <tiffio.h>
#include <unistd.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

constexpr H5Z_filter_t test_filter = 300;  // from the range of numbers for tests

std::size_t keep_bytes(unsigned, std::size_t, const unsigned*, std::size_t bytes, std::size_t*, void**) {
  return bytes;
}

class Hdf5Input : public testing::Test {
 protected:
  void SetUp() override {
    write_tiff(picture_, scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
    ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/right.tif -q", folder())).exit_code, 0);
  }

  /// Creates a file with a user block of this size, which is 0 or as HDF5 allows it.
  [[nodiscard]] hid_t create(const std::string& name, hsize_t user_block = 0) const {
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, user_block);
    const hid_t file = H5Fcreate(path(name).c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    H5Pclose(creation);
    return file;
  }

  /// Writes the picture as a dataset with the filters of `creation`, and gives it a text attribute if `kind` is not
  /// empty.
  void add(hid_t file, const std::string& name, hid_t creation = H5P_DEFAULT, const std::string& attribute = "",
           const std::string& kind = "") const {
    const std::array<hsize_t, 2> size{static_cast<hsize_t>(picture_.height), static_cast<hsize_t>(picture_.width)};
    const hid_t space = H5Screate_simple(2, size.data(), nullptr);
    const hid_t set = H5Dcreate2(file, name.c_str(), H5T_NATIVE_UINT8, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    ASSERT_GE(H5Dwrite(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, picture_.samples.data()), 0);
    if (!kind.empty()) {
      const hid_t text = H5Tcopy(H5T_C_S1);
      H5Tset_size(text, kind.size());
      const hid_t scalar = H5Screate(H5S_SCALAR);
      const hid_t value = H5Acreate2(set, attribute.c_str(), text, scalar, H5P_DEFAULT, H5P_DEFAULT);
      H5Awrite(value, text, kind.c_str());
      H5Aclose(value);
      H5Sclose(scalar);
      H5Tclose(text);
    }
    H5Dclose(set);
    H5Sclose(space);
  }

  [[nodiscard]] static hid_t chunks() {
    constexpr std::array<hsize_t, 2> chunk{32, 32};
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 2, chunk.data());
    return creation;
  }

  /// Checks that `input` gives the right edge map.
  void expect_read(const std::string& input) const {
    for (const int ranks : {0, 2}) {
      const RunResult run =
          run_haloedge(fmt::format("edges '{}' -o {}/out.tif -q --overwrite", path(input), folder()), {.ranks = ranks});
      ASSERT_EQ(run.exit_code, 0) << run.err;
      EXPECT_TRUE(read_tiff(scratch_ / "out.tif") == read_tiff(scratch_ / "right.tif")) << input;
    }
  }

  /// Returns what `edges` says when it refuses the input.
  [[nodiscard]] std::string refusal(const std::string& input) const {
    const RunResult run = run_haloedge(fmt::format("edges '{}' -o {}/none.tif", path(input), folder()));
    EXPECT_EQ(run.exit_code, 1) << input;
    return run.err;
  }
  void expect_refused(const std::string& input, const std::string& words) const {
    EXPECT_NE(refusal(input).find(words), std::string::npos) << refusal(input);
  }

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  Picture picture_ = make_picture(170, 130, 1);
  ScratchFolder scratch_;
};

TEST_F(Hdf5Input, UserBlock) {
  for (const hsize_t size : {512U, 1024U, 8192U}) {
    const hid_t file = create("v73.mat", size);
    add(file, "im");
    H5Fclose(file);
    std::fstream(scratch_ / "v73.mat", std::ios::in | std::ios::out) << "MATLAB 7.3 MAT-file, Platform: GLNXA64";
    expect_read("v73.mat");
    expect_read("v73.mat:/im");
  }
  std::ofstream(scratch_ / "v5.mat") << "MATLAB 5.0 MAT-file" << std::string(5000, ' ');
  expect_refused("v5.mat", "is not a TIFF");
}

TEST_F(Hdf5Input, OnlyImage) {
  // Beside the image there is what belongs to it, and other names of it.
  const hid_t file = create("in.h5");
  add(file, "z");
  add(file, "latitude", H5P_DEFAULT, "CLASS", "DIMENSION_SCALE");
  add(file, "palette", H5P_DEFAULT, "CLASS", "PALETTE");
  add(file, "text", H5P_DEFAULT, "MATLAB_class", "char");
  H5Lcreate_hard(file, "z", file, "hard", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/z", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", file, "dead", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("gone.h5", "/z", file, "gone", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  for (const char* input : {"in.h5", "in.h5:/z", "in.h5:/soft", "in.h5:/hard"}) expect_read(input);
  expect_refused("in.h5:/gone", "in.h5:/gone: cannot be opened: unable to open ");
  expect_refused("in.h5:/dead", "; the file contains /hard, /latitude, /palette, /text");
}

TEST_F(Hdf5Input, ExternalLink) {
  const hid_t other = create("other.h5");
  add(other, "x");
  H5Fclose(other);
  const hid_t file = create("in.h5");
  H5Lcreate_external("other.h5", "/x", file, "link", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  expect_read("in.h5");
  expect_read("in.h5:/link");
}

TEST_F(Hdf5Input, Filters) {
  const hid_t creation = chunks();
  H5Pset_scaleoffset(creation, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
  H5Pset_fletcher32(creation);
  const hid_t file = create("in.h5");
  add(file, "z", creation);
  H5Fclose(file);
  H5Pclose(creation);
  expect_read("in.h5");
  const RunResult info = run_haloedge("info " + path("in.h5"));
  EXPECT_NE(info.out.find("chunks of 32 x 32 px, scale-offset, fletcher32"), std::string::npos) << info.out;
}

TEST_F(Hdf5Input, MissingFilter) {
  const H5Z_class2_t filter{H5Z_CLASS_T_VERS, test_filter, 1, 1, "from elsewhere", nullptr, nullptr, keep_bytes};
  ASSERT_GE(H5Zregister(&filter), 0);
  const hid_t creation = chunks();
  H5Pset_filter(creation, test_filter, H5Z_FLAG_MANDATORY, 0, nullptr);
  const hid_t file = create("in.h5");
  add(file, "z", creation);
  H5Fclose(file);
  H5Pclose(creation);
  H5Zunregister(test_filter);
  expect_refused("in.h5", "encoded with the filter 300 (from elsewhere), which is missing here: set HDF5_PLUGIN_PATH");
  const RunResult info = run_haloedge("info " + path("in.h5"));
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_NE(info.out.find("from elsewhere (300, which is missing)"), std::string::npos) << info.out;
}

TEST_F(Hdf5Input, NoImage) {
  const hid_t empty = create("empty.h5");
  H5Fclose(empty);
  const hid_t file = create("in.h5");
  H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  const std::array<hsize_t, 2> size{3, 4};
  for (const auto& [name, type, rank] :
       {std::tuple("/group/a", H5T_NATIVE_INT64, 1), {"/b", H5T_C_S1, 2}, {"/c", H5T_NATIVE_UINT16, 0}}) {
    const hid_t space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, size.data(), nullptr);
    H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
  }
  H5Fclose(file);
  expect_refused("empty.h5", "; it contains no dataset\n");
  const std::string message = refusal("in.h5");
  for (const char* part :
       {"in.h5: contains no image, which is numbers of two dimensions or more",
        "/c (no array, but one of 16-bit unsigned integers)", "/group/a (3 64-bit signed integers)"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  expect_refused("in.h5:/group", "cannot be opened: not a dataset; the file contains /b, /c, /group/a");
}

TEST_F(Hdf5Input, ManyImages) {
  const hid_t file = create("in.h5");
  for (int i = 0; i < 100; ++i) add(file, fmt::format("image{:02}", i));
  H5Fclose(file);
  const std::string message = refusal("in.h5");
  EXPECT_NE(message.find("contains 100 images (/image00, /image01, "), std::string::npos) << message;
  EXPECT_NE(message.find("/image19 and 80 more): name one, as in " + path("in.h5:/image00")), std::string::npos)
      << message;
}

TEST_F(Hdf5Input, Locks) {
  const hid_t file = create("in.h5");
  add(file, "z");
  H5Fclose(file);
  const int writer = ::open(path("in.h5").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(writer, LOCK_EX), 0);
  expect_refused("in.h5",
                 ": another program writes it: wait until that has closed it, or set the environment variable "
                 "HDF5_USE_FILE_LOCKING=FALSE to open it nevertheless");
  ::setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
  expect_read("in.h5");
  ::unsetenv("HDF5_USE_FILE_LOCKING");
  ::close(writer);
}

TEST_F(Hdf5Input, FileSystemWithoutLocks) {
  const hid_t file = create("in.h5");
  add(file, "z");
  H5Fclose(file);
  for (const std::string write : {"gather", "parallel"}) {
    const RunResult run = run_haloedge(fmt::format("edges {0}/in.h5 -o {0}/{1}.h5 --write {1}", folder(), write),
                                       {.ranks = 2, .preload = no_locks()});
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
  EXPECT_EQ(run_haloedge(fmt::format("hash {0}/in.tif -o {0}/t.h5 -q", folder()), {.preload = no_locks()}).exit_code,
            0);
  ::setenv("HDF5_USE_FILE_LOCKING", "TRUE", 1);
  const RunResult strict =
      run_haloedge(fmt::format("edges {0}/in.h5 -o {0}/strict.tif", folder()), {.preload = no_locks()});
  ::unsetenv("HDF5_USE_FILE_LOCKING");
  EXPECT_EQ(strict.exit_code, 1) << "without this, the test does not test anything";
  EXPECT_NE(strict.err.find("HDF5_USE_FILE_LOCKING=FALSE to open it without a lock"), std::string::npos) << strict.err;
}

}  // namespace
}  // namespace haloedge
