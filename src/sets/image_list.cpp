#include "sets/image_list.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "formats/hdf5_handle.hpp"
#include "sets/image_names.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Turns ./a//b into a/b, so that one file is not listed twice. Keeps a/.., because a may be a link.
fs::path without_dots(const fs::path& path) {
  fs::path plain;
  for (const fs::path& part : path) {
    if (part != ".") plain /= part;
  }
  return plain;
}

/// Removes the root and all `..` from the path, so that it stays below any folder that it is appended to.
fs::path inner_path(const fs::path& path) {
  fs::path inner;
  for (const fs::path& part : path.lexically_normal().relative_path()) {
    if (part != ".." && part != ".") inner /= part;
  }
  return inner;
}

/// The LIST of @LIST that is read from standard input.
constexpr std::string_view standard_input = "-";

constexpr const char* wildcards = "*?[";

/// Returns the folders of a pattern that come before its first wildcard.
fs::path fixed_part(const std::string& pattern) {
  fs::path fixed;
  for (const fs::path& part : fs::path(pattern).parent_path()) {
    if (part.string().find_first_of(wildcards) != std::string::npos) break;
    fixed /= part;
  }
  return fixed;
}

/// Returns the paths of @LIST.
std::vector<std::string> listed_paths(const std::string& list) {
  if (list != standard_input) return read_path_list(list);
  return parse_path_list(std::string(std::istreambuf_iterator<char>(std::cin), {}), list);
}

class Lister {
 public:
  Lister(std::vector<std::string> excluded, const std::function<void()>& check_cancelled)
      : excluded_(std::move(excluded)), check_cancelled_(check_cancelled) {
    for (std::string& pattern : excluded_) {
      if (pattern.ends_with('/')) pattern.pop_back();  // users end the names of folders like this
    }
  }

  void leave_out(const fs::path& folder) {
    std::error_code unknown;
    left_out_ = fs::weakly_canonical(folder, unknown);
    (void)enter(folder);
  }

  void add(const std::string& input) {
    if (is_path_list(input)) {
      for (const std::string& path : listed_paths(input.substr(1))) add_file(path, inner_path(path));
      return;
    }
    std::error_code unknown;  // an input that cannot be examined is listed as a file; opening it reports the error
    if (fs::is_directory(input, unknown)) {
      if (is_left_out(input)) folder_in_output_ = input;
      return add_folder(input, {});
    }
    const bool pattern = input.find_first_of(wildcards) != std::string::npos;
    if (pattern && !fs::exists(input, unknown)) return add_pattern(input);
    if (fs::symlink_status(input_file(input), unknown).type() == fs::file_type::not_found) {
      throw Error(fmt::format("{}: does not exist{}", input, missing_slash_advice(input)));
    }
    add_file(input, fs::path(input).filename());
  }

  [[nodiscard]] ListedImages take() {
    std::vector<ImageFile>& files = list_.files;
    if (files.empty() && !folder_in_output_.empty()) throw lies_in_output(folder_in_output_, left_out_);
    std::ranges::stable_sort(files, {}, &ImageFile::path);
    const auto same_path = [](const ImageFile& a, const ImageFile& b) { return a.path == b.path; };
    files.erase(std::unique(files.begin(), files.end(), same_path), files.end());
    return std::move(list_);
  }

 private:
  void add_pattern(const std::string& pattern) {
    const std::vector<std::string> paths = files_matching(pattern);
    if (paths.empty()) throw Error(fmt::format("{}: no file matches this pattern", pattern));
    const fs::path fixed = fixed_part(pattern);
    std::size_t in_output = 0;
    for (const std::string& path : paths) {
      const fs::path name = inner_path(fixed.empty() ? fs::path(path) : fs::path(path).lexically_relative(fixed));
      std::error_code unknown;
      if (is_left_out(path)) {
        if (++in_output < paths.size()) continue;
        throw lies_in_output(path, left_out_);
      }
      if (fs::is_directory(path, unknown)) {
        add_folder(path, name);
      } else {
        add_file(path, name);
      }
    }
  }

  /// Adds the images in a folder and below it. `name` is the path of the folder in the names of its files.
  void add_folder(const fs::path& folder, const fs::path& name) {
    if (!name.empty() && is_excluded(name)) return;
    if (!enter(folder)) return;
    for (const fs::directory_entry& entry : entries_of(folder)) {
      std::error_code gone;  // an entry may be removed meanwhile
      const fs::path entry_name = name / entry.path().filename();
      if (entry_name.filename() == ".haloedge") continue;  // the folder of an earlier run, with incomplete files
      if (entry.is_directory(gone)) {
        add_folder(entry.path(), entry_name);
      } else if (!entry.is_regular_file(gone)) {
        ++list_.skipped["not regular"];
      } else if (is_image_file(entry.path())) {
        add_file(entry.path(), entry_name);
      } else {
        const std::string ending = name_ending(entry.path());
        ++list_.skipped[ending.empty() ? "without an ending" : ending];
      }
    }
  }

  /// Returns true if a pattern excludes the file or folder, which is then counted. `name` is its path below the folder
  /// that is searched.
  [[nodiscard]] bool is_excluded(const fs::path& name) {
    const bool excluded = std::ranges::any_of(excluded_, [&](const std::string& pattern) {
      const bool has_folder = pattern.find('/') != std::string::npos;
      return ::fnmatch(pattern.c_str(), (has_folder ? name : name.filename()).c_str(), 0) == 0;
    });
    if (excluded) ++list_.skipped["excluded"];
    return excluded;
  }

  [[nodiscard]] bool is_left_out(const fs::path& path) const {
    std::error_code unknown;
    return !left_out_.empty() && is_below(fs::weakly_canonical(path, unknown), left_out_);
  }

  /// Returns false for a folder that was searched before, that cannot be reached, and for a link to nowhere.
  [[nodiscard]] bool enter(const fs::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0) return folders_.insert({status.st_dev, status.st_ino}).second;
    note_unread(folder, std::error_code(errno, std::generic_category()));
    return false;
  }

  void note_unread(const fs::path& folder, const std::error_code& error) {
    if (error == std::errc::no_such_file_or_directory) return;  // it was removed meanwhile
    list_.unread_folders.push_back(fmt::format("{}: {}", folder.string(), error.message()));
  }

  /// Returns the entries in the order of their names. So a folder that is reached in two ways is listed under the same
  /// path on every machine. Of a folder that cannot be read to its end, the entries so far are returned.
  std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      entries.push_back(*entry);
    }
    if (error) note_unread(folder, error);
    std::ranges::sort(entries);
    return entries;
  }

  void add_file(const fs::path& path, const fs::path& name) {
    if (check_cancelled_) check_cancelled_();
    if (is_excluded(name)) return;
    ImageFile file{.path = without_dots(path).string(), .name = name.string()};
    if (const auto state = file_state(file.path)) {
      file.bytes = state->bytes;
      file.modified = state->modified;
    } else if (const auto container = file_state(input_file(file.path))) {  // the path names a dataset of a file
      file.modified = container->modified;
    }
    list_.files.push_back(std::move(file));
  }

  std::vector<std::string> excluded_;
  const std::function<void()>& check_cancelled_;
  fs::path left_out_;          ///< canonical
  fs::path folder_in_output_;  ///< an input that was not searched because of `left_out_`
  ListedImages list_;
  std::set<std::pair<dev_t, ino_t>> folders_;  ///< folders that have been searched
};

}  // namespace

std::string ListedImages::skipped_text() const {
  std::vector<std::pair<std::string, std::int64_t>> kinds(skipped.begin(), skipped.end());
  std::ranges::stable_sort(kinds, std::greater(), [](const auto& kind) { return kind.second; });
  constexpr std::ptrdiff_t most_named = 5;
  std::string text;
  std::int64_t others = 0;
  for (std::ptrdiff_t i = 0; i < std::ssize(kinds); ++i) {
    const auto& [kind, count] = kinds[static_cast<std::size_t>(i)];
    if (i < most_named) {
      text += fmt::format("{}{} {}", i > 0 ? ", " : "", count_text(count), kind);
    } else {
      others += count;
    }
  }
  return others > 0 ? fmt::format("{}, {} of other kinds", text, count_text(others)) : text;
}

ListedImages list_images(const SetOptions& options, const fs::path& left_out,
                         const std::function<void()>& check_cancelled) {
  Lister lister(options.exclude, check_cancelled);
  if (!left_out.empty()) lister.leave_out(left_out);
  for (const std::string& input : options.inputs) lister.add(input);
  return lister.take();
}

std::vector<std::string> named_inputs(const SetOptions& options) {
  std::vector<std::string> named;
  for (const std::string& input : options.inputs) {
    if (!is_path_list(input)) {
      named.push_back(input_file(input));
    } else if (const std::string list = input.substr(1); list != standard_input) {
      named.push_back(list);
    }
  }
  return named;
}

}  // namespace haloedge
