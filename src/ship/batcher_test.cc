// SPDX-License-Identifier: Apache-2.0
#include "ship/batcher.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

#include "base/fingerprint.h"
#include "base/random.h"

namespace hctail {
namespace {

using Batches = std::vector<std::unique_ptr<Batch>>;

BatcherOptions Unpacked(Encoding encoding = Encoding::kEventsApi) {
  return {.encoding = encoding, .compression = {.compression = Compression::kNone}};
}

// Records that follow each other in files, as a worker meets them.
class Feed {
 public:
  explicit Feed(BatcherOptions options) : batcher(options) { batcher.Begin(7, 1000); }

  RecordPlace Next(FileKey file, std::string_view record) {
    lines_.push_back(std::string(record) + "\n");
    uint64_t& at = offsets_[file];
    const RecordPlace place{file, at, at + lines_.back().size(), lines_.back()};
    at = place.end;
    return place;
  }
  void Event(FileKey file, int n, std::string_view dataset = "app", uint64_t rate = 1) {
    hctail::Event event;
    event.Add("n", Value::Int(n));
    batcher.AddEvent(Next(file, "n=" + std::to_string(n)), event, rate, dataset);
  }

  Batcher batcher;

 private:
  std::deque<std::string> lines_;
  std::map<FileKey, uint64_t> offsets_;
};

std::string Show(const Run& run) {
  return std::to_string(run.span.file) + ":" + std::to_string(run.span.begin) + "-" +
         std::to_string(run.span.end) + " e" + std::to_string(run.events) + " f" +
         std::to_string(run.filtered) + " s" + std::to_string(run.sampled_out) + " d" +
         std::to_string(run.dead_letters);
}

std::string Show(const Batch& batch) {
  std::string text = batch.dataset + " " + batch.body;
  for (const Run& run : batch.runs) text += " | " + Show(run);
  return text;
}

std::vector<std::string> Show(const Batches& batches) {
  std::vector<std::string> lines;
  for (const auto& batch : batches) lines.push_back(Show(*batch));
  return lines;
}

TEST_CASE("Batcher: an Events API body holds time, rate and data, each only where needed") {
  Feed feed(Unpacked());
  Event event;
  event.Add("a", Value::RawJson("1.10"));
  feed.batcher.AddEvent(feed.Next(1, "x"), event, 1, "app");
  event.time = Timestamp{1709618828, 500'000'000};
  feed.batcher.AddEvent(feed.Next(1, "y"), event, 20, "app");
  const Batches batches = feed.batcher.Finish();
  REQUIRE(batches.size() == 1);
  const Batch& batch = *batches[0];
  CHECK(
      batch.body ==
      R"([{"data":{"a":1.10}},{"time":"2024-03-05T06:07:08.5Z","samplerate":20,"data":{"a":1.10}}])");
  CHECK(batch.unpacked_size == batch.body.size());
  CHECK(batch.dataset == "app");
  CHECK(batch.sequence == 7);
  CHECK(batch.parts == 1);
  CHECK(batch.charge == 1000);
  REQUIRE(batch.events.size() == 2);
  CHECK(batch.body.substr(1, batch.events[0].end - 1) == R"({"data":{"a":1.10}})");
  CHECK(batch.events[1].end == batch.body.size() - 1);
  CHECK(batch.events[1].offset == 2);
  CHECK(batch.runs.size() == 1);
  CHECK(Show(batch.runs[0]) == "1:0-4 e2 f0 s0 d0");
}

TEST_CASE("Batcher: for people, one line an event, always with rate and dataset, in order") {
  Feed feed(Unpacked(Encoding::kLines));
  Event event;
  const std::string_view pieces[] = {"\"a\":{\n\"b\": 1}"};
  event.Add("a", Value::RawJson("{\n\"b\": 1}"));
  event.SetVerbatim(pieces);
  event.time = Timestamp{1709618828, 0};
  feed.batcher.AddEvent(feed.Next(1, "x"), event, 1, "app");
  event.time.reset();
  feed.batcher.AddEvent(feed.Next(1, "y"), event, 3, "sa\"y");
  const Batches batches = feed.batcher.Finish();
  REQUIRE(batches.size() == 1);
  CHECK(batches[0]->body ==
        R"({"time":"2024-03-05T06:07:08Z","samplerate":1,"dataset":"app","data":{"a":{ "b": 1}}})"
        "\n"
        R"({"samplerate":3,"dataset":"sa\"y","data":{"a":{ "b": 1}}})"
        "\n");
  CHECK(batches[0]->events[0].end + 1 == batches[0]->body.find('\n') + 1);
  CHECK(batches[0]->events[1].end == batches[0]->body.size() - 1);
}

TEST_CASE("Batcher: a dataset has a batch of its own, and each record is in one run") {
  Feed feed(Unpacked());
  feed.Event(1, 0, "a");
  feed.Event(1, 1, "b");
  feed.batcher.AddFiltered(feed.Next(1, "drop"));
  feed.Event(1, 2, "b");
  feed.Event(1, 3, "a");
  feed.batcher.AddSampledOut(feed.Next(1, "out"));
  const Batches batches = feed.batcher.Finish();
  CHECK(Show(batches) ==
        std::vector<std::string>{
            R"(a [{"data":{"n":0}},{"data":{"n":3}}] | 1:0-4 e1 f0 s0 d0 | 1:17-25 e1 f0 s1 d0)",
            R"(b [{"data":{"n":1}},{"data":{"n":2}}] | 1:4-17 e2 f1 s0 d0)"});
  CHECK(batches[0]->parts == 2);
  CHECK(batches[1]->parts == 2);
  CHECK(batches[0]->charge == 1000);
  CHECK(batches[1]->charge == 0);
  CHECK(batches[0]->runs[1].first_event == 1);
  CHECK(batches[0]->events[1].run == 1);
}

TEST_CASE("Batcher: records before the first event wait in the batch it makes") {
  Feed feed(Unpacked());
  feed.batcher.AddFiltered(feed.Next(1, "f"));
  feed.batcher.AddSampledOut(feed.Next(1, "s"));
  feed.Event(1, 0);
  feed.Event(1, 1, "other");
  CHECK(Show(feed.batcher.Finish()) ==
        std::vector<std::string>{R"(app [{"data":{"n":0}}] | 1:0-8 e1 f1 s1 d0)",
                                 R"(other [{"data":{"n":1}}] | 1:8-12 e1 f0 s0 d0)"});
}

TEST_CASE("Batcher: a chunk without events, or without any record, still makes one batch") {
  Feed feed(Unpacked());
  feed.batcher.AddFiltered(feed.Next(1, "f"));
  feed.batcher.AddDeadLetter(feed.Next(1, "bad"), "not a JSON object", "bad");
  Batches batches = feed.batcher.Finish();
  CHECK(Show(batches) == std::vector<std::string>{"  | 1:0-6 e0 f1 s0 d1"});
  REQUIRE(batches[0]->dead_letters.size() == 1);
  const DeadLetter& letter = batches[0]->dead_letters[0];
  CHECK(letter.file == 1);
  CHECK(letter.offset == 2);
  CHECK(letter.reason == "not a JSON object");
  CHECK(letter.record == "bad");
  CHECK_FALSE(letter.is_event);

  feed.batcher.Begin(8, 5);
  batches = feed.batcher.Finish();
  CHECK(Show(batches) == std::vector<std::string>{" "});
  CHECK(batches[0]->sequence == 8);
  CHECK(batches[0]->parts == 1);
  CHECK(batches[0]->charge == 5);
}

TEST_CASE("Batcher: count, target and body limit cut a batch") {
  BatcherOptions options = Unpacked();
  SUBCASE("count") { options.max_events = 2; }
  SUBCASE("target") { options.target_body = 2 * 16 + 2; }
  SUBCASE("limit") { options.max_body = 2 * 16 + 3; }
  Feed feed(options);
  for (int i = 0; i < 5; ++i) feed.Event(1, i);
  feed.batcher.AddFiltered(feed.Next(1, "f"));
  CHECK(Show(feed.batcher.Finish()) ==
        std::vector<std::string>{R"(app [{"data":{"n":0}},{"data":{"n":1}}] | 1:0-8 e2 f0 s0 d0)",
                                 R"(app [{"data":{"n":2}},{"data":{"n":3}}] | 1:8-16 e2 f0 s0 d0)",
                                 R"(app [{"data":{"n":4}}] | 1:16-22 e1 f1 s0 d0)"});
}

TEST_CASE("Batcher: what the API would refuse goes to the dead letters as it would be sent") {
  Feed feed(Unpacked());
  feed.Event(1, 0);
  Event event;
  const std::string big(1'000'000 - 16, 'x');
  event.Add("a", Value::String(big));
  feed.batcher.AddEvent(feed.Next(1, "big"), event, 1, "app");  // one byte too many
  event.Clear();
  event.Add("a", Value::String(std::string_view(big).substr(1)));
  feed.batcher.AddEvent(feed.Next(1, "fits"), event, 1, "app");
  event.Clear();
  std::deque<std::string> names;
  for (int i = 0; i < 2000; ++i) {
    event.Add(names.emplace_back("f" + std::to_string(i)), Value::Int(i));
  }
  event.Add("null", Value::Null());
  feed.batcher.AddEvent(feed.Next(1, "2000"), event, 1, "app");
  event.Add("one more", Value::Int(1));
  feed.batcher.AddEvent(feed.Next(1, "2001"), event, 1, "app");
  event.Clear();
  feed.batcher.AddEvent(feed.Next(1, "{}"), event, 1, "app");

  const Batches batches = feed.batcher.Finish();
  REQUIRE(batches.size() == 2);  // the event of 1 MB reaches the target
  CHECK(Show(batches[0]->runs[0]) == "1:0-13 e2 f0 s0 d1");
  CHECK(Show(batches[1]->runs[0]) == "1:13-26 e1 f0 s0 d2");
  REQUIRE(batches[0]->dead_letters.size() == 1);
  const DeadLetter& letter = batches[0]->dead_letters[0];
  CHECK(letter.reason == "event over 1 MB");
  CHECK(letter.is_event);
  CHECK(letter.dataset == "app");
  CHECK(letter.offset == 4);
  CHECK(letter.record == R"({"data":{"a":")" + big + "\"}}");
  REQUIRE(batches[1]->dead_letters.size() == 2);
  CHECK(batches[1]->dead_letters[0].reason == "more than 2,000 fields");
  CHECK(batches[1]->dead_letters[1].reason == "event without fields");
  CHECK(batches[1]->dead_letters[1].record == R"({"data":{}})");
}

TEST_CASE("Batcher: the API's limits do not bind what is printed for people") {
  Feed feed(Unpacked(Encoding::kLines));
  Event event;
  const std::string big(6'000'000, 'x');
  event.Add("a", Value::String(big));
  feed.batcher.AddEvent(feed.Next(1, "big"), event, 1, "app");
  event.Clear();
  feed.batcher.AddEvent(feed.Next(1, "{}"), event, 1, "app");
  const Batches batches = feed.batcher.Finish();
  REQUIRE(batches.size() == 2);
  CHECK(batches[0]->events.size() == 1);
  CHECK(batches[1]->body == "{\"samplerate\":1,\"dataset\":\"app\",\"data\":{}}\n");
}

TEST_CASE("Batcher: an event over the limits alone settles with its batch") {
  BatcherOptions options = Unpacked();
  options.max_body = 10;
  Feed feed(options);
  feed.Event(1, 1);
  const Batches batches = feed.batcher.Finish();
  CHECK(Show(batches) == std::vector<std::string>{"app  | 1:0-4 e0 f0 s0 d1"});
  CHECK(batches[0]->events.empty());
}

TEST_CASE("Batcher: the tail hash covers the last 64 bytes before the end of a run") {
  Feed feed(Unpacked());
  std::string data(200, 'z');
  data.back() = '\n';
  Event event;
  event.Add("a", Value::Int(1));
  feed.batcher.AddEvent({1, 0, 200, data}, event, 1, "app");
  feed.batcher.AddEvent({1, 200, 203, "ab\n"}, event, 1, "b");
  const Batches batches = feed.batcher.Finish();
  CHECK(batches[0]->runs[0].tail_length == 64);
  CHECK(batches[0]->runs[0].tail_hash == HashBytes(std::string_view(data).substr(136)));
  CHECK(batches[1]->runs[0].tail_length == 3);
  CHECK(batches[1]->runs[0].tail_hash == HashBytes("ab\n"));
}

TEST_CASE("Batcher: bytes between two records that were not given belong to no run") {
  Feed feed(Unpacked());
  feed.batcher.AddFiltered({1, 0, 10, "x\n"});
  feed.batcher.AddFiltered({1, 10, 12, "x\n"});
  feed.batcher.AddFiltered({1, 15, 17, "x\n"});
  CHECK(Show(feed.batcher.Finish()) ==
        std::vector<std::string>{"  | 1:0-12 e0 f2 s0 d0 | 1:15-17 e0 f1 s0 d0"});
}

TEST_CASE("Batcher: bodies are packed as asked") {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    Feed feed({.compression = {compression, 1}});
    feed.Event(1, 5);
    const Batches batches = feed.batcher.Finish();
    CHECK(batches[0]->compression == compression);
    CHECK(batches[0]->unpacked_size == 18);
    CHECK(Unpack(compression, batches[0]->body, 18) == R"([{"data":{"n":5}}])");
  }
}

// What any sequence of records must give: every byte in one run, counts that add up, events where
// their marks say.
void CheckChunk(const Batches& batches, const std::map<FileKey, uint64_t>& ends, size_t records) {
  std::map<FileKey, std::vector<Span>> spans;
  size_t counted = 0;
  for (const auto& batch : batches) {
    CHECK(batch->parts == batches.size());
    uint32_t events = 0;
    for (size_t i = 0; i < batch->runs.size(); ++i) {
      const Run& run = batch->runs[i];
      spans[run.span.file].push_back(run.span);
      CHECK(run.first_event == events);
      for (uint32_t e = 0; e < run.events; ++e) {
        CHECK(batch->events[events + e].run == i);
        CHECK(batch->events[events + e].offset >= run.span.begin);
        CHECK(batch->events[events + e].offset < run.span.end);
      }
      events += run.events;
      counted += run.events + run.filtered + run.sampled_out + run.dead_letters;
    }
    CHECK(events == batch->events.size());
    size_t begin = 1;
    for (const EventMark& mark : batch->events) {
      const std::string_view text = std::string_view(batch->body).substr(begin, mark.end - begin);
      CHECK(text.starts_with("{\"data\":{\"n\":"));
      CHECK(text.ends_with("}}"));
      CHECK(text.find(R"("n")", 10) == std::string_view::npos);
      begin = mark.end + 1;
    }
  }
  CHECK(counted == records);
  for (const auto& [file, end] : ends) {
    std::ranges::sort(spans[file]);
    uint64_t at = 0;
    for (const Span& span : spans[file]) {
      CHECK(span.begin == at);
      at = span.end;
    }
    CHECK(at == end);
  }
}

TEST_CASE("Batcher: whatever the order, every byte is in one run and every record is counted") {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    BatcherOptions options = Unpacked();
    options.max_events = 1 + random.Below(20);
    options.target_body = 50 + random.Below(1000);
    options.max_body = 40 + random.Below(1000);
    Feed feed(options);
    std::map<FileKey, uint64_t> ends;
    const size_t records = random.Below(100);
    for (size_t i = 0; i < records; ++i) {
      const FileKey file = random.Below(8) == 0 ? 2 : 1;
      const auto take = [&](std::string_view text) {
        const RecordPlace place = feed.Next(file, text);
        ends[file] = place.end;
        return place;
      };
      const uint32_t kind = random.Below(10);
      if (kind == 0) feed.batcher.AddFiltered(take("f"));
      if (kind == 1) feed.batcher.AddSampledOut(take("s"));
      if (kind == 2) feed.batcher.AddDeadLetter(take("d"), "bad", "d");
      if (kind < 3) continue;
      Event event;
      const std::string text(random.Below(30), 'x');
      event.Add("n", Value::String(text));
      feed.batcher.AddEvent(take("e"), event, 1, random.Below(4) == 0 ? "b" : "a");
    }
    CheckChunk(feed.batcher.Finish(), ends, records);
  }
}

}  // namespace
}  // namespace hctail
