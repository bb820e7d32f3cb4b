// SPDX-License-Identifier: Apache-2.0
#include "base/regex.h"

#include <doctest/doctest.h>

#include <array>

namespace hctail {
namespace {

TEST_CASE("Regex: a bad pattern is shown with a caret at the mistake") {
  struct Case {
    std::string_view pattern;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {R"(^(?P<host>\S+)", "x is not a regular expression: missing ')'|^(?P<host>\\S+\n ^ here"},
      {R"(^(?<host>\S+)", "x is not a regular expression: missing ')'|^(?<host>\\S+\n ^ here"},
      {R"((?<a>b)c))", "x is not a regular expression: unexpected ')'|(?<a>b)c)\n        ^ here"},
      {R"([)](x)", "x is not a regular expression: missing ')'|[)](x\n   ^ here"},
      {R"(a[b-)", "x is not a regular expression: missing ']'|a[b-\n ^ here"},
      {R"(*a)", "x is not a regular expression: nothing to repeat before '*'|*a\n^ here"},
      {R"(é+\w++)",
       "x is not a regular expression: bad repeat '++'|é+\\w++\n    ^ here\n"
       "RE2 never goes back: leave the second + out."},
      {R"((?>a))",
       "x is not a regular expression: unknown group '(?>'|(?>a)\n^ here\n"
       "RE2 never goes back: write (?: in place of it."},
      {R"(a\y)", "x is not a regular expression: unknown escape '\\y'|a\\y\n ^ here"},
      {R"((a)\1)",
       "x is not a regular expression: unknown escape '\\1'|(a)\\1\n   ^ here\n"
       "RE2 has no back-references."},
      {R"(ab\)", "x is not a regular expression: a backslash at the end|ab\\\n  ^ here"},
      {R"(a(?=b))",
       "x is not a regular expression: unknown group '(?='|a(?=b)\n ^ here\n"
       "RE2 has no look-ahead or look-behind."},
      {R"((?P<a-b>x))",
       "x is not a regular expression: bad group name '(?P<a-b>'|(?P<a-b>x)\n^ here"},
      {R"([z-a])", "x is not a regular expression: bad range 'z-a'|[z-a]\n ^ here"},
  };
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.pattern));
    const auto regex = Regex::Compile(c.pattern, "x");
    REQUIRE(!regex.has_value());
    CHECK(regex.error().message + "|" + regex.error().hint == c.text);
  }
}

TEST_CASE("Regex: groups are numbered and named, and those that took no part are null") {
  const auto regex = Regex::Compile(R"((?<a>\d+)-(x)?(?P<b>\w*))", "x");
  REQUIRE(regex.has_value());
  CHECK(regex->names() == std::vector<std::string>{"a", "", "b"});
  std::array<std::string_view, 5> groups;
  REQUIRE(regex->Search("on 12- and 3-xy", groups));
  CHECK(groups[0] == "12-");
  CHECK(groups[1] == "12");
  CHECK(groups[2].data() == nullptr);
  CHECK(groups[3].data() != nullptr);
  CHECK(groups[3].empty());
  CHECK(groups[4].data() == nullptr);
}

TEST_CASE("Regex: text that is not UTF-8 matches byte by byte") {
  const auto regex = Regex::Compile("^(?P<all>.*) end$", "x");
  REQUIRE(regex.has_value());
  std::array<std::string_view, 2> groups;
  REQUIRE(regex->Search("caf\xE9 \xFF end", groups));
  CHECK(groups[1] == "caf\xE9 \xFF");
  CHECK(!regex->Search("caf\xE9"));
}

TEST_CASE("Regex: a non-ASCII character is one character to '.'") {
  const auto regex = Regex::Compile("^a.b$", "x");
  REQUIRE(regex.has_value());
  CHECK(
      regex->Search("a\xC3\xA9"
                    "b"));
}

}  // namespace
}  // namespace hctail
