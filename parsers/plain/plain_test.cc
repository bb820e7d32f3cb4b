// SPDX-License-Identifier: Apache-2.0
#include "parsers/plain/plain.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

struct Sink final : RecordSink {
  Event* NewEvent() override {
    event.Clear();
    return &event;
  }
  void Emit() override {
    times.push_back(event.time ? event.time->seconds : -1);
    texts.emplace_back(event.Find("message")->text());
  }
  void Skip() override { ++skipped; }
  void Malformed(std::string_view, std::string_view) override { FAIL("malformed"); }
  void Complete(uint64_t) override {}

  Event event;
  std::vector<int64_t> times;
  std::vector<std::string> texts;
  int skipped = 0;
};

void Give(FileParser& parser, std::string_view line, Sink* sink) {
  parser.Take({.text = line, .begin = 0, .end = line.size(), .read_time = {.seconds = 7}}, sink);
}

TEST_CASE("plain: a line without a time has that of the line before it") {
  const OptionValues none;
  const auto parser =
      MakeFileParser(plain::kPlain, {.options = none}, Wrapper::kNone, {.path = "x"}).value();
  Sink sink;
  for (const char* line : {"no time yet", "2024-03-05 06:07:08,5 ERROR broken",
                           "\tat a.B(C.java:1)", " ", "2024-03-05 06:07:09 INFO mended"}) {
    Give(*parser, line, &sink);
  }
  CHECK(sink.times == std::vector<int64_t>{-1, 1709618828, 1709618828, 1709618829});
  CHECK(sink.texts.at(2) == "\tat a.B(C.java:1)");
  CHECK(sink.skipped == 1);
}

TEST_CASE(
    "plain: in a container's log the runtime's time counts, also for lines that say another") {
  const OptionValues none;
  const auto parser =
      MakeFileParser(plain::kPlain, {.options = none}, Wrapper::kCri, {.path = "x"}).value();
  Sink sink;
  Give(*parser, "2024-03-05T06:07:08Z stdout F 2020/01/01 00:00:00 start", &sink);
  Give(*parser, "2024-03-05T06:07:09Z stdout F more", &sink);
  CHECK(sink.times == std::vector<int64_t>{1709618828, 1709618829});
  CHECK(sink.texts == std::vector<std::string>{"2020/01/01 00:00:00 start", "more"});
}

TEST_CASE("plain: lines are grouped if that is asked for") {
  OptionValues options;
  options.Set("multiline.start", {"^\\d"});
  const auto parser =
      MakeFileParser(plain::kPlain, {.options = options}, Wrapper::kNone, {.path = "x"}).value();
  Sink sink;
  Give(*parser, "2024-03-05 06:07:08 broken", &sink);
  Give(*parser, "\tat a.B", &sink);
  Give(*parser, "2024-03-05 06:07:09 mended", &sink);
  CHECK(sink.texts == std::vector<std::string>{"2024-03-05 06:07:08 broken\n\tat a.B"});
}

}  // namespace
}  // namespace hctail
