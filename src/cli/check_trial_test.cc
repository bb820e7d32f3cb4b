// SPDX-License-Identifier: Apache-2.0
#include "cli/check_trial.h"

#include <doctest/doctest.h>

#include <cstring>

namespace hctail {
namespace {

class CountingListener final : public SettleListener {
 public:
  void OnSettled(const Settlement& settlement) override {
    REQUIRE(settlement.runs.size() == settlement.batch->runs.size());
    for (size_t i = 0; i < settlement.runs.size(); ++i) {
      CHECK(settlement.runs[i].accepted == settlement.batch->runs[i].events);
    }
    ++settled;
  }
  int settled = 0;
};

const FileInfo kFile = {.path = "/var/log/app.log", .dataset = "app", .lane = {}};

void See(TrialObserver& observer, FileKey key, uint64_t offset, std::string_view text) {
  Chunk chunk(4096);
  std::memcpy(chunk.end(), text.data(), text.size());
  chunk.Append({.file = key, .offset = offset, .length = text.size(), .size = text.size()});
  observer.OnSegment(kFile, chunk, chunk.segments()[0]);
}

TEST_CASE("TrialObserver: places in a file are told as lines") {
  Trial trial;
  TrialObserver observer(trial);
  See(observer, 7, 0, "ab\n\ncd\n");
  See(observer, 7, 7, "e");
  const TriedFile& file = trial.files.at(7);
  CHECK(file.path == "/var/log/app.log");
  CHECK(file.dataset == "app");
  CHECK(file.lines == 4);
  CHECK(file.whole);
  const uint64_t lines[] = {1, 1, 1, 2, 3, 3, 3, 4, 0};
  for (uint64_t offset = 0; offset < std::size(lines); ++offset) {
    CAPTURE(offset);
    CHECK(file.LineOf(offset) == lines[offset]);
  }
}

TEST_CASE("TrialObserver: a file that was cut is not whole, one that has ended is") {
  Trial trial;
  TrialObserver observer(trial);
  for (const auto pause : {Segment::Pause::kEnd, Segment::Pause::kShutdown}) {
    Chunk chunk(64);
    chunk.Append({.file = 7, .kind = Segment::Kind::kPause, .pause = pause});
    observer.OnSegment(kFile, chunk, chunk.segments()[0]);
    CHECK(trial.files.at(7).whole == (pause == Segment::Pause::kEnd));
  }
}

TEST_CASE("TrialObserver: files that are read the same way are of one format") {
  const ParserSpec* const json = FindParser("json");
  Trial trial;
  TrialObserver observer(trial);
  const FormatChoice asked = {.format = {.parser = json}};
  const FormatChoice wrapped = {.format = {.parser = json, .wrapper = Wrapper::kCri}};
  const FormatChoice unknown = {
      .format = {.parser = json}, .how = FormatChoice::How::kUnknown, .advice = "Name it."};
  FileKey key = 1;
  for (const FormatChoice& choice : {asked, wrapped, asked, unknown}) {
    See(observer, key, 0, "{}\n");
    observer.OnFormat(kFile, choice);
    Event event;
    event.Add("n", Value::Int(1));
    observer.OnEvent({.file = key, .begin = 0, .end = 3, .bytes = {}}, event, true);
    ++key;
  }
  REQUIRE(trial.formats.size() == 3);
  CHECK(trial.files.at(1).format == 0);
  CHECK(trial.files.at(2).format == 1);
  CHECK(trial.files.at(3).format == 0);
  CHECK(trial.files.at(4).format == 2);
  CHECK_FALSE(trial.formats[2].known);
  CHECK(trial.formats[2].advice == "Name it.");
  CHECK(trial.formats[0].shapes.events() == 2);
  CHECK(trial.formats[1].shapes.events() == 1);
}

TEST_CASE("TrialSink: settles all, and counts what would become of it") {
  CountingListener listener;
  TrialSink sink(listener);
  for (int i = 0; i < 2; ++i) {
    auto batch = std::make_unique<Batch>();
    batch->runs = {{.span = {7, 0, 50}, .events = 3, .filtered = 1, .sampled_out = 2},
                   {.span = {8, 0, 50}, .dead_letters = 4}};
    for (uint64_t offset = 0; offset < 4; ++offset) {
      batch->dead_letters.push_back(
          {.file = 8, .offset = offset, .reason = "bad", .record = std::string(400, 'x')});
    }
    sink.Add(std::move(batch));
  }
  CHECK(sink.unsettled() == 2);
  while (sink.unsettled() > 0) REQUIRE(sink.Step(Duration::zero()).has_value());
  CHECK(listener.settled == 2);

  Trial trial;
  sink.AddTo(&trial);
  CHECK(trial.files.at(7).events == 10);
  CHECK(trial.files.at(7).sampled_out == 4);
  CHECK(trial.files.at(7).skipped == 2);
  CHECK(trial.files.at(8).unparsed == 8);
  CHECK(trial.Total().events == 10);
  CHECK(trial.Total().unparsed == 8);
  REQUIRE(trial.refusals.size() == 1);
  const TriedRefusal& refusal = trial.refusals[0];
  CHECK(refusal.reason == "bad");
  CHECK(refusal.records == 8);
  REQUIRE(refusal.examples.size() == TriedRefusal::kMostExamples);
  CHECK(refusal.examples[3].offset == 3);
  CHECK(refusal.examples[0].record == std::string(TriedRefusal::kExampleSize, 'x') + "…");
}

}  // namespace
}  // namespace hctail
