#include "core/html.hpp"

#include <gtest/gtest.h>

#include "core/utf8.hpp"

namespace haloedge {
namespace {

TEST(HtmlText, NothingIsMarkup) {
  EXPECT_EQ(html_text("a & b"), "a &amp; b");
  EXPECT_EQ(html_text("<script>\"x\" 'y'</script>"), "&lt;script&gt;&quot;x&quot; &#39;y&#39;&lt;/script&gt;");
  EXPECT_EQ(html_text("two\nlines\x1b"), "two\\nlines\\x1b");
}

TEST(HtmlText, IsUtf8) {
  EXPECT_EQ(html_text("Gr\u00fc\u00dfe \u6f22 \U0001f600"), "Gr\u00fc\u00dfe \u6f22 \U0001f600");
  EXPECT_EQ(html_text("a\xff<b\xc3"), "a\ufffd&lt;b\ufffd");
}

TEST(AsUtf8, EveryWrongByteIsReplaced) {
  EXPECT_EQ(as_utf8(""), "");
  EXPECT_EQ(as_utf8("\xe2\x82"), "\ufffd\ufffd");                    // cut short
  EXPECT_EQ(as_utf8("\xed\xa0\x80x"), "\ufffd\ufffd\ufffdx");        // a surrogate
  EXPECT_EQ(as_utf8("\xc0\xaf\xe2\x82\xac"), "\ufffd\ufffd\u20ac");  // longer than need be, then a good one
  EXPECT_TRUE(is_utf8(as_utf8("\xff\xfe\x80 \xf5")));
}

TEST(UrlPath, OnlyPlainBytesStay) {
  EXPECT_EQ(url_path("../a-b_c.~/D9.jpg"), "../a-b_c.~/D9.jpg");
  EXPECT_EQ(url_path("a b?c#d%e:f\"&"), "a%20b%3Fc%23d%25e%3Af%22%26");
  EXPECT_EQ(url_path("\u00fc\xff\n"), "%C3%BC%FF%0A");
}

}  // namespace
}  // namespace haloedge
