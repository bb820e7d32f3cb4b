// SPDX-License-Identifier: Apache-2.0
#include "cli/check_report.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

constexpr ParserSpec kJson = {
    .name = "json", .summary = "", .options = {}, .sniff = nullptr, .create = nullptr};
constexpr ParserSpec kSyslog = {
    .name = "syslog", .summary = "", .options = {}, .sniff = nullptr, .create = nullptr};

// One file of three lines, of which the last is not parsed.
CheckReport SomeReport() {
  CheckReport report;
  report.tried = true;
  report.unparsed_go = "They would go.";
  TriedFile file;
  file.path = "a.log";
  file.dataset = "a";
  file.format = 0;
  file.choice = {.format = {.parser = &kJson},
                 .how = FormatChoice::How::kRecognised,
                 .confidence = {.score = 0.8, .reason = "2 of 3"},
                 .second = &kSyslog,
                 .runner_up = {.score = 0.1, .reason = "perhaps"}};
  file.lines = 3;
  file.events = 2;
  file.unparsed = 1;
  file.line_ends = {10, 20, 30};
  report.trial.files.emplace(1, file);
  report.trial.formats.push_back({.parser = &kJson});
  for (const uint64_t offset : {0, 10}) {
    Event event;
    event.time = Timestamp{.seconds = 1709618828};
    event.time_from = "ts";
    event.Add("n", Value::Int(5));
    if (offset == 10) event.Add("user", Value::String("a\tb"));
    report.trial.formats[0].shapes.Add(event, false, 1, offset);
  }
  report.trial.refusals.push_back({.reason = "not a JSON object",
                                   .records = 1,
                                   .examples = {{.file = 1, .offset = 20, .record = "x\x1b[1m"}}});
  return report;
}

TEST_CASE("RenderText: files, what they gave, and what is not parsed") {
  CHECK(RenderText(SomeReport(), {.colours = false, .width = 60}) == R"(
json
  a.log: 3 lines, 2 events for dataset 'a', 1 not parsed
    recognised, 80 % sure: 2 of 3; next syslog, 10 %

  2 events, such as a.log:1
    time     2024-03-05T06:07:08Z, from ts
    fields   n     integer        5
             user  string   50 %  a\tb

not parsed
  1 record: not a JSON object
    a.log:3  x\x1b[1m

1 record would not be parsed, of 3 lines in 1 file
  They would go.
)");
}

TEST_CASE("RenderText: findings come first, with what to do below them") {
  CheckReport report;
  report.findings = {{Finding::Level::kError, {"bad thing", "Mend it\nso."}},
                     {Finding::Level::kWarning, {"odd thing"}},
                     {Finding::Level::kNote, {"a thing"}},
                     {Finding::Level::kOk, {"good thing"}}};
  CHECK(RenderText(report, {}) == R"(error: bad thing
  Mend it
  so.
warning: odd thing
note: a thing
ok: good thing

1 error to be mended; no line was tried
)");
}

TEST_CASE("RenderText: colours are asked for") {
  const std::string plain = RenderText(SomeReport(), {.colours = false});
  std::string coloured = RenderText(SomeReport(), {.colours = true});
  CHECK_FALSE(plain.contains('\x1b'));
  CHECK(coloured.contains("\x1b[31m1 not parsed\x1b[0m"));
  // Without its colours it is the same.
  for (size_t at = 0; (at = coloured.find('\x1b', at)) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  CHECK(coloured == plain);
}

TEST_CASE("RenderText: nothing found is said in a line") {
  CheckReport report = SomeReport();
  report.trial.refusals.clear();
  report.trial.files.at(1).unparsed = 0;
  CHECK(RenderText(report, {}).ends_with("\nall is well: 3 lines in 1 file make 2 events\n"));
  Event event;
  report.trial.formats.front().shapes.Add(event, /*invented_time=*/true, 1, 0);
  CHECK(RenderText(report, {})
            .ends_with(" make 2 events\n  1 of them without a time of their own\n"));
  report.trial.formats.front().shapes = {};
  report.trial.files.at(1).whole = false;
  report.lines = 3;
  CHECK(
      RenderText(report, {})
          .ends_with("\nall is well: 3 lines (at most 3 of each file) in 1 file make 2 events\n"));
}

TEST_CASE("RenderText: an event without a time says so, and a pattern is shown whole") {
  CheckReport report = SomeReport();
  report.trial.formats[0].shapes = {};
  Event event;
  event.pattern = "aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbb cccccccccccccccccccc";
  event.Add("n", Value::Int(1));
  report.trial.formats[0].shapes.Add(event, true, 1, 0);
  const std::string text = RenderText(report, {.colours = false, .width = 60});
  CHECK(
      text.contains("    pattern  aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbb\n"
                    "             cccccccccccccccccccc\n"));
  CHECK(text.contains("    time     none found: it is when the line is read\n"));
}

TEST_CASE("CheckReport: the exit code is the worst that was found") {
  CheckReport report = SomeReport();
  CHECK(report.exit_code() == 1);
  report.findings.push_back({Finding::Level::kWarning, {"odd"}});
  CHECK(report.exit_code() == 1);
  report.trial.files.at(1).unparsed = 0;
  CHECK(report.exit_code() == 0);
  report.trial.files.at(1).choice.how = FormatChoice::How::kUnknown;
  CHECK(report.exit_code() == 0);  // plain text, as was asked for
  report.trial.files.at(1).choice.advice = "Name it.";
  CHECK(report.exit_code() == 1);
  report.trial.files.at(1).choice.advice = "";
  report.file_is_missing = true;
  CHECK(report.exit_code() == 1);
  report.findings.push_back({Finding::Level::kError, {"bad"}});
  CHECK(report.exit_code() == 2);
}

TEST_CASE("CheckReport: bytes that cannot be read are lines that do not arrive") {
  CheckReport report;
  CHECK(report.exit_code() == 0);
  report.trial.abandoned_bytes = 1;
  CHECK(report.exit_code() == 1);
}

TEST_CASE("RenderJson: all of it, exactly") {
  CheckReport report = SomeReport();
  report.findings = {{Finding::Level::kWarning, {"odd", "Look."}}};
  CHECK(RenderJson(report) == R"({
  "ok": false,
  "exit": 1,
  "findings": [
    {
      "level": "warning",
      "message": "odd",
      "hint": "Look."
    }
  ],
  "tried": true,
  "unreadable_bytes": 0,
  "files": [
    {
      "path": "a.log",
      "dataset": "a",
      "chosen": "recognised",
      "wrapper": "none",
      "parser": "json",
      "confidence": 0.80,
      "reason": "2 of 3",
      "next": {
        "parser": "syslog",
        "confidence": 0.10,
        "reason": "perhaps"
      },
      "lines": 3,
      "whole": true,
      "events": 2,
      "sampled_out": 0,
      "skipped": 0,
      "unparsed": 1
    }
  ],
  "formats": [
    {
      "parser": "json",
      "wrapper": "none",
      "recognised": true,
      "events": 2,
      "events_of_further_shapes": 0,
      "shapes": [
        {
          "events": 1,
          "first": {
            "path": "a.log",
            "line": 1,
            "byte": 0
          },
          "time_from": "ts",
          "time": "2024-03-05T06:07:08Z",
          "fields": [
            {
              "name": "n",
              "type": "integer",
              "example": "5"
            }
          ]
        },
        {
          "events": 1,
          "first": {
            "path": "a.log",
            "line": 2,
            "byte": 10
          },
          "time_from": "ts",
          "time": "2024-03-05T06:07:08Z",
          "fields": [
            {
              "name": "n",
              "type": "integer",
              "example": "5"
            },
            {
              "name": "user",
              "type": "string",
              "example": "a\tb"
            }
          ]
        }
      ]
    }
  ],
  "unparsed": [
    {
      "reason": "not a JSON object",
      "records": 1,
      "examples": [
        {
          "path": "a.log",
          "line": 3,
          "byte": 20,
          "record": "x\u001b[1m"
        }
      ]
    }
  ]
}
)");
}

TEST_CASE("Printable: what a terminal would act upon is escaped") {
  CHECK(Printable("a\nb\tc\x01\x7f") == "a\\nb\\tc\\x01\\x7f");
  CHECK(Printable("grün") == "grün");
  CHECK(Printable("gr\xfcn") == "gr\\xfcn");
  CHECK(Printable("a\xc2\x9b"
                  "b") == "a\\xc2\\x9bb");  // a control of its own
}

TEST_CASE("Grouped: thousands are set apart") {
  CHECK(Grouped(0) == "0");
  CHECK(Grouped(999) == "999");
  CHECK(Grouped(1000) == "1,000");
  CHECK(Grouped(1234567) == "1,234,567");
}

}  // namespace
}  // namespace hctail
