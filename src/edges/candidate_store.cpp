#include "edges/candidate_store.hpp"

#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

CandidateStore::CandidateStore(std::int64_t tiles, std::int64_t tile_words, Place place) : tile_words_(tile_words) {
  const std::int64_t bytes = memory_bytes(tiles, tile_words);
  if (place == Place::memory) {
    memory_ = Buffer(bytes);
    return;
  }
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(none);
  try {
    if (none) throw Error(none.message());
    file_ = File::create_unnamed(folder);
    file_.reserve(bytes);
  } catch (const Error& error) {
    throw Error(fmt::format(
        "Canny's candidates need {} in the folder for temporary files, as there is too little --memory: {}; "
        "set TMPDIR to a folder that has room, or give more --memory",
        size_text(bytes), error.what()));
  }
}

void CandidateStore::write(std::int64_t tile, std::span<const std::uint64_t> words) {
  if (file_.is_open()) {
    file_.write_at(offset(tile), std::as_bytes(words));
  } else {
    std::memcpy(memory_.data() + offset(tile), words.data(), words.size_bytes());
  }
}

void CandidateStore::read(std::int64_t tile, std::span<std::uint64_t> words) const {
  if (file_.is_open()) {
    file_.read_at(offset(tile), std::as_writable_bytes(words));
  } else {
    std::memcpy(words.data(), memory_.data() + offset(tile), words.size_bytes());
  }
}

}  // namespace haloedge
