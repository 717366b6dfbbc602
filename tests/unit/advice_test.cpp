#include "cli/advice.hpp"

#include <gtest/gtest.h>

namespace haloedge {
namespace {

using Names = std::vector<std::string>;

TEST(SimilarNames, NearestByEdits) {
  const Names names{"--operator", "--output", "--overwrite", "--low", "--norm"};
  EXPECT_EQ(similar_names("--operater", names), Names{"--operator"}) << "another letter";
  EXPECT_EQ(similar_names("--opertor", names), Names{"--operator"}) << "a letter less";
  EXPECT_EQ(similar_names("--opperator", names), Names{"--operator"}) << "a letter more";
  EXPECT_EQ(similar_names("--lwo", {"--low", "--log"}), Names{"--low"}) << "two letters swapped are one edit";
  EXPECT_EQ(similar_names("--elephant", names), Names{});
  EXPECT_EQ(similar_names("--x", {}), Names{});
}

TEST(SimilarNames, Beginnings) {
  const Names names{"--component", "--compression", "--norm"};
  EXPECT_EQ(similar_names("--comp", names), (Names{"--component", "--compression"}));
  EXPECT_EQ(similar_names("--compr", names), Names{"--compression"});
}

TEST(WhyNotAFile, Addresses) {
  for (const char* address :
       {"s3://b/a.tif", "gs://b/a.tif", "http://x/a.tif", "https://x/a.tif", "/vsicurl/http://x"}) {
    EXPECT_NE(why_not_a_file(address), "") << address;
  }
  for (const char* file :
       {"a.tif", "/a/b.tif", "a.h5:/edges", "http.tif", "a b://c", "://", "C:/a.tif", "-", "é.tif"}) {
    EXPECT_EQ(why_not_a_file(file), "") << file;
  }
}

TEST(WhyNotAFile, EmptyNamesAndLongDashes) {
  EXPECT_EQ(why_not_a_file(""), "the name is empty");
  EXPECT_EQ(why_not_a_file("–o"), "–o begins with a long dash: type -o");
  EXPECT_EQ(why_not_a_file("—operator"), "—operator begins with a long dash: type --operator");
}

}  // namespace
}  // namespace haloedge
