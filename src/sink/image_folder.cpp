#include "sink/image_folder.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* deed, const std::error_code& error) {
  const std::string text = fmt::format("{}: cannot {}: {}", path.string(), deed, error.message());
  if (is_of_the_name(error.value())) throw Error(text);
  throw RunError(text);
}

}  // namespace

ImageFolder::ImageFolder(fs::path folder, fs::path aside) : folder_(std::move(folder)), aside_(std::move(aside)) {}

ImageFolder::~ImageFolder() {
  std::error_code ignored;
  fs::remove(aside_, ignored);
}

void ImageFolder::write(const std::string& name, std::span<const std::byte> bytes) {
  File file = File::create(aside_);
  file.write_at(0, bytes);
  file.close();
  adopt(aside_, name);
}

void ImageFolder::adopt(const fs::path& file, const std::string& name) {
  const fs::path path = folder_ / name;
  std::error_code error;
  if (made_.insert(path.parent_path().string()).second) {
    fs::create_directories(path.parent_path(), error);
    if (error) fail(path.parent_path(), "make this folder", error);
    // A symbolic link in the folder could lead to the inputs.
    if (!is_below(fs::canonical(path.parent_path()), fs::canonical(folder_))) {
      made_.erase(path.parent_path().string());
      throw Error(fmt::format("{}: a link there leads out of the output folder", path.string()));
    }
  }
  fs::rename(file, path, error);
  if (error) fail(path, "give the image its name", error);
}

}  // namespace haloedge
