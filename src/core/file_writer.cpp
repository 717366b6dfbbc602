#include "core/file_writer.hpp"

namespace haloedge {

namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;

}  // namespace

void FileWriter::append(std::span<const std::byte> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  if (waiting_.size() >= piece_bytes) flush();
}

void FileWriter::finish() {
  flush();
  file_.close();
}

void FileWriter::flush() {
  file_.write_at(written_, waiting_);
  written_ += std::ssize(waiting_);
  waiting_.clear();
}

}  // namespace haloedge
