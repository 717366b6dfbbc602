#include "sets/image_list.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"
#include "run/run_folder.hpp"
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

UsageError lies_in_output(const fs::path& input, const fs::path& output) {
  std::error_code unknown;
  const bool is_same = fs::equivalent(input, output, unknown);
  return UsageError(fmt::format("{}: this input is {}, which is not searched for images: give another output",
                                input.string(), is_same ? "also the output" : "inside the output " + output.string()));
}

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

class Lister {
 public:
  explicit Lister(const std::function<void()>& check_cancelled) : check_cancelled_(check_cancelled) {}

  void leave_out(const fs::path& folder) {
    std::error_code unknown;
    left_out_ = fs::weakly_canonical(folder, unknown);
    (void)enter(folder);
  }

  void add(const std::string& input) {
    if (is_path_list(input)) {
      for (const std::string& path : read_path_list(input.substr(1))) add_file(path, inner_path(path));
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

  [[nodiscard]] std::vector<ImageFile> take() {
    if (files_.empty() && !folder_in_output_.empty()) throw lies_in_output(folder_in_output_, left_out_);
    std::ranges::stable_sort(files_, {}, &ImageFile::path);
    const auto same_path = [](const ImageFile& a, const ImageFile& b) { return a.path == b.path; };
    files_.erase(std::unique(files_.begin(), files_.end(), same_path), files_.end());
    return std::move(files_);
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
    if (!enter(folder)) return;
    for (const fs::directory_entry& entry : entries_of(folder)) {
      std::error_code gone;  // an entry may be removed meanwhile
      const fs::path entry_name = name / entry.path().filename();
      if (entry_name.filename() == ".haloedge") continue;  // the folder of an earlier run, with incomplete files
      if (entry.is_directory(gone)) {
        add_folder(entry.path(), entry_name);
      } else if (has_image_ending(entry.path()) && entry.is_regular_file(gone)) {
        add_file(entry.path(), entry_name);
      }
    }
  }

  [[nodiscard]] bool is_left_out(const fs::path& path) const {
    std::error_code unknown;
    return !left_out_.empty() && is_below(fs::weakly_canonical(path, unknown), left_out_);
  }

  /// Returns false for a folder that was searched before, and for a link to nowhere.
  [[nodiscard]] bool enter(const fs::path& folder) {
    struct stat status {};
    return ::stat(folder.c_str(), &status) == 0 && folders_.insert({status.st_dev, status.st_ino}).second;
  }

  /// Returns the entries in the order of their names. So a folder that is reached in two ways is listed under the same
  /// path on every machine.
  static std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      entries.push_back(*entry);
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      throw Error(fmt::format("{}: the folder cannot be read: {}", folder.string(), error.message()));
    }
    std::ranges::sort(entries);
    return entries;
  }

  void add_file(const fs::path& path, const fs::path& name) {
    if (check_cancelled_) check_cancelled_();
    ImageFile file{.path = without_dots(path).string(), .name = name.string()};
    if (const auto state = file_state(file.path)) {
      file.bytes = state->bytes;
      file.modified = state->modified;
    } else if (const auto container = file_state(input_file(file.path))) {  // the path names a dataset of a file
      file.modified = container->modified;
    }
    files_.push_back(std::move(file));
  }

  const std::function<void()>& check_cancelled_;
  fs::path left_out_;          ///< canonical
  fs::path folder_in_output_;  ///< an input that was not searched because of `left_out_`
  std::vector<ImageFile> files_;
  std::set<std::pair<dev_t, ino_t>> folders_;  ///< folders that have been searched
};

/// Returns the existing files with the name `path` and any ending of an image, in small or capital letters.
std::vector<fs::path> with_other_endings(const fs::path& path) {
  std::vector<fs::path> found;
  std::error_code unknown;
  for (const std::string_view ending : image_endings()) {
    std::string capitals(ending);
    std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const std::string& spelled : {std::string(ending), capitals}) {
      fs::path other = fs::path(path).replace_extension(spelled);
      // On a file system that ignores case, both spellings name the same file.
      const bool is_new = found.empty() || !fs::equivalent(found.back(), other, unknown);
      if (fs::exists(other, unknown) && is_new) found.push_back(std::move(other));
    }
  }
  return found;
}

}  // namespace

std::vector<ImageFile> list_images(const std::vector<std::string>& inputs, const fs::path& left_out,
                                   const std::function<void()>& check_cancelled) {
  Lister lister(check_cancelled);
  if (!left_out.empty()) lister.leave_out(left_out);
  for (const std::string& input : inputs) lister.add(input);
  return lister.take();
}

std::vector<std::string> named_inputs(const SetOptions& options) {
  std::vector<std::string> named;
  for (const std::string& input : options.inputs)
    named.push_back(is_path_list(input) ? input.substr(1) : input_file(input));
  return named;
}

namespace {

/// Returns true if the part has the file of this name.
bool is_in(const SetPart& part, const std::string& name) {
  const std::uint32_t number = checksum(std::as_bytes(std::span(name)));
  return number % static_cast<std::uint32_t>(part.parts) == static_cast<std::uint32_t>(part.number - 1);
}

}  // namespace

void name_outputs(std::vector<ImageFile>& files, const std::string& ending, const SetPart& part) {
  std::vector<bool> keeps_own(files.size(), ending.empty());
  const auto output = [&](std::size_t i) {
    return keeps_own[i] ? files[i].name + ending : fs::path(files[i].name).replace_extension(ending).string();
  };
  // An output that keeps its own ending may get the name of another output, which then keeps its ending as well. More
  // than one round is rare.
  for (bool changed = true; changed;) {
    changed = false;
    std::unordered_map<std::string, std::size_t> first_with;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto [other, is_new] = first_with.try_emplace(output(i), i);
      if (is_new) continue;
      if (keeps_own[i] && keeps_own[other->second]) {
        throw UsageError(
            fmt::format("{} and {} would both become {}: give a folder that contains both, or run haloedge twice",
                        files[other->second].path, files[i].path, output(i)));
      }
      changed = true;
      keeps_own[i] = keeps_own[other->second] = true;
    }
  }
  std::vector<ImageFile> kept;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_in(part, files[i].name)) continue;
    std::string name = output(i);
    kept.push_back(std::move(files[i]));
    kept.back().name = std::move(name);
  }
  files = std::move(kept);
}

void check_apart(const std::vector<ImageFile>& files, const fs::path& output) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(output, error);
  fs::path folder;
  fs::path real_folder;
  for (const ImageFile& file : files) {
    const fs::path path(file.path);
    if (real_folder.empty() || path.parent_path() != folder) {
      folder = path.parent_path();
      real_folder = fs::weakly_canonical(folder.empty() ? "." : folder, error);
    }
    const bool is_link = fs::is_symlink(path, error);
    const fs::path real = is_link ? fs::weakly_canonical(path, error) : real_folder / path.filename();
    if (is_below(real, place)) throw lies_in_output(path, output);
  }
}

fs::path find_depth_map(const fs::path& folder, const fs::path& name) {
  std::error_code unknown;
  if (fs::exists(folder / name, unknown)) return folder / name;
  const std::vector<fs::path> found = with_other_endings(folder / name);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(fmt::format("it has no depth map: neither {} nor an image of that name with another ending exists",
                            (folder / name).string()));
  }
  throw Error(fmt::format("{} and {} could both be its depth map", found[0].string(), found[1].string()));
}

}  // namespace haloedge
