#include "core/profile.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using namespace std::chrono_literals;

double seconds_of(const Profile& profile, Phase phase) { return profile.seconds().at(static_cast<std::size_t>(phase)); }

TEST(Profile, InnerScopeIsTakenFromTheOuterOne) {
  Profile profile(true);
  {
    const Profile::Scope outer(profile, Phase::decode);
    std::this_thread::sleep_for(20ms);
    const Profile::Scope inner(profile, Phase::gray);
    std::this_thread::sleep_for(60ms);
  }
  EXPECT_GE(seconds_of(profile, Phase::gray), 0.06);
  EXPECT_GE(seconds_of(profile, Phase::decode), 0.02);
  EXPECT_LT(seconds_of(profile, Phase::decode), 0.06);
  EXPECT_EQ(profile.intervals().size(), 2U);
}

TEST(Profile, AddsUpThreadsAndTellsThemApart) {
  Profile profile(true);
  const auto work = [&] {
    const Profile::Scope scope(profile, Phase::filter);
    std::this_thread::sleep_for(20ms);
  };
  std::thread a(work);
  std::thread b(work);
  a.join();
  b.join();
  EXPECT_GE(seconds_of(profile, Phase::filter), 0.04);
  ASSERT_EQ(profile.intervals().size(), 2U);
  EXPECT_NE(profile.intervals()[0].thread, profile.intervals()[1].thread);
}

TEST(Profile, KeepsNoIntervalsUnlessAsked) {
  Profile profile(false);
  { const Profile::Scope scope(profile, Phase::write); }
  EXPECT_TRUE(profile.intervals().empty());
}

}  // namespace
}  // namespace haloedge
