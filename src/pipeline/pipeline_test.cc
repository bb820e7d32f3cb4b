// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pipeline.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "base/file.h"
#include "tail/stdin_source.h"
#include "tail/tailer.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

// Accepts every event, out of order: a batch is settled only when two more have come, or when
// nothing else does.
class UnhurriedSink final : public Sink {
 public:
  explicit UnhurriedSink(SettleListener& listener) : listener_(listener) {}

  void Add(std::unique_ptr<Batch> batch) override { held_.push_back(std::move(batch)); }
  Status Step(Duration) override {
    if (fail) return Fail("the sink is gone");
    const size_t keep = quiet_ ? 0 : 2;
    quiet_ = held_.size() <= keep;
    if (held_.empty()) wakeups_.Wait();
    for (; held_.size() > keep; held_.pop_back()) Settle(*held_.back());
    return {};
  }
  void Wake() override { wakeups_.Notify(); }
  size_t unsettled() const override { return held_.size(); }

  std::atomic<bool> fail = false;
  std::atomic<uint64_t> accepted = 0;

 private:
  struct Signal {
    std::atomic<uint64_t> count = 0;
    uint64_t seen = 0;
    void Notify() {
      ++count;
      count.notify_all();
    }
    void Wait() {
      count.wait(seen);
      seen = count;
    }
  };

  void Settle(const Batch& batch) {
    std::vector<Settlement::RunOutcome> outcomes;
    for (const Run& run : batch.runs) outcomes.push_back({run.events, 0});
    accepted += batch.events.size();
    listener_.OnSettled({&batch, outcomes});
  }

  SettleListener& listener_;
  std::vector<std::unique_ptr<Batch>> held_;
  Signal wakeups_;
  bool quiet_ = false;  // nothing came since the last Step
};

struct Fixture {
  testing::TempDir dir;
  SystemClock clock;
  testing::RecordingLog log;
  OptionValues options;
  UnhurriedSink* sink = nullptr;
  PosixFileSystem system;
  InotifyWatcher watcher;

  PipelineOptions Defaults() const {
    return {.batching = {.compression = {Compression::kNone, 0}},
            .formats = {.fixed = FindParser("json")},
            .parser_config = {.options = options},
            .sampling_state_path = {},
            .dataset = {},
            .dead_letter_path = {},
            .workers = 2,
            .window = 4,
            .chunk_size = 4096,
            .send_frequency = std::chrono::milliseconds(1),
            .status_interval = Duration::zero()};
  }
  Pipeline::MakeSink MakeSink() {
    return [this](SettleListener& listener, const FileTable&) {
      auto made = std::make_unique<UnhurriedSink>(listener);
      sink = made.get();
      return made;
    };
  }
  Pipeline::MakeSources Tail(const std::string& pattern, bool stop) {
    return [this, pattern, stop](SourceListener& listener) {
      std::vector<std::unique_ptr<Source>> sources;
      sources.push_back(std::make_unique<Tailer>(system, watcher, clock, log, listener,
                                                 TailOptions{.patterns = {pattern},
                                                             .exclude = {},
                                                             .read_from = ReadFrom::kBeginning,
                                                             .stop_at_end = stop,
                                                             .lines = {.max_line = 2000},
                                                             .saved = {}}));
      return sources;
    };
  }
};

std::string Lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "{\"n\":" + std::to_string(i) + "}\n";
  return text;
}

TEST_CASE("Pipeline: all of several files is read, settled and balanced") {
  Fixture f;
  f.dir.Write("a.log", Lines(0, 5000));
  f.dir.Write("b.log", Lines(0, 3000));
  f.dir.Write("empty.log", "");
  Pipeline pipeline(f.Defaults(), nullptr, f.clock, f.log);
  const RunResult result = pipeline.Run(f.Tail(f.dir.File("*.log"), true), f.MakeSink());
  CHECK_FALSE(result.fault.has_value());
  CHECK(result.input_ended);
  CHECK(result.all_settled);
  const Counts total = result.summary.Total();
  CHECK(total.read == 8000);
  CHECK(total.sent == 8000);
  CHECK(total.Balanced());
}

TEST_CASE("Pipeline: a sink that fails ends the run with its error and nothing settled in vain") {
  Fixture f;
  f.dir.Write("a.log", Lines(0, 100));
  Pipeline pipeline(f.Defaults(), nullptr, f.clock, f.log);
  const RunResult result = pipeline.Run(f.Tail(f.dir.File("a.log"), true),
                                        [&](SettleListener& listener, const FileTable& files) {
                                          auto made = f.MakeSink()(listener, files);
                                          f.sink->fail = true;
                                          return made;
                                        });
  REQUIRE(result.fault.has_value());
  CHECK(result.fault->message == "the sink is gone");
  CHECK_FALSE(result.all_settled);
}

TEST_CASE("Pipeline: a signal ends a run that would last for ever, with what was read settled") {
  Fixture f;
  const std::string path = f.dir.Write("a.log", Lines(0, 100));
  Pipeline pipeline(f.Defaults(), nullptr, f.clock, f.log);
  // The signals are blocked only once Run has begun, and by then the sink is made.
  std::atomic<bool> begun = false;
  std::thread killer([&] {
    begun.wait(false);
    while (f.sink->accepted < 200) std::this_thread::yield();
    ::kill(::getpid(), SIGTERM);
  });
  const RunResult result =
      pipeline.Run(f.Tail(path, false), [&](SettleListener& listener, const FileTable& files) {
        auto made = f.MakeSink()(listener, files);
        f.dir.Append("a.log", Lines(100, 200));
        begun = true;
        begun.notify_all();
        return made;
      });
  killer.join();
  CHECK_FALSE(result.fault.has_value());
  CHECK_FALSE(result.input_ended);
  CHECK(result.all_settled);
  CHECK(result.summary.Total().sent == 200);
}

TEST_CASE("Pipeline: a pipe is read to its end, the last line with or without a terminator") {
  Fixture f;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Fd in(ends[0]);
  std::thread producer(
      [out = Fd(ends[1])] { WriteFully(out.get(), Lines(0, 20000) + "{\"n\":1}"); });
  Pipeline pipeline(f.Defaults(), nullptr, f.clock, f.log);
  const RunResult result = pipeline.Run(
      [&](SourceListener& listener) {
        std::vector<std::unique_ptr<Source>> sources;
        sources.push_back(std::make_unique<StdinSource>(in.get(), LineOptions{.max_line = 2000},
                                                        Duration::zero(), f.clock, listener));
        return sources;
      },
      f.MakeSink());
  producer.join();
  CHECK(result.all_settled);
  CHECK(result.summary.Total().sent == 20001);
}

}  // namespace
}  // namespace hctail
