// SPDX-License-Identifier: Apache-2.0
#include "pipeline/lane.h"

#include <doctest/doctest.h>

#include <cstring>
#include <thread>

#include "base/hand_off.h"
#include "pipeline/worker.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"

namespace hctail {
namespace {

// Joins lines that begin with '+' to the one before; counts records, and knows the count again.
class Joiner final : public FileParser {
 public:
  void Take(const FileLine& line, RecordSink* sink) override {
    if (!line.text.starts_with('+')) {
      Flush(sink);
      sink->Complete(line.begin);
      saved_ = std::to_string(count_);
    }
    open_ += line.text;
  }
  void OnPause(Pause pause, Duration, uint64_t end, RecordSink* sink) override {
    if (pause == Pause::kShutdown) return;
    Flush(sink);
    sink->Complete(end);
    saved_ = std::to_string(count_);
  }
  bool holding() const override { return !open_.empty(); }
  std::string Save() const override { return saved_; }
  void Restore(std::string_view state) override { count_ = std::stoi(std::string(state)); }

 private:
  void Flush(RecordSink* sink) {
    if (open_.empty()) return;
    Event* const event = sink->NewEvent();
    event->Add("n", Value::Int(++count_));
    event->Add("text", Value::String(open_));
    sink->Emit();
    open_.clear();
  }
  std::string open_;
  std::string saved_;
  int count_ = 0;
};

const ParserSpec kJoiner = {
    .name = "json",  // a name that is found again after a restart
    .summary = "",
    .options = {},
    .sniff = nullptr,
    .create = nullptr,
    .create_for_file = [](const ParserConfig&, const FileFacts&)
        -> Result<std::unique_ptr<FileParser>> { return std::make_unique<Joiner>(); }};

struct Fixture {
  Fixture() { Open(7, 0); }
  void Open(FileKey key, uint64_t at) {
    files.OnOpened({.file = key, .path = "/x.log", .identity = {}, .offset = at});
  }
  Worker MakeWorker() {
    return Worker({.batching = {.encoding = Encoding::kLines}, .parser = {.options = options}},
                  files, chooser, turnstile);
  }
  std::unique_ptr<Chunk> Lines(std::string_view text) {
    auto chunk = std::make_unique<Chunk>(1000);
    std::memcpy(chunk->end(), text.data(), text.size());
    chunk->Append({.file = 7, .offset = offset, .length = text.size(), .size = text.size()});
    chunk->segments().back().turn = turn++;
    offset += text.size();
    return chunk;
  }
  std::unique_ptr<Chunk> Pause(Segment::Pause pause) {
    auto chunk = std::make_unique<Chunk>(1);
    chunk->Append({.file = 7, .offset = offset, .kind = Segment::Kind::kPause, .pause = pause});
    chunk->segments().back().turn = turn++;
    return chunk;
  }

  testing::FakeClock clock;
  testing::RecordingLog log;
  Wakeup dirty;
  FileTable files{nullptr, "", "", clock, log, dirty};
  ParserChooser chooser{{.fixed = &kJoiner}, log, [](const Error&) {}};
  OptionValues options;
  Turnstile turnstile;
  uint64_t offset = 0;
  uint64_t turn = 0;
};

// {"n":1,"text":"..."} of each event.
std::vector<std::string> EventsOf(const std::vector<std::unique_ptr<Batch>>& batches) {
  std::vector<std::string> events;
  for (const auto& batch : batches) {
    for (std::string_view rest = batch->body; !rest.empty();) {
      const size_t begin = rest.find("\"data\":") + 7;
      const size_t end = rest.find('\n');
      events.emplace_back(rest.substr(begin, end - begin - 1));
      rest.remove_prefix(end + 1);
    }
  }
  return events;
}

using Strings = std::vector<std::string>;

TEST_CASE("Lane: a record goes on in the next chunk, and its bytes are settled with it") {
  Fixture f;
  Worker worker = f.MakeWorker();
  const auto first = worker.Process(*f.Lines("one\ntwo\n+more\n"), 1);
  CHECK(EventsOf(*first) == Strings{R"({"n":1,"text":"one"})"});
  REQUIRE(first->front()->runs.size() == 1);
  CHECK(first->front()->runs[0].span == Span{7, 0, 4});
  CHECK(first->front()->runs[0].resumable);
  CHECK(first->front()->runs[0].state == "json none\n1");
  CHECK(f.files.Holding(7));

  const auto second = worker.Process(*f.Lines("+and more\nthree\n"), 1);
  CHECK(EventsOf(*second) == Strings{R"({"n":2,"text":"two+more+and more"})"});
  CHECK(second->front()->runs[0].span == Span{7, 4, 24});
  CHECK(second->front()->runs[0].state == "json none\n2");

  CHECK(worker.Process(*f.Pause(Segment::Pause::kShutdown), 1)->front()->runs.empty());
  const auto last = worker.Process(*f.Pause(Segment::Pause::kEnd), 1);
  CHECK(EventsOf(*last) == Strings{R"({"n":3,"text":"three"})"});
  CHECK(last->front()->runs[0].span == Span{7, 24, 30});
  CHECK_FALSE(f.files.Holding(7));
}

TEST_CASE("Lane: the tail of a position is the bytes before it, also of a chunk before") {
  Fixture f;
  Worker worker = f.MakeWorker();
  std::ignore = worker.Process(*f.Lines("one\n"), 1);
  const auto batches = worker.Process(*f.Lines("two\n"), 1);
  CHECK(batches->front()->runs[0].span == Span{7, 0, 4});
  CHECK(batches->front()->runs[0].tail_length == 4);
}

TEST_CASE("Lane: the tail of a position is the file's bytes, also of decoded lines") {
  Fixture f;
  Worker worker = f.MakeWorker();
  auto chunk = f.Lines("one\ntwo\n+more\nthree\n");  // as if each of its bytes had been two
  Segment& segment = chunk->segments()[0];
  chunk->line_lengths() = {8, 8, 12, 12};
  segment.length = 40;
  segment.lengths = 0;
  segment.ends = chunk->AddEnds("oonnee..ttwwoo..++mmoorree..tthhrreeee..", 0);
  f.offset = 40;
  const auto first = worker.Process(*chunk, 1);
  REQUIRE(first->front()->runs.size() == 1);
  CHECK(first->front()->runs[0].span == Span{7, 0, 28});
  CHECK(first->front()->runs[0].resumable);
  CHECK(first->front()->runs[0].tail_hash == HashBytes("++mmoorree.."));
  // What is held until the next chunk, too.
  const auto second = worker.Process(*f.Lines("four\n"), 1);
  CHECK(second->front()->runs.at(0).span == Span{7, 28, 40});
  CHECK(second->front()->runs.at(0).tail_hash == HashBytes("tthhrreeee.."));
}

TEST_CASE("Lane: the tail of a position behind a hole is the hole's end") {
  Fixture f;
  Worker worker = f.MakeWorker();
  std::ignore = worker.Process(*f.Lines("one\n"), 1);
  Chunk hole(10);
  hole.Append({.file = 7,
               .offset = 4,
               .length = 4,
               .kind = Segment::Kind::kHole,
               .ends = hole.AddEnd(std::string_view("\0\0\0\0", 4)),
               .turn = f.turn++});
  f.offset = 8;
  std::ignore = worker.Process(hole, 1);
  const auto batches = worker.Process(*f.Lines("two\n"), 1);
  CHECK(batches->front()->runs.at(0).span.end == 8);
  CHECK(batches->front()->runs.at(0).tail_hash == HashBytes(std::string_view("\0\0\0\0", 4)));
}

TEST_CASE("Lane: a batch that no event of an open record is in cannot be resumed within it") {
  Fixture f;
  Worker worker = f.MakeWorker();
  const auto batches = worker.Process(*f.Lines("one\n+two\n"), 1);
  CHECK(batches->front()->runs.empty());
}

TEST_CASE("Lane: with several workers the lines of a file stay in order") {
  Fixture f;
  HandOff<std::unique_ptr<Chunk>> chunks;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    chunks.Push(f.Lines(i % 3 == 0 ? "r" + std::to_string(i) + "\n" : "+\n"));
    if (i % 3 == 0) expected += "r" + std::to_string(i);
    if (i % 3 != 0) expected += "+";
  }
  chunks.Push(f.Pause(Segment::Pause::kEnd));
  chunks.Close();
  std::mutex mutex;
  std::map<int, std::string> found;  // by the number that the parser gave
  const auto work = [&] {
    Worker worker = f.MakeWorker();
    while (auto chunk = chunks.Pop()) {
      const auto batches = worker.Process(**chunk, 1);
      const std::lock_guard lock(mutex);
      for (const std::string& event : EventsOf(*batches)) {
        const size_t text = event.find("\"text\":\"") + 8;
        found[std::stoi(event.substr(5))] = event.substr(text, event.size() - text - 2);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::string all;
  for (const auto& [n, text] : found) all += text;
  CHECK(all == expected);
}

TEST_CASE("Turnstile: nobody waits once it is aborted") {
  Turnstile turnstile;
  Lane lane;
  std::thread waiting([&] { CHECK_FALSE(turnstile.Enter(lane, 5)); });
  turnstile.Abort();
  waiting.join();
  CHECK_FALSE(turnstile.Enter(lane, 0));
}

TEST_CASE("Lane: a saved format is known again, another is not") {
  const std::string noted = NotedFormat({FindParser("json"), Wrapper::kDocker});
  std::string_view other = noted;
  CHECK_FALSE(TakeSavedFormat(&other));
  CHECK(ReadSavedFormat(noted)->parser == FindParser("json"));
  CHECK(ReadSavedFormat(noted)->wrapper == Wrapper::kDocker);
  CHECK_FALSE(ReadSavedFormat(""));
  CHECK_FALSE(ReadSavedFormat(" ?\n"));
  std::string text = SavedFormat({FindParser("csv"), Wrapper::kCri}) + "state\nof two lines";
  CHECK(ReadSavedFormat(text)->parser == FindParser("csv"));
  std::string_view saved = text;
  const auto format = TakeSavedFormat(&saved);
  REQUIRE(format);
  CHECK(format->parser == FindParser("csv"));
  CHECK(format->wrapper == Wrapper::kCri);
  CHECK(saved == "state\nof two lines");
  for (const char* bad :
       {"", "csv", "csv none", "no-such none\n", "csv no-such\n", "\ncsv none\n"}) {
    std::string_view view = bad;
    CHECK_FALSE(TakeSavedFormat(&view));
  }
}

}  // namespace
}  // namespace hctail
