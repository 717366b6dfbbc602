// A library to be preloaded (LD_PRELOAD). Opening a JPEG takes as many milliseconds as the file $SLOW_FILES says. Runs
// last as long as a test needs, without using the processors.
#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>

#include <dlfcn.h>
#include <fcntl.h>

extern "C" int open(const char* path, int flags, ...) {
  static const auto next = reinterpret_cast<int (*)(const char*, int, ...)>(::dlsym(RTLD_NEXT, "open"));
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  const char* setting = std::getenv("SLOW_FILES");
  if (setting != nullptr && std::string_view(path).ends_with(".jpg")) {
    int milliseconds = 0;
    std::ifstream(setting) >> milliseconds;
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
  return next(path, flags, mode);
}
