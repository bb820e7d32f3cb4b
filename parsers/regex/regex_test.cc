// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/regex.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "event/encode_json.h"

namespace hctail::regex {
namespace {

Result<std::unique_ptr<Parser>> Make(const std::vector<std::string>& patterns,
                                     const char* types = "infer") {
  OptionValues options;
  options.Set("regex.line-regex", patterns, "--regex.line-regex");
  options.Set("regex.types", {types});
  return kRegex.create({.options = options});
}

std::string Parse(Parser& parser, std::string_view line) {
  Event event;
  const Parsed parsed = parser.Parse(line, &event);
  if (parsed.outcome != Parsed::Outcome::kEvent) return std::string(parsed.why);
  std::string out;
  AppendData(event, &out);
  return out;
}

TEST_CASE("regex: mistakes are shown where they were typed") {
  struct Case {
    std::string pattern;
    std::string message;
    std::string hint;
  };
  const Case kCases[] = {
      {R"(^(?P<a>x)", "missing ')'", "^(?P<a>x\n ^ here"},
      {R"(^%{IP:ip} (?<a>\y))", "unknown escape '\\y'",
       "^%{IP:ip} (?<a>\\y)\n               ^ here"},
      {R"(%{ip:x})", "there is no pattern 'ip'",
       "%{ip:x}\n^ here\nNear it are IP, IPORHOST, IPV4, IPV6."},
      {R"(%{NOTE:x})", "there is no pattern 'NOTE'", "%{NOTE:x}\n^ here\nNear it are NOTSPACE."},
      {R"(^(\w+) %{IP}$)", "it has no named group",
       "^(\\w+) %{IP}$\n^ here\nWrite (?P<name>...) around what is to be kept."},
      {R"((?P<a>x)(?=y))", "unknown group '(?='",
       "(?P<a>x)(?=y)\n        ^ here\nRE2 has no look-ahead or look-behind."},
  };
  for (const Case& c : kCases) {
    const auto parser = Make({c.pattern});
    REQUIRE(!parser.has_value());
    CHECK(parser.error().message == "--regex.line-regex is not a regular expression: " + c.message +
                                        " (from --regex.line-regex)");
    CHECK(parser.error().hint == c.hint);
  }
}

TEST_CASE("regex: it needs a pattern, and knows two kinds of types") {
  const OptionValues none;
  CHECK(kRegex.create({.options = none}).error().message == "the regex parser needs a pattern");
  CHECK(Make({"(?P<a>x)"}, "guess").error().message == "bad value 'guess' for --regex.types");
}

TEST_CASE("regex: patterns are tried in order, and match anywhere") {
  const auto parser = Make({R"(^(?P<t>\d{4}-\S+) (?P<msg>.*)$)", R"((?P<word>foo\d?))"});
  REQUIRE(parser.has_value());
  CHECK(Parse(**parser, "2024 lead foo7 and foo8") == R"({"word":"foo7"})");
  CHECK(Parse(**parser, "2024-x foo7") == R"({"t":"2024-x","msg":"foo7"})");
  CHECK(Parse(**parser, "bar") == "no pattern matches");
  CHECK(Parse(**parser, "") == "blank line");
}

TEST_CASE("regex: of groups with one name the one that took part counts") {
  for (const char* types : {"infer", "string"}) {
    const auto parser = Make({R"(^(?:a=(?<v>\d+)|b=(?<v>\w+))$)"}, types);
    REQUIRE(parser.has_value());
    CHECK(Parse(**parser, "b=x") == R"({"v":"x"})");
    CHECK(Parse(**parser, "a=1") == (types[0] == 'i' ? R"({"v":1})" : R"({"v":"1"})"));
  }
}

TEST_CASE("regex: types that grok names are kept apart from inference") {
  const auto parser = Make({"^%{NUMBER:a:float} %{NUMBER:b:int} %{NUMBER:c:string} %{NUMBER:d}$"});
  REQUIRE(parser.has_value());
  CHECK(Parse(**parser, "1 2 3 4") == R"({"a":1,"b":2,"c":"3","d":4})");
  CHECK(Parse(**parser, "1.50 2.5 3 04") == R"({"a":1.5,"b":"2.5","c":"3","d":"04"})");
}

TEST_CASE("regex: more groups than RE2 keeps cheaply, and far too many") {
  std::string pattern = "^";
  std::string line;
  for (int i = 0; i < 40; ++i) {
    pattern += "(?<f" + std::to_string(i) + ">.) ?";
    line += "x ";
  }
  const auto parser = Make({pattern});
  REQUIRE(parser.has_value());
  CHECK(Parse(**parser, line).ends_with(R"("f39":"x"})"));
  for (int i = 40; i < 70; ++i) pattern += "(?<f" + std::to_string(i) + ">.) ?";
  CHECK(Make({pattern}).error().message.contains("too many groups"));
}

}  // namespace
}  // namespace hctail::regex
