// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker.h"

#include <doctest/doctest.h>

#include <cstring>

#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"

namespace hctail {
namespace {

std::vector<const ParserSpec*> All() {
  std::vector<const ParserSpec*> all;
  for (const ParserSpec& spec : AllParsers()) all.push_back(&spec);
  return all;
}

struct Fixture {
  explicit Fixture(const ParserSpec* fixed = FindParser("json"))
      : chooser(fixed, All(), log, [this](Error e) { fault = e; }) {
    files.OnOpened({.file = 7,
                    .path = "/var/log/app.log",
                    .identity = {},
                    .offset = 1000,
                    .resumable = false,
                    .present_at_start = present_at_start});
  }
  Chunk& Add(std::string_view text, Segment::Kind kind = Segment::Kind::kLines,
             uint64_t length = 0) {
    std::memcpy(chunk.end(), text.data(), text.size());
    length = length == 0 ? text.size() : length;
    chunk.Append(
        {.file = 7, .offset = offset, .length = length, .size = text.size(), .kind = kind});
    offset += length;
    return chunk;
  }

  bool present_at_start = true;
  testing::FakeClock clock;
  testing::RecordingLog log;
  Wakeup dirty;
  FileTable files{nullptr, "", "", clock, log, dirty};
  std::optional<Error> fault;
  ParserChooser chooser;
  OptionValues options;
  Worker worker{{.encoding = Encoding::kLines},
                {.options = options},
                nullptr,
                SampleTime::kRead,
                files,
                chooser};
  Chunk chunk{1 << 20};
  uint64_t offset = 1000;
};

TEST_CASE("Worker: lines become events, each accounted for by the bytes of its line") {
  Fixture f;
  f.chunk.read_time = f.clock.Wall();
  f.Add("{\"a\":1,\"time\":\"2024-01-02T03:04:05Z\"}\r\n\n{\"b\":2}\nnot json\n");
  const auto batches = f.worker.Process(f.chunk, 99);
  REQUIRE(batches->size() == 1);
  const Batch& batch = *batches->front();
  CHECK(batch.body ==
        R"({"time":"2024-01-02T03:04:05Z","samplerate":1,"dataset":"app","data":{"a":1}})"
        "\n"
        R"({"time":"2024-03-05T06:07:08Z","samplerate":1,"dataset":"app","data":{"b":2}})"
        "\n");
  CHECK(batch.charge == 99);
  REQUIRE(batch.runs.size() == 1);
  CHECK(batch.runs[0].span == Span{7, 1000, 1000 + f.chunk.used()});
  CHECK(batch.runs[0].events == 2);
  CHECK(batch.runs[0].filtered == 1);
  CHECK(batch.runs[0].dead_letters == 1);
  CHECK(batch.dead_letters.at(0).record == "not json");
  CHECK(batch.dead_letters.at(0).offset == 1000 + f.chunk.used() - 9);
  const Counts total = f.files.Snapshot().Total();
  CHECK(total.read == 4);
  CHECK(total.in_flight == 4);
  CHECK(total.invented_times == 1);
}

TEST_CASE("Worker: a line longer than --max-line is a dead letter that settles all its bytes") {
  Fixture f;
  f.Add("{\"a\":1}\n");
  f.Add("{\"long\":", Segment::Kind::kOverlong, 5'000'000);
  f.Add("{\"b\":2}\n");
  const auto batches = f.worker.Process(f.chunk, 1);
  const Batch& batch = *batches->front();
  CHECK(batch.runs[0].span == Span{7, 1000, 1000 + 5'000'000 + 16});
  CHECK(batch.dead_letters.at(0).reason == "line longer than --max-line");
  CHECK(batch.dead_letters.at(0).record == "{\"long\":");
}

TEST_CASE("Worker: the last line of a file needs no terminator") {
  Fixture f;
  f.Add("{\"a\":1}", Segment::Kind::kUnended);
  const auto batches = f.worker.Process(f.chunk, 1);
  CHECK(batches->front()->runs[0].span == Span{7, 1000, 1007});
  CHECK(batches->front()->events.size() == 1);
}

TEST_CASE("Worker: events that name a dataset go there, and every byte still has its batch") {
  Fixture f;
  f.Add(
      "{\"a\":1}\n"
      R"({"data":{"b":2},"dataset":"other","samplerate":4})"
      "\n{\"c\":3}\n");
  Worker api({.compression = {Compression::kNone, 0}}, {.options = f.options}, nullptr,
             SampleTime::kRead, f.files, f.chooser);
  const auto batches = api.Process(f.chunk, 1);
  REQUIRE(batches->size() == 2);
  uint64_t bytes = 0;
  for (const auto& batch : *batches) {
    for (const Run& run : batch->runs) bytes += run.span.end - run.span.begin;
    if (batch->dataset == "other") CHECK(batch->body.find("\"samplerate\":4") != std::string::npos);
  }
  CHECK(bytes == f.chunk.used());
}

TEST_CASE("Worker: input of no known format stops the run before anything is settled") {
  Fixture f(nullptr);
  f.Add("just words\nmore words\n");
  CHECK_FALSE(f.worker.Process(f.chunk, 1).has_value());
  REQUIRE(f.fault.has_value());
  CHECK(f.fault->message == "cannot tell the format of '/var/log/app.log' from its first lines");
  CHECK(f.fault->hint.find("--parser") != std::string::npos);
}

TEST_CASE("Worker: JSON is recognised without being named") {
  Fixture f(nullptr);
  f.Add("{\"a\":1}\n{\"a\":2}\n");
  const auto batches = f.worker.Process(f.chunk, 1);
  REQUIRE(batches.has_value());
  CHECK(batches->front()->events.size() == 2);
}

}  // namespace
}  // namespace hctail
