#include "run/version_number.hpp"

namespace haloedge {

std::string_view version_number() { return HALOEDGE_VERSION; }

}  // namespace haloedge
