// SPDX-License-Identifier: Apache-2.0
#include "pipeline/letter_parser.h"

#include <doctest/doctest.h>

#include <memory>

#include "event/encode_json.h"
#include "tests/testing/recording_log.h"

namespace hctail {
namespace {

// Parses a letter; what is made of it as JSON lines, "why: record" for what is malformed.
struct Fixture : RecordSink {
  void Make(const LetterFormats& formats, const OptionValues& of_records = {}) {
    const OptionValues options = LetterOptions(of_records, formats);
    auto made = MakeFileParser(LetterSpec(), {.options = options}, Wrapper::kNone, {});
    if (!made) FAIL(made.error().message);
    parser = std::move(*made);
  }
  // The last event stays in `event`.
  std::vector<std::string> Parse(std::string_view letter) {
    line.assign(letter);
    line.reserve(line.size() + kRecordPadding);
    heard.clear();
    parser->Take({.text = line, .begin = 100, .end = 100 + line.size() + 1, .read_time = {}}, this);
    CHECK(completed == 100 + line.size() + 1);
    CHECK_FALSE(parser->holding());
    return heard;
  }

  Event* NewEvent() override {
    event.Clear();
    return &event;
  }
  void Emit() override {
    std::string text = std::string(event.dataset) + " ";
    AppendData(event, &text);
    heard.push_back(std::move(text));
  }
  void Skip() override { heard.emplace_back("skipped"); }
  void Malformed(std::string_view why, std::string_view record) override {
    heard.push_back(std::string(why) + (record == line ? "" : ", and not the letter"));
  }
  void Complete(uint64_t end) override { completed = end; }

  std::unique_ptr<FileParser> parser;
  std::string line;
  Event event;
  std::vector<std::string> heard;
  uint64_t completed = 0;
};

using Strings = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture,
                  "LetterParser: a record is parsed as its file, and goes where that goes") {
  Make({.by_file = {{"/l/app.log", FindParser("json")}, {"/l/web.log.1", FindParser("keyval")}},
        .dataset = {}});
  CHECK(Parse(R"({"file":"/l/app.log","record":"{\"a\":\"x\"}"})") == Strings{R"(app {"a":"x"})"});
  CHECK_FALSE(event.presampled);
  CHECK(Parse(R"({"file":"/l/web.log.1","record":"a=y b=z"})") ==
        Strings{R"(web {"a":"y","b":"z"})"});
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: one format and one dataset for all, if they are given") {
  OptionValues of_records;
  of_records.Set("log-prefix", {"(?P<host>\\S+) "}, "--log-prefix");
  Make({.by_file = {{"", FindParser("json")}}, .dataset = "mine"}, of_records);
  CHECK(Parse(R"({"file":"/l/app.log","record":"web1 {\"a\":\"x\"}"})") ==
        Strings{R"(mine {"a":"x","host":"web1"})"});
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: an event is that event again, and not sampled again") {
  Make({.by_file = {}, .dataset = "mine"});
  CHECK(Parse(R"({"time":"2024-03-05T06:07:08Z","file":"/l/app.log","dataset":"app","record":)"
              R"({"time":"2024-01-01T00:00:00Z","samplerate":4,"data":{"a":"x"}}})") ==
        Strings{R"(app {"a":"x"})"});
  CHECK(event.sample_rate == 4);
  CHECK(event.presampled);
  CHECK(event.time == Timestamp{1704067200, 0});
  CHECK(Parse(R"({"file":"/l/app.log","record":{"data":{"a":"x"}}})") ==
        Strings{R"(mine {"a":"x"})"});
  CHECK(event.sample_rate == 1);
  CHECK(event.presampled);
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: a record without a time has that of its letter") {
  Make({.by_file = {{"", FindParser("json")}}, .dataset = {}});
  Parse(R"({"time":"2024-03-05T06:07:08Z","file":"f","record":"{\"a\":1}"})");
  CHECK(event.time == Timestamp{1709618828, 0});
  Parse(R"({"time":"2024-03-05T06:07:08Z","file":"f",)"
        R"("record":"{\"a\":1,\"time\":\"2024-01-01T00:00:00Z\"}"})");
  CHECK(event.time == Timestamp{1704067200, 0});
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: what is no letter, or fails again") {
  Make({.by_file = {{"", FindParser("json")}}, .dataset = {}});
  CHECK(Parse("") == Strings{"skipped"});
  CHECK(Parse("rubbish") == Strings{"not a dead letter"});
  CHECK(Parse(R"({"file":"f","record":"no JSON"})") == Strings{"not a JSON object"});
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: a format that sees a file whole gets each record alone") {
  OptionValues of_records;
  of_records.Set("csv.fields", {"a,b"});
  Make({.by_file = {{"", FindParser("csv")}}, .dataset = {}}, of_records);
  CHECK(Parse(R"({"file":"f","record":"1,x"})") == Strings{R"(f {"a":1,"b":"x"})"});
  CHECK(Parse(R"({"file":"f","record":"2,y"})") == Strings{R"(f {"a":2,"b":"y"})"});
  Make({.by_file = {{"", FindParser("csv")}}, .dataset = {}});
  // It would be the header.
  CHECK(Parse(R"({"file":"f","record":"1,x"})") == Strings{"no header"});
}

TEST_CASE_FIXTURE(Fixture, "LetterParser: a record of several lines") {
  OptionValues of_records;
  of_records.Set("multiline.continue", {"^ "});
  Make({.by_file = {{"", FindParser("keyval")}}, .dataset = {}}, of_records);
  Parse(R"({"file":"f","record":"a=1 b=2\n  at main.c"})");
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].find("at main.c") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "LetterParser: records are not wrapped any more, or told by their looks") {
  OptionValues of_records;
  of_records.Set("unwrap", {"docker"});
  Make({.by_file = {{"", FindParser("json")}}, .dataset = {}}, of_records);
  CHECK(Parse(R"({"file":"f","record":"{\"a\":1}"})") == Strings{R"(f {"a":1})"});
  Parse(R"({"file":"f","record":"2024-03-05T06:07:08.912345678Z stdout F {\"a\":1}"})");
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].starts_with(R"(f {"a":1)"));
}

TEST_CASE("LetterParser: wrong options of the records' format are told") {
  OptionValues of_records;
  of_records.Set("log-prefix", {"("}, "--log-prefix");
  const OptionValues options =
      LetterOptions(of_records, {.by_file = {{"", FindParser("json")}}, .dataset = {}});
  CHECK_FALSE(MakeFileParser(LetterSpec(), {.options = options}, Wrapper::kNone, {}).has_value());
}

TEST_CASE("SniffLetters: each file by its own records") {
  std::vector<const ParserSpec*> candidates;
  for (const ParserSpec& spec : AllParsers()) {
    if (spec.required_option.empty()) candidates.push_back(&spec);
  }
  testing::RecordingLog log;
  ParserChooser chooser({.candidates = candidates}, log, [](const Error&) {});
  const auto formats = SniffLetters(
      "{\"file\":\"a\",\"record\":\"{\\\"x\\\":1}\"}\n"
      "{\"file\":\"b\",\"record\":\"k=1 level=info msg=hello\"}\n"
      "rubbish\n"
      "{\"file\":\"d\",\"record\":{\"data\":{}}}\n"
      "{\"file\":\"a\",\"record\":\"{\\\"x\\\":2}\"}",
      chooser);
  REQUIRE(formats.size() == 2);
  CHECK(formats.at("a")->name == "json");
  CHECK(formats.at("b")->name == "keyval");
}

}  // namespace
}  // namespace hctail
