// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker.h"

#include <doctest/doctest.h>

#include <cstring>

#include "base/fingerprint.h"
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
      : chooser({.fixed = fixed, .candidates = All(), .unknown_is_fatal = true}, log,
                [this](Error e) { fault = e; }) {
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
  Turnstile turnstile;
  Worker worker{{.batching = {.encoding = Encoding::kLines}, .parser = {.options = options}},
                files,
                chooser,
                turnstile};
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
  CHECK(total.flaws.invented_times == 1);
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
  Worker api(
      {.batching = {.compression = {Compression::kNone, 0}}, .parser = {.options = f.options}},
      f.files, f.chooser, f.turnstile);
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

TEST_CASE("Worker: blank lines before the first others are skipped, and tell no format") {
  Fixture f(nullptr);
  f.Add("\n\r\n");
  const auto blank = f.worker.Process(f.chunk, 1);
  REQUIRE(blank.has_value());
  CHECK(blank->front()->runs[0].filtered == 2);
  CHECK(blank->front()->runs[0].span == Span{7, 1000, 1003});
  f.chunk.Clear();
  f.Add("\n{\"a\":1}\n");
  f.chunk.segments()[0].turn = 1;
  const auto batches = f.worker.Process(f.chunk, 1);
  CHECK(batches->front()->events.size() == 1);
}

TEST_CASE("Worker: a line that is too long for a format of whole files, to the dead letters") {
  Fixture f(FindParser("csv"));
  Worker worker({.batching = {.encoding = Encoding::kLines},
                 .parser = {.options = f.options},
                 .cut_overlong = false},
                f.files, f.chooser, f.turnstile);
  f.Add("a,b\n1,2\n");
  f.Add("1,", Segment::Kind::kOverlong, 5'000'000);
  f.chunk.segments()[1].turn = 1;
  const auto batches = worker.Process(f.chunk, 1);
  CHECK(batches->front()->events.size() == 1);
  CHECK(batches->front()->dead_letters.at(0).reason == "line longer than --max-line");
}

TEST_CASE("Worker: what is left of a line that was cut is parsed, and says so") {
  Fixture f;
  f.Add("{\"a\":1}      ", Segment::Kind::kOverlong, 5'000'000);
  const auto batches = f.worker.Process(f.chunk, 1);
  CHECK(batches->front()->body.find(R"({"a":1,"meta.cut_from_bytes":5000000})") !=
        std::string::npos);
  CHECK(f.files.Snapshot().Total().flaws.cut == 1);
}

TEST_CASE("Worker: NUL bytes before a line are left out, and a byte order mark at the beginning") {
  Fixture f;
  f.offset = 0;
  f.Add(std::string_view("\xEF\xBB\xBF{\"a\":1}\n\0\0{\"b\":2}\n\0\0\0\n", 25));
  f.Add("", Segment::Kind::kHole, 1'000'000);
  const auto batches = f.worker.Process(f.chunk, 1);
  const Batch& batch = *batches->front();
  CHECK(batch.events.size() == 2);
  CHECK(batch.dead_letters.empty());
  CHECK(batch.runs[0].span == Span{7, 0, 1'000'025});
  CHECK(f.files.Snapshot().Total().flaws.nul_runs == 3);
}

TEST_CASE("Worker: decoded lines are accounted for by the bytes that they were") {
  Fixture f;
  const std::string_view text = "{\"a\":1}\n{\"b\":2}\n";
  std::memcpy(f.chunk.end(), text.data(), text.size());
  f.chunk.line_lengths() = {18, 16};
  f.chunk.Append({.file = 7, .offset = 0, .length = 34, .size = text.size(), .lengths = 0});
  const auto batches = f.worker.Process(f.chunk, 1);
  CHECK(batches->front()->runs[0].span == Span{7, 0, 34});
  CHECK(batches->front()->events.at(1).offset == 18);
  CHECK(batches->front()->runs[0].tail_length == 0);  // the text is not what stands in the file
}

// ASCII as UTF-16LE.
std::string Wide(std::string_view text) {
  std::string wide;
  for (const char c : text) wide += {c, '\0'};
  return wide;
}

TEST_CASE("Worker: the tail of a position is the file's bytes, also of decoded lines") {
  Fixture f;
  const std::string_view text = "{\"a\":1}\n{\"b\":2}\n";
  std::memcpy(f.chunk.end(), text.data(), text.size());
  f.chunk.line_lengths() = {16, 16};
  f.chunk.Append({.file = 7,
                  .offset = 0,
                  .length = 32,
                  .size = text.size(),
                  .lengths = 0,
                  .ends = f.chunk.AddEnds(Wide(text), 0)});
  const auto batches = f.worker.Process(f.chunk, 1);
  const Run& run = batches->front()->runs.at(0);
  CHECK(run.span == Span{7, 0, 32});
  CHECK(run.tail_length == 16);
  CHECK(run.tail_hash == HashBytes(Wide("{\"b\":2}\n")));
}

TEST_CASE("Worker: the tail of a position is the end of an overlong line, not of what is sent") {
  Fixture f;
  const std::string_view text = "{\"a\":1}      ";
  std::memcpy(f.chunk.end(), text.data(), text.size());
  const std::string end = std::string(63, 'x') + "\n";
  f.chunk.Append({.file = 7,
                  .offset = 1000,
                  .length = 5'000'000,
                  .size = text.size(),
                  .kind = Segment::Kind::kOverlong,
                  .ends = f.chunk.AddEnd(end)});
  const auto batches = f.worker.Process(f.chunk, 1);
  CHECK(batches->front()->runs.at(0).tail_length == 64);
  CHECK(batches->front()->runs.at(0).tail_hash == HashBytes(end));
}

TEST_CASE("Worker: a decoded line of which only the end is new was sent before") {
  Fixture f;
  const std::string_view text = "{\"a\":1}\n";
  std::string raw = Wide(text);
  size_t records = 0;
  SUBCASE("LF") {}
  SUBCASE("CRLF") { raw.insert(raw.size() - 2, "\r\0", 2); }
  SUBCASE("big-endian") { std::swap(raw[raw.size() - 1], raw[raw.size() - 2]); }
  SUBCASE("no, more of it is new") {
    raw.insert(raw.size() - 2, " \0", 2);
    records = 1;
  }
  std::memcpy(f.chunk.end(), text.data(), text.size());
  f.chunk.line_lengths() = {static_cast<uint32_t>(raw.size())};
  // 14 bytes of it were sent before the restart.
  f.chunk.Append({.file = 7,
                  .offset = 986,
                  .length = raw.size(),
                  .size = text.size(),
                  .lengths = 0,
                  .ends = f.chunk.AddEnds(raw, 0),
                  .came_to = 1000});
  const auto batches = f.worker.Process(f.chunk, 1);
  CHECK(batches->front()->events.size() == records);
  CHECK(batches->front()->runs.at(0).span.end == 986 + raw.size());
}

TEST_CASE("Worker: the requests of an access log get a shape, whichever way the file is read") {
  Fixture f(nullptr);
  SUBCASE("line by line") {}
  SUBCASE("as a whole") { f.options.Set("multiline.start", {"^10"}); }
  f.Add("10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] \"GET /a?b=1 HTTP/1.1\" 200 5 \"-\" \"x\"\n");
  f.Add("10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] \"GET /a?b=1 HTTP/1.1\" 200 5 \"-\" \"x\"\n");
  const auto batches = f.worker.Process(f.chunk, 1);
  REQUIRE(batches->size() == 1);
  CHECK(batches->front()->body.contains(R"("request_shape":"/a?b=?")"));
}

TEST_CASE("Worker: lines that are not of the format, as --on-unparsed says") {
  Fixture f;
  WorkerOptions options = {.batching = {.encoding = Encoding::kLines},
                           .parser = {.options = f.options}};
  f.Add("words\n");
  SUBCASE("raw") {
    options.unparsed = Unparsed::kRaw;
    Worker worker(options, f.files, f.chooser, f.turnstile);
    const auto batches = worker.Process(f.chunk, 1);
    CHECK(batches->front()->body.find(R"("message":"words","meta.unparsed":)") !=
          std::string::npos);
  }
  SUBCASE("drop") {
    options.unparsed = Unparsed::kDrop;
    Worker worker(options, f.files, f.chooser, f.turnstile);
    const auto batches = worker.Process(f.chunk, 1);
    CHECK(batches->front()->runs[0].filtered == 1);
  }
  CHECK(f.files.Snapshot().Total().flaws.unparsed == 1);
}

TEST_CASE("Worker: who looks sees segments, the format and events as they would be sent") {
  class Seer final : public RecordObserver {
   public:
    void OnFormat(const FileInfo& file, const FormatChoice& choice) override {
      seen += file.path + " is " + std::string(choice.format.parser->name) +
              (choice.how == FormatChoice::How::kAsked ? " as asked\n" : " as it seems\n");
    }
    void OnSegment(const FileInfo& /*file*/, const Chunk& chunk, const Segment& segment) override {
      seen += "read " + std::to_string(chunk.text(segment).size()) + "\n";
    }
    void OnEvent(const RecordPlace& place, const Event& event, bool invented_time) override {
      seen += std::to_string(place.begin) + (invented_time ? " timeless\n" : " from ") +
              std::string(event.time_from) + "\n";
    }
    std::string seen;
  };
  Seer seer;
  Fixture f;
  ParserChooser chooser({.fixed = FindParser("json"), .observer = &seer}, f.log,
                        [](const Error&) {});
  Worker worker({.batching = {.encoding = Encoding::kLines},
                 .parser = {.options = f.options},
                 .observer = &seer},
                f.files, chooser, f.turnstile);
  f.Add("{\"a\":1,\"time\":\"2024-01-02T03:04:05Z\"}\nno\n{\"b\":2}\n");
  REQUIRE(worker.Process(f.chunk, 1).has_value());
  CHECK(seer.seen ==
        "read 49\n/var/log/app.log is json as asked\n1000 from time\n1041 timeless\n\n");
}

}  // namespace
}  // namespace hctail
