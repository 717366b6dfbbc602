#include "sink/hdf5_dataset.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Returns true if the file has the dataset, or a link to nowhere of this name. Throws Error if something else is in
/// its place.
bool find_dataset(hid_t file, const Output& output) {
  fs::path whole = fs::path(output.dataset).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();  // a slash at the end means nothing
  fs::path path("/");
  for (const fs::path& part : whole.relative_path()) {
    path /= part;
    if (H5Lexists(file, path.c_str(), H5P_DEFAULT) <= 0) return false;
    const bool is_last = path == whole;
    H5O_info_t info;
    const bool leads_nowhere = H5Oget_info_by_name(file, path.c_str(), &info, H5P_DEFAULT) < 0;
    const bool is_group = !leads_nowhere && info.type == H5O_TYPE_GROUP;
    if (is_last && is_group) throw Error(fmt::format("{}: this is a group: name a dataset in it", output.name));
    if (!is_last && !is_group) {
      throw Error(
          fmt::format("{}: {} is not a group, so that it cannot contain a dataset", output.name, path.string()));
    }
    if (is_last) return true;
  }
  throw Error(fmt::format("{}: names no dataset: write {}:{}", output.name, output.file.string(), default_dataset));
}

/// Copies the bytes and the permissions of a file.
void copy_bytes(const fs::path& from, const fs::path& to) {
  constexpr std::int64_t piece_bytes = std::int64_t{4} << 20;
  const File source = File::open_to_read(from);
  File copy = File::create(to);
  const Buffer piece(piece_bytes);
  const std::int64_t size = source.size();
  for (std::int64_t at = 0; at < size; at += piece_bytes) {
    const auto bytes = piece.span().first(static_cast<std::size_t>(std::min(piece_bytes, size - at)));
    source.read_at(at, bytes);
    copy.write_at(at, bytes);
  }
  copy.close();
  fs::permissions(to, fs::status(from).permissions());
}

void copy_dataset(const Output& output, const fs::path& made, const fs::path& copy) {
  const auto lock = lock_hdf5();
  const Hdf5Id from = open_hdf5(made, H5F_ACC_RDONLY);
  Hdf5Id to = open_hdf5(copy, H5F_ACC_RDWR);
  const char* const dataset = output.dataset.c_str();
  const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.get(), 1);
  const bool is_done = (!find_dataset(to.get(), output) || H5Ldelete(to.get(), dataset, H5P_DEFAULT) >= 0) &&
                       H5Ocopy(from.get(), dataset, to.get(), dataset, H5P_DEFAULT, links.get()) >= 0 && to.close();
  if (!is_done) throw Error(fmt::format("{}: cannot write the dataset: {}", output.name, hdf5_error()));
}

}  // namespace

bool has_dataset(const Output& output) {
  std::error_code unknown;
  const fs::path& file = output.file;
  if (!fs::exists(file, unknown)) return false;
  check_regular_file(file);
  if (fs::is_symlink(file, unknown)) {
    throw Error(fmt::format("{}: is a symbolic link: name the file itself, {}", file.string(),
                            fs::canonical(file, unknown).string()));
  }
  if (::access(file.c_str(), W_OK) != 0) {
    throw Error(fmt::format("{}: cannot take a dataset: {}", file.string(), errno_text(errno)));
  }
  if (!has_hdf5_signature(File::open_to_read(file))) {
    throw Error(
        fmt::format("{}: already exists, and is not an HDF5 file that could take a dataset: remove it, or name "
                    "another file",
                    file.string()));
  }
  const auto lock = lock_hdf5();
  const Hdf5Id opened = open_hdf5(file, H5F_ACC_RDONLY);
  return find_dataset(opened.get(), output);
}

void add_dataset(const Output& output, const fs::path& made, const fs::path& copy) {
  const auto state = [&] {
    const std::optional<FileState> now = file_state(output.file);
    return now ? std::pair(now->bytes, now->modified) : std::pair<std::int64_t, std::int64_t>();
  };
  const auto before = state();
  std::error_code error;
  try {
    copy_bytes(output.file, copy);
    copy_dataset(output, made, copy);
    File::open_to_write(copy).sync();
    if (state() != before) {
      throw Error(fmt::format("{}: another program has changed this file while a dataset was added to a copy of it",
                              output.file.string()));
    }
    // The note describes the run that has made the dataset.
    if (const auto note = file_note(made)) set_file_note(copy, *note);
    fs::rename(copy, output.file);
  } catch (const std::exception&) {
    fs::remove(copy, error);
    throw;
  }
}

}  // namespace haloedge
