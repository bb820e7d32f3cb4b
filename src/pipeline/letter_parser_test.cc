// SPDX-License-Identifier: Apache-2.0
#include "pipeline/letter_parser.h"

#include <doctest/doctest.h>

#include <memory>

#include "event/encode_json.h"

namespace hctail {
namespace {

std::vector<const ParserSpec*> All() {
  std::vector<const ParserSpec*> all;
  for (const ParserSpec& spec : AllParsers()) {
    if (spec.required_option.empty()) all.push_back(&spec);
  }
  return all;
}

// Parses a letter and keeps what its event points to.
struct Fixture {
  void Make(const LetterFormats& formats, const OptionValues& of_records = {}) {
    const OptionValues options = LetterOptions(of_records, formats);
    auto made = MakeParser(LetterSpec(), {.options = options});
    if (!made) FAIL(made.error().message);
    parser = std::move(*made);
  }
  Parsed Parse(std::string_view letter) {
    line.assign(letter);
    line.reserve(line.size() + kRecordPadding);
    event.Clear();
    return parser->Parse(line, &event);
  }
  std::string Text(std::string_view name) {
    const Value* const value = event.Find(name);
    return value == nullptr ? "none" : std::string(value->text());
  }

  std::unique_ptr<Parser> parser;
  std::string line;
  Event event;
};

constexpr auto kEvent = Parsed::Outcome::kEvent;
constexpr auto kMalformed = Parsed::Outcome::kMalformed;

TEST_CASE_FIXTURE(Fixture,
                  "LetterParser: a record is parsed as its file, and goes where that goes") {
  Make({.by_file = {{"/l/app.log", FindParser("json")}, {"/l/web.log.1", FindParser("keyval")}},
        .dataset = {}});
  REQUIRE(Parse(R"({"file":"/l/app.log","record":"{\"a\":\"x\"}"})").outcome == kEvent);
  CHECK(Text("a") == "\"x\"");
  CHECK(event.dataset == "app");
  CHECK_FALSE(event.presampled);
  REQUIRE(Parse(R"({"file":"/l/web.log.1","record":"a=y b=z"})").outcome == kEvent);
  CHECK(Text("a") == "y");
  CHECK(event.dataset == "web");
  const Parsed unknown = Parse(R"({"file":"/l/other.log","record":"a=y b=z"})");
  CHECK(unknown.outcome == kMalformed);
  CHECK(unknown.why == "the format of its file cannot be told: name it with --parser");
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: one format and one dataset for all, if they are given") {
  OptionValues of_records;
  of_records.Set("log-prefix", {"(?P<host>\\S+) "}, "--log-prefix");
  Make({.by_file = {{"", FindParser("json")}}, .dataset = "mine"}, of_records);
  REQUIRE(Parse(R"({"file":"/l/app.log","record":"web1 {\"a\":\"x\"}"})").outcome == kEvent);
  CHECK(Text("a") == "\"x\"");
  CHECK(Text("host") == "web1");
  CHECK(event.dataset == "mine");
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: an event is that event again, and not sampled again") {
  Make({.by_file = {}, .dataset = "mine"});
  REQUIRE(Parse(R"({"time":"2024-03-05T06:07:08Z","file":"/l/app.log","dataset":"app","record":)"
                R"({"time":"2024-01-01T00:00:00Z","samplerate":4,"data":{"a":"x"}}})")
              .outcome == kEvent);
  CHECK(Text("a") == "\"x\"");
  CHECK(event.dataset == "app");
  CHECK(event.sample_rate == 4);
  CHECK(event.presampled);
  CHECK(event.time == Timestamp{1704067200, 0});
  REQUIRE(Parse(R"({"dataset":"app","record":{"data":{"a":"x"}}})").outcome == kEvent);
  CHECK(event.sample_rate == 1);
  CHECK(event.presampled);
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: a record without a time has that of its letter") {
  Make({.by_file = {{"", FindParser("json")}}, .dataset = {}});
  REQUIRE(Parse(R"({"time":"2024-03-05T06:07:08Z","file":"f","record":"{\"a\":1}"})").outcome ==
          kEvent);
  CHECK(event.time == Timestamp{1709618828, 0});
  REQUIRE(Parse(R"({"time":"2024-03-05T06:07:08Z","file":"f",)"
                R"("record":"{\"a\":1,\"time\":\"2024-01-01T00:00:00Z\"}"})")
              .outcome == kEvent);
  CHECK(event.time == Timestamp{1704067200, 0});
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: what is no letter, or fails again") {
  Make({.by_file = {{"", FindParser("json")}}, .dataset = {}});
  CHECK(Parse("").outcome == Parsed::Outcome::kSkip);
  CHECK(Parse("rubbish").why == "not a dead letter");
  const Parsed again = Parse(R"({"file":"f","record":"no JSON"})");
  CHECK(again.outcome == kMalformed);
  CHECK(again.why != "not a dead letter");
}

TEST_CASE("LetterParser: wrong options of the records' format are told") {
  OptionValues of_records;
  of_records.Set("log-prefix", {"("}, "--log-prefix");
  const OptionValues options =
      LetterOptions(of_records, {.by_file = {{"", FindParser("json")}}, .dataset = {}});
  CHECK_FALSE(MakeParser(LetterSpec(), {.options = options}).has_value());
}

TEST_CASE("SniffLetters: each file by its own records") {
  const auto formats = SniffLetters(
      "{\"file\":\"a\",\"record\":\"{\\\"x\\\":1}\"}\n"
      "{\"file\":\"b\",\"record\":\"k=1 level=info msg=hello\"}\n"
      "rubbish\n"
      "{\"file\":\"c\",\"record\":\"who knows?\"}\n"
      "{\"file\":\"d\",\"record\":{\"data\":{}}}\n"
      "{\"file\":\"a\",\"record\":\"{\\\"x\\\":2}\"}",
      All());
  REQUIRE(formats.size() == 2);
  CHECK(formats.at("a")->name == "json");
  CHECK(formats.at("b")->name == "keyval");
}

}  // namespace
}  // namespace hctail
