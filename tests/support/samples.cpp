#include "support/samples.hpp"

#include <iterator>
#include <limits>
#include <random>

namespace haloedge {

namespace {

using namespace kernels;

template <class Sample>
void put(std::vector<std::byte>& bytes, Sample sample) {
  const auto* from = reinterpret_cast<const std::byte*>(&sample);
  bytes.insert(bytes.end(), from, from + sizeof sample);
}

}  // namespace

std::vector<std::byte> random_samples(std::int64_t count, SampleType type, unsigned seed) {
  std::mt19937 random(seed);
  const float hard[] = {0.0F,
                        -0.0F,
                        1.0F,
                        std::numeric_limits<float>::infinity(),
                        -std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::quiet_NaN(),
                        std::numeric_limits<float>::denorm_min(),
                        1e-41F,
                        3e38F};
  std::vector<std::byte> bytes;
  for (std::int64_t i = 0; i < count; ++i) {
    const unsigned kind = random() % 8;
    const auto number = static_cast<std::uint16_t>(kind == 0 ? 0U : kind == 1 ? 0xFFFFU : random());
    if (type == SampleType::u8) {
      put(bytes, static_cast<std::uint8_t>(number));
    } else if (type == SampleType::u16) {
      put(bytes, number);
    } else if (type == SampleType::f64) {
      put(bytes,
          kind == 2 ? static_cast<double>(hard[random() % std::size(hard)]) : static_cast<double>(random()) - 1e9);
    } else {
      put(bytes, kind == 2 ? hard[random() % std::size(hard)] : static_cast<float>(random()) * 0x1p-32F * 2.0F - 0.5F);
    }
  }
  return bytes;
}

std::vector<EdgeFilter> all_filters() {
  std::vector<EdgeFilter> filters;
  for (int number = 0; number < static_cast<int>(Operator::canny); ++number) {
    const auto op = static_cast<Operator>(number);
    for (const Component component : {Component::magnitude, Component::x, Component::y, Component::direction}) {
      if (op == Operator::laplacian && component != Component::magnitude) continue;
      for (const Norm norm : {Norm::l2, Norm::l1}) {
        for (const SampleType in : all_types) {
          for (const SampleType out : all_types) {
            filters.push_back({.op = op,
                               .component = component,
                               .norm = norm,
                               .gray_type = in,
                               .out_type = out,
                               .factor = 1,
                               .clip = {}});
          }
        }
      }
    }
  }
  return filters;
}

}  // namespace haloedge
