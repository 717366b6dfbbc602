// A library to be preloaded into a run, which then finds that no file system can lock files.
#include <cerrno>

#include <sys/file.h>

extern "C" int flock(int, int) noexcept {
  errno = ENOSYS;
  return -1;
}
