#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <hdf5.h>

#include "core/file.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// An HDF5 identifier, which the destructor closes. Move-only.
class Hdf5Id {
 public:
  using Closer = herr_t (*)(hid_t);

  Hdf5Id() = default;
  Hdf5Id(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), closer_(other.closer_) {}
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  Hdf5Id(const Hdf5Id&) = delete;
  Hdf5Id& operator=(const Hdf5Id&) = delete;
  ~Hdf5Id() { (void)close(); }

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] bool good() const { return id_ >= 0; }
  /// Returns false if HDF5 could not complete the object (write the last blocks of a file, for example).
  [[nodiscard]] bool close();

 private:
  hid_t id_ = H5I_INVALID_HID;
  Closer closer_ = nullptr;
};

/// Locks HDF5, which is not thread-safe: every call of HDF5 must be made with this lock held. A thread may take the
/// lock more than once. Hdf5Id takes it itself. The first call also stops HDF5 from printing errors.
[[nodiscard]] std::unique_lock<std::recursive_mutex> lock_hdf5();

/// The reason why the last call failed: the innermost and most telling line of HDF5's error stack.
[[nodiscard]] std::string hdf5_error();

/// The property list with which files are opened and created by one process: HDF5 locks them, so that no program reads
/// a file that another one writes. It does without where the file system cannot lock. The environment variable
/// HDF5_USE_FILE_LOCKING overrides this.
[[nodiscard]] Hdf5Id hdf5_access();

/// Opens an HDF5 file with H5F_ACC_RDONLY or H5F_ACC_RDWR. Throws Error, which says what to do if the file is locked.
[[nodiscard]] Hdf5Id open_hdf5(const std::filesystem::path& file, unsigned flags);

/// Creates an HDF5 file, or empties an existing one. Throws Error.
[[nodiscard]] Hdf5Id create_hdf5(const std::filesystem::path& file);

/// Returns true if HDF5's signature is where HDF5 looks for it: at the beginning of the file, or behind a user block of
/// 512, 1024, 2048 ... bytes, as MATLAB 7.3 writes one. Throws Error if the file cannot be read.
[[nodiscard]] bool has_hdf5_signature(const File& file);

/// The parts of "file.h5:/a/b". The dataset is empty if the text has none.
struct Hdf5Place {
  std::string file;
  std::string dataset;
};
[[nodiscard]] Hdf5Place split_hdf5_path(std::string_view text);

/// Returns ": did you mean file.h5:/a?" for "file.h5:a", where the slash is missing; empty for other texts.
[[nodiscard]] std::string missing_slash_advice(std::string_view text);

/// HDF5's type for samples in memory.
[[nodiscard]] hid_t hdf5_memory_type(kernels::SampleType type);

}  // namespace haloedge
