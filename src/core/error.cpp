#include "core/error.hpp"

#include <new>
#include <system_error>

#include <fmt/format.h>

namespace haloedge {

std::string failure_reason(const std::string& path, const std::exception& error) {
  std::string text = error.what();
  if (dynamic_cast<const Error*>(&error) != nullptr && text.find(path) != std::string::npos) return text;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return fmt::format("{}: out of memory", path);
  }
  return fmt::format("{}: {}", path, error.what());
}

std::string without_path(const std::string& message, const std::string& path) {
  const std::string head = path + ": ";
  return message.starts_with(head) ? message.substr(head.size()) : message;
}

std::string errno_text(int error_number) { return std::generic_category().message(error_number); }

}  // namespace haloedge
