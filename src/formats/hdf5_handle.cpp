#include "formats/hdf5_handle.hpp"

#include <fmt/format.h>

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
