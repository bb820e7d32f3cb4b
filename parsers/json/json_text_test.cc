// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json_text.h"

#include <doctest/doctest.h>

namespace hctail::json {
namespace {

TEST_CASE("ReadNumber: the grammar of RFC 8259, and nothing beside it") {
  for (const std::string text :
       {"0", "-0", "7", "-12", "1.10", "0.5", "12345678901234567890123", "-0.0"}) {
    CAPTURE(text);
    CHECK(ReadNumber(text) == Number::kPlain);
  }
  for (const std::string text : {"1e5", "1E+5", "1.5e-10", "-0e0", "0.1E05"}) {
    CAPTURE(text);
    CHECK(ReadNumber(text) == Number::kScientific);
  }
  for (const std::string text :
       {"",    "-",   "+1",  "01",   "-01", ".5", "5.",  "1.e5",  "1e", "1e+", "1.5.",
        "0x1", "1_0", "NaN", "1e5 ", " 1",  "1-", "--1", "1e5.0", "00", "1a"}) {
    CAPTURE(text);
    CHECK(ReadNumber(text) == Number::kNone);
  }
}

TEST_CASE("FitsDouble: only what is too large does not") {
  CHECK(FitsDouble("1e308"));
  CHECK(FitsDouble("1e-400"));
  CHECK(FitsDouble("0e999"));
  CHECK_FALSE(FitsDouble("1e309"));
  CHECK_FALSE(FitsDouble("-1E+400"));
  CHECK(FitsDouble(std::string(308, '9')));
  CHECK_FALSE(FitsDouble(std::string(400, '9')));
}

TEST_CASE("ReadEscape: bad ones are bad") {
  size_t size = 0;
  for (const std::string text : {"\\", "\\x", "\\u", "\\u12", "\\u12g4", "\\u-123", "\\U0041"}) {
    CAPTURE(text);
    CHECK(ReadEscape(text, &size) == Escape::kBad);
  }
}

TEST_CASE("MendUtf8: one U+FFFD for each byte that is wrong, as Go does") {
  struct Case {
    std::string text, mended;
  } const kCases[] = {
      {"a\xff"
       "b",
       "a\uFFFDb"},
      {"\xe2\x82", "\uFFFD\uFFFD"},
      {"\xe2\x82\xac", "\u20ac"},
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},  // a surrogate
      {"\xc0\x80", "\uFFFD\uFFFD"},            // NUL, too long
      {"\xe0\x9f\xbf", "\uFFFD\uFFFD\uFFFD"},
      {"\xf0\x9f\x98\x80", "\U0001F600"},
      {"\xf0\x8f\xbf\xbf", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // beyond U+10FFFF
      {"\xf5", "\uFFFD"},
      {"\xc3\xa9\xc3", "\u00e9\uFFFD"},
      {"M\xfcller", "M\uFFFDller"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.mended);
    std::string out;
    MendUtf8(c.text, &out);
    CHECK(out == c.mended);
  }
}

TEST_CASE("MendSurrogates: halves become \\ufffd, pairs and the rest stay") {
  struct Case {
    std::string text, mended;
  } const kCases[] = {
      {R"("\ud800")", R"("\ufffd")"},
      {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
      {R"("\\ud800")", R"("\\ud800")"},
      {R"("\ud800\ud800\n\udc00")", R"("\ufffd\ufffd\n\ufffd")"},
      {R"("\ud83d\ud83d\ude00")", R"("\ufffd\ud83d\ude00")"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    std::string text = c.text;
    MendSurrogates(&text);
    CHECK(text == c.mended);
  }
}

}  // namespace
}  // namespace hctail::json
