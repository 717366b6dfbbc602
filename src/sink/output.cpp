#include "sink/output.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"
#include "sink/hdf5_dataset.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

using kernels::SampleType;

/// The endings of a format, what it can hold, and the errors for anything else.
struct FormatTraits {
  OutputFormat format;
  std::vector<std::string_view> endings;  ///< endings of file names, in small letters; the first is the usual one
  std::vector<SampleType> types;
  std::string_view other_types;
  std::vector<Compression> compressions;
  std::string_view other_compressions;
};

const std::array<FormatTraits, 4> all_formats{{
    {OutputFormat::tiff,
     {".tif", ".tiff", ".btf"},
     {SampleType::u8, SampleType::u16, SampleType::f32},
     "",
     {Compression::none, Compression::deflate, Compression::lzw, Compression::zstd},
     ""},
    {OutputFormat::png,
     {".png"},
     {SampleType::u8, SampleType::u16},
     "PNG cannot store float samples: use --type u8 or u16, or write a .tif file",
     {Compression::none},
     "--compression is for TIFF and HDF5; PNG is always compressed"},
    {OutputFormat::jpeg,
     {".jpg", ".jpeg"},
     {SampleType::u8},
     "JPEG stores only 8-bit samples: use --type u8, or write a .tif file",
     {Compression::none},
     "--compression is for TIFF and HDF5; JPEG takes --quality"},
    {OutputFormat::hdf5,
     {".h5", ".hdf5"},
     {SampleType::u8, SampleType::u16, SampleType::f32},
     "",
     {Compression::none, Compression::deflate},
     "HDF5 outputs support only --compression none and deflate"},
}};

const FormatTraits& traits_of(OutputFormat format) {
  return *std::ranges::find(all_formats, format, &FormatTraits::format);
}

template <class Value>
bool contains(const std::vector<Value>& values, const Value& value) {
  return std::ranges::find(values, value) != values.end();
}

/// Returns the endings of all formats as a text: ".tif, .tiff or .h5".
std::string all_endings() {
  std::vector<std::string_view> endings;
  for (const FormatTraits& traits : all_formats) {
    endings.insert(endings.end(), traits.endings.begin(), traits.endings.end());
  }
  std::string text(endings.front());
  for (std::size_t i = 1; i < endings.size(); ++i) {
    text += fmt::format("{}{}", i + 1 < endings.size() ? ", " : " or ", endings[i]);
  }
  return text;
}

}  // namespace

std::string usual_ending(OutputFormat format) { return std::string(traits_of(format).endings.front()); }

std::optional<OutputFormat> format_of_name(const fs::path& file) {
  const std::string ending = name_ending(file);
  for (const FormatTraits& traits : all_formats) {
    if (contains<std::string_view>(traits.endings, ending)) return traits.format;
  }
  return std::nullopt;
}

Output parse_output(const std::string& typed) {
  auto [file, dataset] = split_hdf5_path(typed);
  const std::optional<OutputFormat> format = format_of_name(file);
  if (format == OutputFormat::hdf5) return {typed, file, dataset.empty() ? default_dataset : dataset, *format};
  if (!dataset.empty()) throw UsageError(fmt::format("{}: only .h5 and .hdf5 files contain datasets", typed));
  if (!format) {
    if (const std::string advice = missing_slash_advice(typed); !advice.empty()) throw UsageError(typed + advice);
    if (typed.ends_with('/')) throw UsageError(fmt::format("{0}: is a folder: name a file, {0}edges.tif", typed));
    std::error_code unknown;
    if (fs::is_directory(typed, unknown)) {
      throw UsageError(fmt::format("{0}: is a folder: name a file, {0}/edges.tif", typed));
    }
    throw UsageError(fmt::format("{}: the name of an output must end in {}", typed, all_endings()));
  }
  return {typed, file, "", *format};
}

void check_folder_name(const std::string& typed, std::string_view advice) {
  const bool names_dataset = !missing_slash_advice(typed).empty();
  if (names_dataset || format_of_name(typed)) throw UsageError(fmt::format("{}: {}", typed, advice));
}

void check_format(OutputFormat format, const std::string& name, SampleType type, Compression compression) {
  const FormatTraits& traits = traits_of(format);
  if (!contains(traits.types, type)) throw UsageError(fmt::format("{}: {}", name, traits.other_types));
  if (!contains(traits.compressions, compression)) {
    throw UsageError(fmt::format("{}: {}", name, traits.other_compressions));
  }
}

void check_output(const Output& output, bool overwrite) {
  const bool is_dataset = output.format == OutputFormat::hdf5;
  if (is_dataset && has_dataset(output) && !overwrite) {
    throw Error(fmt::format("{}:{}: already exists; --overwrite replaces this dataset, and nothing else in the file",
                            output.file.string(), output.dataset));
  }
  check_new_file(output.file, overwrite || is_dataset);
}

}  // namespace haloedge
