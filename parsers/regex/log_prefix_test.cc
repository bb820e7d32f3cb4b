// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/log_prefix.h"

#include <doctest/doctest.h>

#include <string>

#include "base/time_format.h"
#include "event/encode_json.h"

namespace hctail::regex {
namespace {

// Makes one field of all of a record; "bad" is malformed.
class WholeParser final : public Parser {
 public:
  bool StartsRecord(std::string_view line) const override { return !line.starts_with(' '); }
  Parsed Parse(std::string_view record, Event* event) override {
    if (record == "bad") return {Parsed::Outcome::kMalformed, "bad"};
    event->Add("all", Value::String(record));
    return {};
  }
};

Result<std::unique_ptr<Parser>> Make(const char* prefix, const char* name = "other",
                                     const char* time_field = "") {
  OptionValues options;
  options.Set("log-prefix", {prefix});
  options.Set(std::string(name) + ".timefield", {time_field});
  const ParserSpec spec = {.name = name, .summary = {}, .options = {}, .sniff = {}, .create = {}};
  return WithLogPrefix(std::make_unique<WholeParser>(), spec, {.options = options});
}

std::string Parse(Parser& parser, std::string_view line) {
  Event event;
  const Parsed parsed = parser.Parse(line, &event);
  if (parsed.outcome != Parsed::Outcome::kEvent) return std::string(parsed.why);
  std::string out = event.time ? FormatRfc3339(*event.time) + " " : "";
  AppendData(event, &out);
  return out;
}

TEST_CASE("log prefix: it is taken off, and its groups become fields") {
  struct Case {
    const char* prefix;
    const char* parser;
    std::string_view line;
    std::string_view result;
  };
  constexpr Case kCases[] = {
      {R"((?P<pid>\d+) (?P<d>-) )", "other", "42 - rest", R"({"all":"rest","pid":"42","d":"-"})"},
      {R"((?P<pid>\d+) (?P<rate>[\d.]+) (?P<d>-) )", "nginx", "42 1.5 - rest",
       R"({"all":"rest","pid":42,"rate":1.5})"},
      {R"((?P<pid>\d+) )", "other", "x 42 rest", R"({"all":"x 42 rest"})"},
      {R"(a|(?P<b>b))", "other", "xb", R"({"all":"xb"})"},
      {R"(a|(?P<b>b))", "other", "a1", R"({"all":"1"})"},
      {R"(^(?P<all>\w+): )", "other", "x: y", R"({"all":"x"})"},
      {R"((?P<time>\S+) )", "other", "2024-03-05T06:07:08Z rest",
       R"(2024-03-05T06:07:08Z {"all":"rest"})"},
      {R"(\w+ )", "other", "x bad", "bad"},
  };
  for (const Case& c : kCases) {
    const auto parser = Make(c.prefix, c.parser);
    REQUIRE(parser.has_value());
    CAPTURE(c.prefix);
    CHECK(Parse(**parser, c.line) == c.result);
  }
}

TEST_CASE("log prefix: a group can be the time field that the parser was given") {
  const auto parser = Make(R"((?P<when>\S+) )", "csv", "when");
  REQUIRE(parser.has_value());
  CHECK(Parse(**parser, "2024-03-05T06:07:08Z rest") == R"(2024-03-05T06:07:08Z {"all":"rest"})");
}

TEST_CASE("log prefix: records begin where they do without it") {
  const auto parser = Make(R"(\w+\|)");
  REQUIRE(parser.has_value());
  CHECK((*parser)->StartsRecord("web|x"));
  CHECK(!(*parser)->StartsRecord("web| x"));
}

TEST_CASE("log prefix: a mistake is shown where it was typed") {
  const auto parser = Make("^(?P<a>x");
  REQUIRE(!parser.has_value());
  CHECK(parser.error().message == "--log-prefix is not a regular expression: missing ')'");
  CHECK(parser.error().hint == "^(?P<a>x\n ^ here");
}

}  // namespace
}  // namespace hctail::regex
