// A library to be preloaded into a run. It kills the process in the middle of a call, as HALOEDGE_KILL says:
//   rename-before, rename-after   when the output gets its name
//   journal:N                     when N bytes have been written to journals, the last record of them cut short
//   copy:N                        when N bytes have been written to the partial file
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <unistd.h>

namespace {

std::string_view wish() {
  static const char* const text = std::getenv("HALOEDGE_KILL");
  return text == nullptr ? "" : text;
}

[[noreturn]] void die() {
  (void)::raise(SIGKILL);
  std::abort();
}

/// Returns the path of the file that a descriptor refers to.
std::string name_of(int descriptor) {
  std::array<char, 4096> name{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = ::readlink(link.c_str(), name.data(), name.size());
  return {name.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

/// Returns the number of bytes, at most `count`, that may still be written before this process dies. Only files whose
/// names contain `part` have a limit.
size_t allowed(std::string_view kind, std::string_view part, int descriptor, size_t count) {
  static std::atomic<size_t> written{0};
  if (!wish().starts_with(kind) || name_of(descriptor).find(part) == std::string::npos) return count;
  const size_t limit = std::strtoull(wish().data() + kind.size(), nullptr, 10);
  const size_t before = written.fetch_add(count);
  return before + count < limit ? count : limit - std::min(before, limit);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  const size_t some =
      std::min(allowed("journal:", "/journal-", descriptor, count), allowed("copy:", ".partial", descriptor, count));
  const ssize_t put = real(descriptor, bytes, some, offset);
  if (some < count) die();
  return put;
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  const bool is_output = std::string_view(to).find(".run/") == std::string_view::npos;
  if (is_output && wish() == "rename-before") die();
  const int result = real(from, to);
  if (is_output && wish() == "rename-after") die();
  return result;
}
}
