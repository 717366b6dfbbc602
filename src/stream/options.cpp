#include "stream/options.hpp"

#include "stream/frame_format.hpp"

namespace haloedge {

Choices<StreamPolicy> policies() { return {{"latest", StreamPolicy::latest}, {"all", StreamPolicy::all}}; }

Choices<Show> shows() { return {{"overlay", Show::overlay}, {"edges", Show::edges}, {"side", Show::side}}; }

EdgeSettings frame_settings(const EdgeOptions& options, int bits) {
  using kernels::SampleType;
  if (bits == 8 || options.op == kernels::Operator::canny) return edge_settings(options, SampleType::u8);
  EdgeOptions deep = options;
  deep.type = SampleType::u16;
  if (options.component == kernels::Component::direction) {
    // A whole turn is the frames' full scale, not that of 16 bits.
    deep.scale *= FrameFormat{.bits = bits}.full_scale() / kernels::full_scale(SampleType::u16);
  }
  return edge_settings(deep, SampleType::u16);
}

std::string policy_name(StreamPolicy policy) { return choice_name(policies(), policy); }

std::string show_name(Show show) { return choice_name(shows(), show); }

}  // namespace haloedge
