#include "formats/zlib_stream.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <zlib.h>

namespace haloedge {
namespace {

using Bytes = std::vector<std::byte>;

Bytes random_bytes(std::size_t count, unsigned values) {
  std::mt19937 random(9);
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() % values);
  return bytes;
}

/// Returns the bytes compressed in pieces of these sizes, which are repeated.
Bytes compressed(const Bytes& bytes, const std::vector<std::size_t>& pieces) {
  ZlibStream stream;
  Bytes out;
  std::size_t at = 0;
  for (std::size_t i = 0; at < bytes.size(); ++i) {
    const std::size_t piece = std::min(pieces[i % pieces.size()], bytes.size() - at);
    stream.add(std::span(bytes).subspan(at, piece), out);
    at += piece;
  }
  stream.finish(out);
  return out;
}

/// Decompresses with zlib itself, which checks the sum at the end. Returns other bytes if zlib finds a fault or
/// anything after the end.
Bytes uncompressed(const Bytes& stream, std::size_t size) {
  Bytes bytes(size + 1);  // one byte more, which would show that there are too many
  uLongf got = bytes.size();
  uLong used = stream.size();
  const int result =
      ::uncompress2(reinterpret_cast<Bytef*>(bytes.data()), &got, reinterpret_cast<const Bytef*>(stream.data()), &used);
  if (result != Z_OK || used != stream.size()) return {std::byte{1}, std::byte{2}, std::byte{3}};
  bytes.resize(got);
  return bytes;
}

TEST(ZlibStream, RoundTrip) {
  std::vector<Bytes> inputs{{}, {std::byte{7}}, Bytes(3'000'000), Bytes(65536, std::byte{255})};
  for (const std::size_t count : {2U, 100U, 65535U, 65536U, 65537U, 2'000'003U}) {
    for (const unsigned values : {2U, 11U, 256U}) inputs.push_back(random_bytes(count, values));
  }
  Bytes mixed = random_bytes(300'000, 256);
  mixed.resize(900'000);
  const Bytes more = random_bytes(300'000, 5);
  mixed.insert(mixed.end(), more.begin(), more.end());
  inputs.push_back(mixed);
  for (const Bytes& input : inputs) {
    for (const std::vector<std::size_t>& pieces :
         std::vector<std::vector<std::size_t>>{{input.size() + 1}, {65536}, {1000, 0, 1, 70'001}, {64 << 10, 13}}) {
      const Bytes stream = compressed(input, pieces);
      EXPECT_TRUE(uncompressed(stream, input.size()) == input) << input.size() << " bytes, first piece " << pieces[0];
    }
  }
}

TEST(ZlibStream, ByteByByte) {
  const Bytes input = random_bytes(20'000, 17);
  EXPECT_TRUE(uncompressed(compressed(input, {1}), input.size()) == input);
}

TEST(ZlibStream, Deterministic) {
  const Bytes input = random_bytes(500'000, 4);
  EXPECT_TRUE(compressed(input, {65536}) == compressed(input, {65536}));
  EXPECT_LT(compressed(input, {65536}).size(), input.size() / 2);
  EXPECT_LT(compressed(Bytes(1'000'000), {65536}).size(), 20'000U);
  const Bytes noise = random_bytes(1'000'000, 256);
  EXPECT_LT(compressed(noise, {65536}).size(), noise.size() + noise.size() / 100) << "what cannot be made smaller";
}

}  // namespace
}  // namespace haloedge
