// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("IsUtf8: what RFC 3629 allows and nothing more") {
  for (const std::string_view good : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xED\x9F\xBF",
                                      "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(IsUtf8(good));
  }
  for (const std::string_view bad :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF",
        "\xE2\x82", "a\xE2\x82z", "\xF0\x80\x80\x80"}) {
    CHECK(!IsUtf8(bad));
  }
}

TEST_CASE("AppendUtf8 writes what IsUtf8 accepts") {
  for (uint32_t code = 0; code <= 0x10FFFF; code += code < 0x900 ? 1 : 0x101) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string out;
    AppendUtf8(code, &out);
    CHECK(IsUtf8(out));
  }
}

TEST_CASE("ReadUnicodeEscape: pairs are one character, and half a pair is U+FFFD") {
  struct Case {
    std::string_view text;
    size_t size;
    std::string_view out;
  };
  constexpr Case kCases[] = {
      {"\\u0041b", 6, "A"},
      {"\\u00e9", 6, "\xC3\xA9"},
      {"\\ud83d\\ude00x", 12, "\xF0\x9F\x98\x80"},
      {"\\ud83dx", 6, "\xEF\xBF\xBD"},
      {"\\ude00\\ud83d", 6, "\xEF\xBF\xBD"},
      {"\\u12", 0, ""},
      {"\\u12g4", 0, ""},
      {"u0041", 0, ""},
  };
  for (const Case& c : kCases) {
    std::string out;
    CHECK(ReadUnicodeEscape(c.text, &out) == c.size);
    CHECK(out == c.out);
  }
}

}  // namespace
}  // namespace hctail
