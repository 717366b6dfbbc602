#include "run/shared_folder.hpp"

#include <random>
#include <string>

#include "core/error.hpp"
#include "core/whole_file.hpp"

namespace haloedge {

namespace {

bool sees(const std::filesystem::path& file, const std::string& number) {
  try {
    return read_text_file(file) == number;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

FolderView look_at_folder(const std::filesystem::path& folder, Communicator& communicator) {
  if (communicator.size() == 1) return {};
  std::string number = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
  number = communicator.broadcast(std::move(number));
  // A name that no host can have looked for before.
  const std::filesystem::path file = folder / ("seen-" + number);
  if (communicator.rank() == 0) write_text_file(file, number);
  communicator.barrier();
  FolderView view{.here = sees(file, number)};
  view.everywhere = communicator.sum(view.here ? 0 : 1) == 0;
  std::error_code ignored;
  if (communicator.rank() == 0) std::filesystem::remove(file, ignored);
  return view;
}

}  // namespace haloedge
