#include "formats/hdf5_handle.hpp"

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

herr_t keep_first(unsigned, const H5E_error2_t* error, void* text) {
  auto& kept = *static_cast<std::string*>(text);
  if (kept.empty() && error->desc != nullptr) kept = error->desc;
  return 0;
}

}  // namespace

bool Hdf5Id::close() {
  const hid_t id = std::exchange(id_, H5I_INVALID_HID);
  if (id < 0) return true;
  const auto lock = lock_hdf5();
  return closer_(id) >= 0;
}

std::unique_lock<std::recursive_mutex> lock_hdf5() {
  static std::recursive_mutex mutex;
  static std::once_flag once;
  std::unique_lock lock(mutex);
  std::call_once(once, [] { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); });
  return lock;
}

std::string hdf5_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  return text.empty() ? "HDF5 gives no reason" : text;
}

Hdf5Id hdf5_access() {
  Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  constexpr bool locks = true;
  constexpr bool goes_on_without_locks = true;
  H5Pset_file_locking(access.get(), locks, goes_on_without_locks);
  return access;
}

Hdf5Id open_hdf5(const std::filesystem::path& file, unsigned flags) {
  const auto lock = lock_hdf5();
  const Hdf5Id access = hdf5_access();
  Hdf5Id opened(H5Fopen(file.c_str(), flags, access.get()), H5Fclose);
  if (opened.good()) return opened;
  const std::string reason = hdf5_error();
  std::string advice;
  if (reason.find("unable to lock file") != std::string::npos) {
    const bool is_in_use = reason.find(fmt::format("errno = {},", EAGAIN)) != std::string::npos;
    advice = fmt::format(": {}set the environment variable HDF5_USE_FILE_LOCKING=FALSE to open it {}",
                         is_in_use ? "another program writes it: wait until that has closed it, or " : "",
                         is_in_use ? "nevertheless" : "without a lock");
  }
  throw Error(fmt::format("{}: cannot open as HDF5: {}{}", file.string(), reason, advice));
}

Hdf5Id create_hdf5(const std::filesystem::path& file) {
  const auto lock = lock_hdf5();
  const Hdf5Id access = hdf5_access();
  Hdf5Id created(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  if (!created.good()) throw Error(fmt::format("{}: cannot create: {}", file.string(), hdf5_error()));
  return created;
}

bool has_hdf5_signature(const File& file) {
  constexpr std::array<char, 8> signature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  constexpr std::int64_t smallest_user_block = 512;
  const std::int64_t last = file.size() - static_cast<std::int64_t>(signature.size());
  for (std::int64_t at = 0; at <= last; at = at == 0 ? smallest_user_block : 2 * at) {
    std::array<char, 8> bytes{};
    file.read_at(at, std::as_writable_bytes(std::span(bytes)));
    if (bytes == signature) return true;
  }
  return false;
}

Hdf5Place split_hdf5_path(std::string_view text) {
  const auto colon = text.rfind(":/");
  if (colon == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string missing_slash_advice(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string_view file = text.substr(0, colon);
  const bool is_missing = colon != std::string_view::npos && (file.ends_with(".h5") || file.ends_with(".hdf5"));
  return is_missing ? fmt::format(": did you mean {}:/{}?", file, text.substr(colon + 1)) : "";
}

hid_t hdf5_memory_type(kernels::SampleType type) {
  if (type == kernels::SampleType::u8) return H5T_NATIVE_UINT8;
  if (type == kernels::SampleType::u16) return H5T_NATIVE_UINT16;
  return H5T_NATIVE_FLOAT;
}

}  // namespace haloedge
