// Compares groups of near hashes with the result of comparing all hashes with all.
#include "measures/image_hash.hpp"

#include <bit>
#include <random>

#include <gtest/gtest.h>

#include "kernels/cpu/cpu.hpp"

namespace haloedge {
namespace {

/// Returns random hashes, some of which are copies of earlier ones with a few bits turned.
std::vector<std::uint64_t> some_hashes(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t hash = random();
    if (i > 0 && random() % 2 == 0) {
      hash = hashes[random() % i];
      for (std::uint64_t turned = random() % 8; turned > 0; --turned) hash ^= std::uint64_t{1} << random() % 64;
    }
    hashes.push_back(hash);
  }
  return hashes;
}

std::vector<HashPair> all_pairs(const std::vector<std::uint64_t>& hashes, int distance) {
  std::vector<HashPair> pairs;
  for (std::uint32_t i = 0; i < hashes.size(); ++i) {
    for (std::uint32_t k = i + 1; k < hashes.size(); ++k) {
      if (std::popcount(hashes[i] ^ hashes[k]) <= distance) pairs.push_back({i, k});
    }
  }
  return pairs;
}

TEST(Near, Backends) {
  const auto hashes = some_hashes(301, 1);
  for (const int distance : {0, 1, 4, 16, 63}) {
    std::vector<std::uint32_t> right;
    for (std::uint32_t i = 0; i < hashes.size(); ++i) {
      if (std::popcount(hashes[7] ^ hashes[i]) <= distance) right.push_back(i);
    }
    for (const std::string& set : kernels::cpu::instruction_sets()) {
      kernels::cpu::use_instruction_set(set);
      for (const auto which : {kernels::HostBackend::cpu, kernels::HostBackend::reference}) {
        std::vector<std::uint32_t> places;
        kernels::make_backend(which)->near(hashes[7], hashes, distance, places);
        EXPECT_EQ(places, right) << set << " distance " << distance;
      }
    }
  }
}

TEST(DuplicateGroups, TightCluster) {
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t i = 0; i < 5000; ++i) hashes.push_back(0xABCD000000000000U | i);
  const auto backend = kernels::make_backend(kernels::HostBackend::cpu);
  const auto links = near_links(hashes, 13, *backend, 0, 1);
  EXPECT_EQ(links.size(), hashes.size() - 1) << "no more links than hold it together";
  EXPECT_EQ(linked_groups(hashes.size(), links).size(), 1U);
}

TEST(DuplicateGroups, EveryNearPair) {
  const auto backend = kernels::make_backend(kernels::HostBackend::cpu);
  for (const unsigned seed : {1U, 2U, 3U}) {
    const auto hashes = some_hashes(2000, seed);
    for (int distance = 0; distance <= max_distance; ++distance) {
      const auto right = linked_groups(hashes.size(), all_pairs(hashes, distance));
      for (const int parts : {1, 3}) {
        std::vector<HashPair> links;
        for (int part = 0; part < parts; ++part) {
          const auto more = near_links(hashes, distance, *backend, part, parts);
          for (const auto [first, second] : more) {
            EXPECT_LE(std::popcount(hashes[first] ^ hashes[second]), distance);
          }
          links.insert(links.end(), more.begin(), more.end());
        }
        EXPECT_EQ(linked_groups(hashes.size(), links), right) << "distance " << distance << " parts " << parts;
      }
    }
  }
}

TEST(DuplicateGroups, Order) {
  const std::vector<HashPair> links{{1, 4}, {0, 5}, {4, 7}, {2, 3}};
  const std::vector<std::vector<std::uint32_t>> groups{{1, 4, 7}, {0, 5}, {2, 3}};
  EXPECT_EQ(linked_groups(9, links), groups);
  EXPECT_TRUE(linked_groups(0, {}).empty());
}

}  // namespace
}  // namespace haloedge
