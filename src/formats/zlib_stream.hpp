#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace haloedge {

/// Compresses bytes into a zlib stream (RFC 1950) with ISA-L, which is fast rather than thorough.
class ZlibStream {
 public:
  ZlibStream();
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;
  ~ZlibStream();

  /// Compresses these bytes and appends the part of the stream that is ready to `out`. The stream depends on how its
  /// input is divided among calls.
  void add(std::span<const std::byte> bytes, std::vector<std::byte>& out);
  /// Appends the rest of the stream.
  void finish(std::vector<std::byte>& out);

  /// Upper bound of the memory that a stream holds.
  static constexpr std::int64_t memory_bytes = std::int64_t{1} << 20;

 private:
  struct State;
  void deflate(std::vector<std::byte>& out);
  std::unique_ptr<State> state_;
};

/// The version of ISA-L at compile time: "2.30.0".
[[nodiscard]] std::string isal_version();

}  // namespace haloedge
