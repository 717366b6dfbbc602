#include "formats/hdf5_datasets.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace haloedge {

namespace {

constexpr std::size_t most_listed = 20;

herr_t add_link(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->push_back(std::string("/") + name);
  return 0;
}

/// An object of a file, and its place: the number of the file, which may be another one, and the address in that.
struct Object {
  H5O_type_t type;
  std::pair<unsigned long, haddr_t> place;
};

/// Returns the object to which a path leads; nothing if it leads nowhere.
std::optional<Object> find_object(hid_t file, const std::string& path) {
  H5O_info_t info;
  if (H5Oget_info_by_name(file, path.c_str(), &info, H5P_DEFAULT) < 0) return std::nullopt;
  return Object{info.type, {info.fileno, info.addr}};
}

/// Returns the value of an attribute that holds a text; empty if there is none.
std::string text_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return "";
  const Hdf5Id attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Hdf5Id type(H5Aget_type(attribute.get()), H5Tclose);
  constexpr std::size_t longest = 64;  // the texts that are compared are shorter
  const std::size_t size = H5Tget_size(type.get());
  const bool is_fixed_text = H5Tget_class(type.get()) == H5T_STRING && H5Tis_variable_str(type.get()) == 0;
  if (!is_fixed_text || size > longest || H5Aget_storage_size(attribute.get()) != size) return "";
  std::array<char, longest + 1> text{};
  return H5Aread(attribute.get(), type.get(), text.data()) < 0 ? "" : text.data();
}

std::string describe_type(hid_t dataset) {
  const Hdf5Id type(H5Dget_type(dataset), H5Tclose);
  const std::size_t bits = 8 * H5Tget_size(type.get());
  switch (H5Tget_class(type.get())) {
    case H5T_INTEGER:
      return fmt::format("{}-bit {} integers", bits, H5Tget_sign(type.get()) == H5T_SGN_NONE ? "unsigned" : "signed");
    case H5T_FLOAT: return fmt::format("{}-bit floats", bits);
    case H5T_STRING: return "texts";
    case H5T_COMPOUND: return "records";
    case H5T_ENUM: return fmt::format("{}-bit enumerated values", bits);
    case H5T_REFERENCE: return "references";
    default: return "values of another type";
  }
}

/// Filters that plugins bring, by the numbers that The HDF Group has registered for them.
constexpr std::array<std::pair<H5Z_filter_t, std::string_view>, 18> registered_filters{
    {{305, "LZO"},
     {307, "bzip2"},
     {32000, "LZF"},
     {32001, "Blosc"},
     {32003, "Snappy"},
     {32004, "LZ4"},
     {32008, "Bitshuffle"},
     {32012, "JPEG-LS"},
     {32013, "ZFP"},
     {32014, "fpzip"},
     {32015, "Zstandard"},
     {32017, "SZ"},
     {32019, "JPEG"},
     {32024, "SZ3"},
     {32026, "Blosc2"},
     {H5Z_FILTER_SZIP, "szip"},
     {H5Z_FILTER_NBIT, "n-bit"},
     {H5Z_FILTER_SCALEOFFSET, "scale-offset"}}};

/// A filter of a dataset's chunks.
struct Filter {
  H5Z_filter_t number = 0;
  std::string name;  ///< the registered name, or else the one that the file stores
};

std::vector<Filter> filters_of(hid_t dataset) {
  const Hdf5Id creation(H5Dget_create_plist(dataset), H5Pclose);
  std::vector<Filter> filters;
  for (int i = 0; i < H5Pget_nfilters(creation.get()); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    std::array<char, 64> stored{};
    const H5Z_filter_t number = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &values, nullptr,
                                               stored.size() - 1, stored.data(), nullptr);
    if (number < 0) continue;
    const auto* const known =
        std::ranges::find(registered_filters, number, &std::pair<H5Z_filter_t, std::string_view>::first);
    filters.push_back({number, known != registered_filters.end() ? std::string(known->second) : stored.data()});
  }
  return filters;
}

}  // namespace

std::vector<std::string> dataset_paths(hid_t file) {
  std::vector<std::string> links;
  H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, add_link, &links);
  std::vector<std::string> datasets;
  std::set<std::pair<unsigned long, haddr_t>> seen;
  for (std::string& path : links) {
    const std::optional<Object> object = find_object(file, path);
    const bool is_new = object && object->type == H5O_TYPE_DATASET && seen.insert(object->place).second;
    if (is_new) datasets.push_back(std::move(path));
  }
  return datasets;
}

bool lead_to_same(hid_t file, const std::string& path, const std::string& other) {
  const std::optional<Object> object = find_object(file, path);
  const std::optional<Object> other_object = find_object(file, other);
  return object && other_object && object->place == other_object->place;
}

bool is_auxiliary(hid_t dataset) {
  const std::string kind = text_attribute(dataset, "CLASS");
  return kind == "DIMENSION_SCALE" || kind == "PALETTE" || text_attribute(dataset, "MATLAB_class") == "char";
}

std::string describe_dataset(hid_t dataset) {
  const Hdf5Id space(H5Dget_space(dataset), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  const std::string type = describe_type(dataset);
  if (rank <= 0) return "no array, but one of " + type;
  std::vector<hsize_t> size(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), size.data(), nullptr);
  return fmt::format("{} {}", fmt::join(size, " x "), type);
}

std::string filter_names(hid_t dataset) {
  std::vector<std::string> names;
  for (const Filter& filter : filters_of(dataset)) {
    const bool is_here = H5Zfilter_avail(filter.number) > 0;
    names.push_back(filter.name + (is_here ? "" : fmt::format(" ({}, which is missing)", filter.number)));
  }
  return names.empty() ? "no filter" : fmt::format("{}", fmt::join(names, ", "));
}

std::string missing_filter(hid_t dataset) {
  for (const Filter& filter : filters_of(dataset)) {
    if (H5Zfilter_avail(filter.number) > 0) continue;
    unsigned major = 0;
    unsigned minor = 0;
    unsigned release = 0;
    H5get_libversion(&major, &minor, &release);
    return fmt::format(
        "its chunks are encoded with the filter {}{}, which is missing here: set HDF5_PLUGIN_PATH to a folder that has "
        "the plugin of this filter for HDF5 {}.{}, or remove the filter with h5repack -f NONE where that works",
        filter.number, filter.name.empty() ? "" : fmt::format(" ({})", filter.name), major, minor);
  }
  return "";
}

std::string dataset_list(const std::vector<std::string>& names) {
  if (names.empty()) return "no dataset";
  const std::size_t listed = std::min(names.size(), most_listed);
  const std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + std::ptrdiff_t(listed), ", "));
  return listed == names.size() ? text : fmt::format("{} and {} more", text, names.size() - listed);
}

}  // namespace haloedge
