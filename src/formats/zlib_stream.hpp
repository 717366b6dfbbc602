#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace haloedge {

/// Compresses bytes into a zlib stream (RFC 1950), fast rather than small: by Intel's ISA-L.
class ZlibStream {
 public:
  ZlibStream();
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;
  ~ZlibStream();

  /// Appends to `out` what is ready of the stream after these bytes. The stream depends on how its bytes are cut into
  /// calls.
  void add(std::span<const std::byte> bytes, std::vector<std::byte>& out);
  /// Appends the rest.
  void finish(std::vector<std::byte>& out);

  /// Upper bound of the memory that a stream holds.
  static constexpr std::int64_t memory_bytes = std::int64_t{1} << 20;

 private:
  struct State;
  void deflate(std::vector<std::byte>& out);
  std::unique_ptr<State> state_;
};

/// "2.30.0", of ISA-L as compiled with.
[[nodiscard]] std::string isal_version();

}  // namespace haloedge
