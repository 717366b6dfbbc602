#include "core/error.hpp"

#include <system_error>

namespace haloedge {

std::string errno_text(int error_number) { return std::generic_category().message(error_number); }

}  // namespace haloedge
