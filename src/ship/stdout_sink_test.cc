// SPDX-License-Identifier: Apache-2.0
#include "ship/stdout_sink.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

struct Fixture : SettleListener {
  testing::TempDir dir;
  testing::FakeClock clock;
  testing::RecordingLog log;
  DeadLetterFile letters{
      dir.File("state/letters"), 1000,
      [](const DeadLetter& letter) { return DeadLetterFile::Origin{"app.log", letter.offset}; },
      clock, log};
  std::vector<std::string> settled;

  void OnSettled(const Settlement& settlement) override {
    settled.push_back(settlement.batch->body + " " + std::to_string(settlement.runs[0].accepted));
  }
  static std::unique_ptr<Batch> Lines(uint64_t sequence, uint32_t parts, std::string body) {
    auto batch = std::make_unique<Batch>();
    batch->sequence = sequence;
    batch->parts = parts;
    batch->body = std::move(body);
    batch->runs.push_back({.span = {1, 0, 10}, .events = 2});
    return batch;
  }
};

TEST_CASE_FIXTURE(Fixture, "StdoutSink: bodies come out in the order of the input and settle") {
  const Fd fd(::open(dir.Write("out", "").c_str(), O_WRONLY));
  StdoutSink sink(fd.get(), clock, letters, *this, log);
  sink.Add(Lines(1, 2, "c"));
  sink.Add(Lines(2, 1, "e"));
  REQUIRE(sink.Step(Duration(0)));
  CHECK(settled.empty());
  sink.Add(Lines(0, 1, "ab"));
  REQUIRE(sink.Step(Duration(0)));
  CHECK(settled == std::vector<std::string>{"ab 2", "c 2"});
  CHECK(sink.unsettled() == 1);
  sink.Add(Lines(1, 2, "d"));
  REQUIRE(sink.Step(Duration(0)));
  CHECK(dir.Read("out") == "abcde");
  CHECK(settled.size() == 4);
  CHECK(sink.unsettled() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "StdoutSink: a pipe nobody reads is a quiet stop, a full disk an error") {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  const Fd pipe(ends[1]);
  StdoutSink closed(pipe.get(), clock, letters, *this, log);
  closed.Add(Lines(0, 1, "x"));
  const Status quiet = closed.Step(Duration(0));
  REQUIRE_FALSE(quiet);
  CHECK(quiet.error().message.empty());
  CHECK(closed.unsettled() == 1);

  const Fd full_device(::open("/dev/full", O_WRONLY));
  StdoutSink full(full_device.get(), clock, letters, *this, log);
  full.Add(Lines(0, 1, "x"));
  CHECK(full.Step(Duration(0)).error().message ==
        "cannot write to stdout: no space left on device");
  CHECK(settled.empty());
}

TEST_CASE_FIXTURE(Fixture, "StdoutSink: a slow reader of a non-blocking pipe gets everything") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_NONBLOCK) == 0);
  const Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  ::fcntl(ends[0], F_SETFL, 0);
  StdoutSink sink(write_end.get(), clock, letters, *this, log);
  const std::string body(1'000'000, 'x');
  size_t got = 0;
  std::thread reader([&] {
    char buffer[4096];
    while (got < body.size()) got += static_cast<size_t>(::read(ends[0], buffer, sizeof buffer));
  });
  sink.Add(Lines(0, 1, body));
  CHECK(sink.Step(Duration(0)));
  reader.join();
  CHECK(got == body.size());
}

TEST_CASE_FIXTURE(Fixture, "StdoutSink: a batch whose dead letters cannot be written waits") {
  dir.Write("state", "in the way");
  const Fd fd(::open(dir.Write("out", "").c_str(), O_WRONLY));
  StdoutSink sink(fd.get(), clock, letters, *this, log);
  auto batch = Lines(0, 1, "a");
  batch->dead_letters.push_back({1, 5, "bad", 0, "x"});
  sink.Add(std::move(batch));
  sink.Add(Lines(1, 1, "b"));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(sink.Step(Duration(0)));
    CHECK(settled.empty());
    clock.Advance(std::chrono::seconds(1));
  }
  CHECK(log.text() ==
        "hctail: error: cannot write dead letters to '" + letters.path() +
            "': not a directory\n"
            "  It is tried again, and what they belong to waits; --dead-letter names another "
            "file.\n");
  REQUIRE(::unlink(dir.File("state").c_str()) == 0);
  REQUIRE(sink.Step(Duration(0)));
  CHECK(settled == std::vector<std::string>{"a 2", "b 2"});
  CHECK(dir.Read("out") == "ab");
}

TEST_CASE_FIXTURE(Fixture, "StdoutSink: Wake ends the wait, even one that has not begun") {
  StdoutSink sink(1, clock, letters, *this, log);
  sink.Wake();
  CHECK(sink.Step(std::chrono::hours(1)));
  std::thread waker([&] { sink.Wake(); });
  CHECK(sink.Step(std::chrono::hours(1)));
  waker.join();
}

}  // namespace
}  // namespace hctail
