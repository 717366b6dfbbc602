#include "formats/hdf5_numbers.hpp"

#include <string_view>

#include "formats/hdf5_handle.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

Hdf5Numbers integers(std::size_t bytes, bool is_signed) {
  if (bytes == 1) {
    return is_signed ? Hdf5Numbers{SampleType::u8, 0x80, false, H5T_NATIVE_INT8}
                     : Hdf5Numbers{SampleType::u8, 0, false, H5T_NATIVE_UINT8};
  }
  if (bytes == 2) {
    return is_signed ? Hdf5Numbers{SampleType::u16, 0x8000, false, H5T_NATIVE_INT16}
                     : Hdf5Numbers{SampleType::u16, 0, false, H5T_NATIVE_UINT16};
  }
  return {SampleType::f64, 0, false, H5T_NATIVE_DOUBLE};
}

/// True for the enumeration with which h5py and others store truth values.
bool is_truth_type(hid_t type) {
  if (H5Tget_nmembers(type) != 2) return false;
  for (unsigned i = 0; i < 2; ++i) {
    char* name = H5Tget_member_name(type, i);
    const bool is_known = name != nullptr && (std::string_view(name) == "FALSE" || std::string_view(name) == "TRUE");
    H5free_memory(name);
    if (!is_known) return false;
  }
  return true;
}

}  // namespace

void Hdf5Numbers::finish(std::byte* numbers, std::int64_t count) const {
  if (are_truth_values) {
    for (std::int64_t i = 0; i < count; ++i) numbers[i] = std::byte(numbers[i] == std::byte{} ? 0 : 0xFF);
  } else if (zero != 0 && type == SampleType::u8) {
    for (std::int64_t i = 0; i < count; ++i) numbers[i] ^= std::byte{0x80};
  } else if (zero != 0) {
    auto* words = reinterpret_cast<std::uint16_t*>(numbers);
    for (std::int64_t i = 0; i < count; ++i) words[i] = static_cast<std::uint16_t>(words[i] ^ zero);
  }
}

std::optional<Hdf5Numbers> find_hdf5_numbers(hid_t dataset) {
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  const std::size_t bytes = H5Tget_size(type.get());
  switch (H5Tget_class(type.get())) {
    case H5T_INTEGER: return integers(bytes, H5Tget_sign(type.get()) != H5T_SGN_NONE);
    case H5T_FLOAT:
      return bytes <= sizeof(float) ? Hdf5Numbers{SampleType::f32, 0, false, H5T_NATIVE_FLOAT}
                                    : Hdf5Numbers{SampleType::f64, 0, false, H5T_NATIVE_DOUBLE};
    case H5T_ENUM: {
      const Hdf5Id base(H5Tget_super(type.get()), H5Tclose);
      if (is_truth_type(type.get()) && bytes == 1) return Hdf5Numbers{SampleType::u8, 0, true, H5T_NATIVE_UINT8};
      return integers(bytes, H5Tget_sign(base.get()) != H5T_SGN_NONE);
    }
    default: return std::nullopt;
  }
}

std::optional<double> find_hdf5_nodata(hid_t dataset) {
  for (const char* name : {"_FillValue", "missing_value"}) {
    if (H5Aexists(dataset, name) <= 0) continue;
    const Hdf5Id attribute(H5Aopen(dataset, name, H5P_DEFAULT), H5Aclose);
    const Hdf5Id type(H5Aget_type(attribute.get()), H5Tclose);
    const Hdf5Id space(H5Aget_space(attribute.get()), H5Sclose);
    const H5T_class_t kind = H5Tget_class(type.get());
    if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || H5Sget_simple_extent_npoints(space.get()) != 1) continue;
    double value = 0;
    if (H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) >= 0) return value;
  }
  return std::nullopt;
}

}  // namespace haloedge
