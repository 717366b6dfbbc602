#include "support/scratch_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace haloedge {

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "haloedge_test_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code left_behind;
  std::filesystem::remove_all(path_, left_behind);
}

}  // namespace haloedge
