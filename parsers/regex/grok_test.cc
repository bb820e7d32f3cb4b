// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/grok.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

namespace hctail::regex {
namespace {

TEST_CASE("Grok: the library is in order, and each pattern compiles and matches all its example") {
  CHECK(std::ranges::is_sorted(GrokPatterns(), {}, &GrokPattern::name));
  for (const GrokPattern& pattern : GrokPatterns()) {
    CAPTURE(std::string(pattern.name));
    const auto expanded = Expand("^%{" + std::string(pattern.name) + "}$");
    REQUIRE(expanded.has_value());
    const auto regex = Regex::Compile(expanded->pattern);
    REQUIRE(regex.has_value());
    CHECK(regex->Search(pattern.example));
  }
}

TEST_CASE("Grok: patterns match what they are called after, and nothing else") {
  struct Case {
    std::string_view name;
    std::string_view text;
    bool matches;
  };
  constexpr Case kCases[] = {
      {"IPV4", "255.255.255.255", true},
      {"IPV4", "256.1.1.1", false},
      {"IPV4", "1.2.3", false},
      {"IPV6", "::", true},
      {"IPV6", "::1", true},
      {"IPV6", "2001:db8::", true},
      {"IPV6", "2001:db8:0:0:0:0:2:1", true},
      {"IPV6", "fe80::1%eth0", true},
      {"IPV6", "::ffff:10.0.0.1", true},
      {"IPV6", "1:2:3:4:5:6:7", false},
      {"IPV6", "12345::1", false},
      {"IP", "10.0.0.1", true},
      {"NUMBER", "-.5", true},
      {"NUMBER", "1.2.3", false},
      {"UUID", "123e4567-e89b-12d3-a456-42661417400", false},
      {"TIMESTAMP_ISO8601", "2024-03-05 06:07:08,123+0100", true},
      {"TIMESTAMP_ISO8601", "2024-13-05T06:07:08", false},
      {"HTTPDATE", "05/Mar/2024:06:07:08 -0530", true},
      {"SYSLOGTIMESTAMP", "Mar  5 06:07:08", true},
      {"LOGLEVEL", "Warning", true},
      {"LOGLEVEL", "warnings", false},
      {"DURATION", "595.34\xC2\xB5s", true},
      {"QUOTEDSTRING", R"x("a\"b")x", true},
      {"QUOTEDSTRING", R"x("a"b")x", false},
      {"MAC", "00-1B-63-84-45-E6", true},
      {"MAC", "001b.6384.45e6", true},
      {"DATE_US", "03/05/24", true},
      {"YEAR", "24", true},
      {"YEAR", "124", false},
      {"SYSLOGPROG", "crond(pam_unix)[42]", true},
      {"HTTPD_ERRORLOG", "[Tue Mar 05 06:07:08 2024] [error] [client 10.0.0.1] gone", true},
  };
  for (const Case& c : kCases) {
    const auto expanded = Expand("^%{" + std::string(c.name) + "}$");
    REQUIRE(expanded.has_value());
    CAPTURE(std::string(c.name) + " " + std::string(c.text));
    CHECK(Regex::Compile(expanded->pattern)->Search(c.text) == c.matches);
  }
}

TEST_CASE("Grok: fields keep their names and types, whatever letters are in them") {
  const auto expanded =
      Expand(R"(%{IP:client.address} (?<took>\d+) %{INT:n:int} %{INT:[a][b]} %%{x} \%{x})");
  REQUIRE(expanded.has_value());
  REQUIRE(expanded->fields.size() == 4);
  CHECK(expanded->fields[0].name == "client.address");
  CHECK(expanded->fields[1].name == "took");
  CHECK(expanded->fields[2].type == FieldType::kInteger);
  CHECK(expanded->fields[3].name == "a.b");
  const auto regex = Regex::Compile(expanded->pattern);
  REQUIRE(regex.has_value());
  CHECK(regex->Search("1.2.3.4 5 6 7 %{x} %{x}"));
}

TEST_CASE("Grok: mistakes are placed in what was typed") {
  struct Case {
    std::string_view source;
    std::string_view what;
    size_t position;
  };
  constexpr Case kCases[] = {
      {"a %{IPP:x}", "there is no pattern 'IPP'", 2},
      {"%{IP:x", "missing '}'", 0},
      {"b%{IP:x:long}", "unknown type 'long'", 1},
      {"%{IP:x} (?P<a-b>c)", "bad group name", 8},
  };
  for (const Case& c : kCases) {
    const auto expanded = Expand(c.source);
    REQUIRE(!expanded.has_value());
    CHECK(expanded.error().what == c.what);
    CHECK(expanded.error().position == c.position);
  }
}

}  // namespace
}  // namespace hctail::regex
