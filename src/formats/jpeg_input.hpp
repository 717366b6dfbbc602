#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>
// libjpeg's header needs stdio's types before it.
#include <jpeglib.h>

#include "core/buffer.hpp"
#include "core/file.hpp"

namespace haloedge {

/// Feeds a JPEG decoder from a file, in pieces large enough for libjpeg-turbo's fast entropy decoder, which falls back
/// to a slow one where less than a few KiB are left in a piece: with the 4 KiB pieces of jpeg_stdio_src() that is
/// nearly everywhere. Behind the file's end stand end markers, so that it can be fast up to there.
class JpegInput {
 public:
  /// Throws Error.
  explicit JpegInput(File file);
  JpegInput(const JpegInput&) = delete;
  JpegInput& operator=(const JpegInput&) = delete;
  ~JpegInput() = default;

  void attach(jpeg_decompress_struct& decoder);

  /// Upper bound of the memory held.
  static constexpr std::int64_t memory_bytes = std::int64_t{320} << 10;

  /// True if the decoder has taken bytes from behind the file's end: the file was cut short.
  [[nodiscard]] bool passed_end() const;

  /// What ended a read, if one of the file did: the decoder then ends with an error.
  [[nodiscard]] std::exception_ptr error() const { return error_; }

 private:
  static void begin(j_decompress_ptr) {}
  static boolean fill(j_decompress_ptr decoder);
  static void skip(j_decompress_ptr decoder, long count);
  static void end(j_decompress_ptr) {}
  /// Reads the next piece. False if the file cannot be read.
  bool next_piece();

  /// What libjpeg holds a pointer to.
  struct Manager : jpeg_source_mgr {
    JpegInput* input;
  };
  static JpegInput& of(j_decompress_ptr decoder) { return *static_cast<Manager*>(decoder->src)->input; }

  Manager manager_{};
  File file_;
  std::int64_t size_;
  std::int64_t next_ = 0;    ///< in the file, behind the piece that is here
  std::int64_t piece_ = 0;   ///< bytes of the file in memory_
  bool passed_end_ = false;  ///< in an earlier piece
  Buffer memory_;
  std::exception_ptr error_;
};

}  // namespace haloedge
