// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/unescape.h"

#include <doctest/doctest.h>

namespace hctail::nginx {
namespace {

TEST_CASE("Unescape: each mode undoes its own escapes and no others") {
  struct Case {
    Escape escape;
    std::string_view text;
    std::string_view result;
  };
  constexpr Case kCases[] = {
      {Escape::kDefault, "plain", "plain"},
      {Escape::kDefault, R"(\x22a\x5C\xC3\xA9)", "\"a\\\xC3\xA9"},
      {Escape::kDefault, R"(a\nb\"c)", R"(a\nb\"c)"},
      {Escape::kDefault, R"(\x2)", R"(\x2)"},
      {Escape::kDefault, R"(\xZZ\x41)", R"(\xZZA)"},
      {Escape::kDefault, R"(\)", R"(\)"},
      {Escape::kApache, R"(\"a\\ \x41 \t)", "\"a\\ A \t"},
      {Escape::kApache, R"(\q)", R"(\q)"},
      {Escape::kJson, R"(\"\\\/\n\u0001\u00e9\ud83d\ude00)", "\"\\/\n\x01\xC3\xA9\xF0\x9F\x98\x80"},
      {Escape::kJson, R"(\x41)", R"(\x41)"},
      {Escape::kNone, R"(\x41\n)", R"(\x41\n)"},
      // What would not be UTF-8 keeps its escapes.
      {Escape::kDefault, R"(\x16\x03\xFC)", R"(\x16\x03\xFC)"},
      {Escape::kDefault, R"(\xC3)", R"(\xC3)"},
  };
  for (const Case& c : kCases) {
    std::string scratch = "before";
    scratch.reserve(100);
    CAPTURE(std::string(c.text));
    CHECK(Unescape(c.text, c.escape, &scratch) == c.result);
    CHECK(scratch.starts_with("before"));
  }
}

}  // namespace
}  // namespace hctail::nginx
