#pragma once

#include <string>
#include <vector>

#include "formats/hdf5_handle.hpp"

// What an HDF5 file holds, for people. Every function must be called with lock_hdf5() held.

namespace haloedge {

/// Returns the paths of the datasets in a file, in the order of their names. Soft and external links that lead to a
/// dataset count; those that lead nowhere do not. A dataset with several names is listed once, under its first name.
[[nodiscard]] std::vector<std::string> dataset_paths(hid_t file);

/// Returns true if both paths in the file exist and lead to the same object.
[[nodiscard]] bool lead_to_same(hid_t file, const std::string& path, const std::string& other);

/// Returns true for a dataset that belongs to another one, or is a text, whatever its shape: a dimension scale, as
/// those of NetCDF-4, a palette, or a text of MATLAB.
[[nodiscard]] bool is_auxiliary(hid_t dataset);

/// Describes the content of a dataset: "130 x 170 64-bit floats".
[[nodiscard]] std::string describe_dataset(hid_t dataset);

/// Returns the names of the filters through which the chunks of a dataset have passed: "shuffle, deflate", or "no
/// filter".
[[nodiscard]] std::string filter_names(hid_t dataset);

/// Returns what to do if a filter of the dataset is missing here, so that chunks cannot be decoded; empty if all are
/// there.
[[nodiscard]] std::string missing_filter(hid_t dataset);

/// Joins the names of datasets for a message: "/a, /b and 98 more", or "no dataset".
[[nodiscard]] std::string dataset_list(const std::vector<std::string>& names);

}  // namespace haloedge
