#include "core/encoding.hpp"

#include <array>
#include <span>
#include <string_view>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

std::string encoded(std::string_view text) { return base64(std::as_bytes(std::span(text))); }

TEST(Base64, Rfc4648) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, AnyBytes) {
  constexpr std::array bytes{std::byte{0xfb}, std::byte{0xff}, std::byte{0xfe}, std::byte{0x00}};
  EXPECT_EQ(base64(bytes), "+//+AA==");
}

TEST(PrintableLines, NewlinesStay) { EXPECT_EQ(printable_lines("a\nb\x1b[31m"), "a\nb\\x1b[31m"); }

TEST(HtmlText, Markup) {
  EXPECT_EQ(html_text("a & b"), "a &amp; b");
  EXPECT_EQ(html_text("<script>\"x\" 'y'</script>"), "&lt;script&gt;&quot;x&quot; &#39;y&#39;&lt;/script&gt;");
  EXPECT_EQ(html_text("two\nlines\x1b"), "two\\nlines\\x1b");
}

TEST(HtmlText, Utf8) {
  EXPECT_EQ(html_text("Gr\u00fc\u00dfe \u6f22 \U0001f600"), "Gr\u00fc\u00dfe \u6f22 \U0001f600");
  EXPECT_EQ(html_text("a\xff<b\xc3"), "a\ufffd&lt;b\ufffd");
}

TEST(AsUtf8, WrongBytes) {
  EXPECT_EQ(as_utf8(""), "");
  EXPECT_EQ(as_utf8("\xe2\x82"), "\ufffd\ufffd");                    // cut short
  EXPECT_EQ(as_utf8("\xed\xa0\x80x"), "\ufffd\ufffd\ufffdx");        // a surrogate
  EXPECT_EQ(as_utf8("\xc0\xaf\xe2\x82\xac"), "\ufffd\ufffd\u20ac");  // an overlong form, then a good one
  EXPECT_TRUE(is_utf8(as_utf8("\xff\xfe\x80 \xf5")));
}

TEST(UrlPath, Escapes) {
  EXPECT_EQ(url_path("../a-b_c.~/D9.jpg"), "../a-b_c.~/D9.jpg");
  EXPECT_EQ(url_path("a b?c#d%e:f\"&"), "a%20b%3Fc%23d%25e%3Af%22%26");
  EXPECT_EQ(url_path("\u00fc\xff\n"), "%C3%BC%FF%0A");
}

TEST(Printable, ControlCharacters) {
  EXPECT_EQ(printable("plain text"), "plain text");
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(printable("\x1b[31m\r\x7f"), "\\x1b[31m\\x0d\\x7f");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), "\\x00x");
  EXPECT_EQ(printable("\xc3\xa4\xff"), "\xc3\xa4\xff") << "UTF-8 and what is none stay";
  EXPECT_EQ(printable(""), "");
}

TEST(Utf8, Valid) {
  for (const char* text : {"", "plain", "\xc2\x80", "caf\xc3\xa9", "\xe0\xa0\x80", "\xe5\x9b\xbe", "\xed\x9f\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"\x80", "caf\xe9", "\xc3", "\xc1\xbf", "\xe5\x9b", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe5\x9b.jpg"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace haloedge
