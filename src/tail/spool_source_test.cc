// SPDX-License-Identifier: Apache-2.0
#include "tail/spool_source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>

#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/random.h"
#include "tests/testing/tailing.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;
using testing::LinesOf;
using testing::Strings;

class SmallDisk final : public SpoolDisk {
 public:
  int Reserve(int fd, uint64_t offset, uint64_t length) override {
    return full ? ENOSPC : SpoolDisk::Reserve(fd, offset, length);
  }
  bool full = false;
};

// A SpoolSource at the end of a pipe, and the checkpoint that knows what of it is settled.
struct Piped {
  explicit Piped(uint64_t spool_max = 1 << 20, size_t line = 1000)
      : max(spool_max), max_line(line) {
    NewPipe();
    Start();
  }
  void NewPipe() {
    int ends[2];
    HC_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    out.Reset(ends[0]);
    in.Reset(ends[1]);
    HC_CHECK(::fcntl(in.get(), F_SETPIPE_SZ, 1 << 20) > 0);
  }
  void Start() {
    auto opened = Spool::Open(dir.path(), max, disk);
    HC_CHECK(opened.has_value());
    spool = std::move(*opened);
    SpoolSource::Options options{.lines = {.max_line = max_line}};
    if (saved > 0) {
      options.saved.emplace();
      options.saved->id = 1;
      options.saved->offset = saved;
    }
    source =
        std::make_unique<SpoolSource>(out.get(), *spool, clock, log, listener, std::move(options));
    committed = listener.opened().back().committed;
  }
  // As a kill does it: nothing more is done; what the checkpoint says is known.
  void Kill() {
    *committed = 0;  // so that its destructor finds nothing to tidy up
    source.reset();
    spool.reset();
  }
  void Settle(uint64_t offset) { *committed = saved = offset; }
  void Write(std::string_view bytes) { HC_CHECK(WriteFully(in.get(), bytes) == 0); }
  Strings Read(size_t capacity = 4096) {
    Strings lines;
    do {
      Chunk chunk(capacity);
      source->Read(&chunk);
      for (const std::string& line : LinesOf(chunk)) lines.push_back(line);
    } while (source->ready());
    return lines;
  }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()));
  }

  const uint64_t max;
  const size_t max_line;
  testing::TempDir dir;
  SmallDisk disk;
  Fd out, in;
  testing::FakeClock clock;
  testing::RecordingLog log;
  testing::RecordingListener listener;
  uint64_t saved = 0;
  std::unique_ptr<Spool> spool;
  std::unique_ptr<SpoolSource> source;
  std::shared_ptr<std::atomic<uint64_t>> committed;
};

TEST_CASE("SpoolSource: what was removed before it was read is given up, and the rest is read") {
  Piped p;
  const std::string line(999, 'x');
  for (int i = 0; i < 400; ++i) p.Write(line + "\n");
  p.source->Look();
  REQUIRE(p.Files() > 2);
  fs::remove_all(p.dir.path());
  p.Write("more\n");
  p.in.Reset();
  const Strings lines = p.Read();
  CHECK(std::ranges::count(lines, "more\n") == 1);
  CHECK(p.source->done());
  const Strings heard = p.listener.Take();
  CHECK(std::ranges::any_of(heard, [](const std::string& told) {
    return told.find("abandoned") == 0 && told.ends_with("somebody removed them from the spool");
  }));
}

TEST_CASE("SpoolSource: an input that cannot be read ends, and it is not the spool's fault") {
  Piped p;
  p.Kill();
  const testing::TempDir folder;
  p.out.Reset(::open(folder.File("in").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  p.Start();
  CHECK(p.Read().empty());
  CHECK(p.source->done());
  const Strings heard = p.listener.Take();
  CHECK(std::ranges::count(heard, "unreadable stdin: bad file descriptor") == 1);
  CHECK(p.log.text() == "");
}

TEST_CASE("SpoolSource: lines come through, an unfinished one with the end") {
  Piped p;
  CHECK(p.Read().empty());
  CHECK(p.source->poll_fd() == p.out.get());
  CHECK_FALSE(p.source->next_wake());
  p.Write("one\ntwo\nunfin");
  CHECK(p.Read() == Strings{"one\n", "two\n"});
  CHECK_FALSE(p.source->done());
  p.in.Reset();
  CHECK(p.Read() == Strings{"unended 5: unfin"});
  CHECK(p.source->done());
  CHECK(p.source->poll_fd() == -1);
  p.Settle(13);
  p.source.reset();
  CHECK(p.Files() == 0);
}

TEST_CASE("SpoolSource: the pipe is emptied also while nothing may be read") {
  Piped p;
  p.Write("one\n");
  p.source->Look();
  p.Write("two\n");
  p.source->Look();
  CHECK(p.spool->end() == 8);
  CHECK(p.source->ready());
  CHECK(p.Read() == Strings{"one\n", "two\n"});
}

TEST_CASE("SpoolSource: after a kill what was not settled comes again, then what is new") {
  Piped p;
  p.Write("one\ntwo\nthr");
  CHECK(p.Read().size() == 2);
  p.Settle(4);
  p.Kill();
  p.NewPipe();  // the writer is gone, and the rest of its line
  p.Start();
  CHECK(p.log.text().find("holds 8 bytes of an earlier run: they are read first") !=
        std::string::npos);
  p.Write("four\n");
  CHECK(p.Read() == Strings{"two\n", "thr\n", "four\n"});
  CHECK(p.listener.opened().back().offset == 4);
  CHECK(p.listener.opened().back().saved_id == 1);
}

TEST_CASE("SpoolSource: without a checkpoint all that is there comes again") {
  Piped p;
  p.Write("one\ntwo\n");
  p.Read();
  p.Kill();
  p.saved = 0;
  p.Start();
  CHECK(p.Read() == Strings{"one\n", "two\n"});
}

TEST_CASE("SpoolSource: what is no pipe is read as well") {
  Piped p;
  p.dir.Write("input", "one\ntwo\nunfin");
  const Fd input(::open(p.dir.File("input").c_str(), O_RDONLY | O_CLOEXEC));
  p.source = std::make_unique<SpoolSource>(input.get(), *p.spool, p.clock, p.log, p.listener,
                                           SpoolSource::Options());
  CHECK(p.Read() == Strings{"one\n", "two\n", "unended 5: unfin"});
  CHECK(p.source->done());
}

TEST_CASE("SpoolSource: a full spool makes the writer wait, and goes on as events are settled") {
  Piped p(64 * 1024);
  const std::string line(99, 'x');
  for (int i = 0; i < 2000; ++i) p.Write(line + "\n");
  size_t lines = p.Read().size();
  CHECK(p.spool->full());
  CHECK(lines < 1000);
  CHECK(p.source->poll_fd() == -1);
  CHECK(p.source->look_fd() == -1);
  CHECK(p.source->next_wake());
  CHECK(p.log.text().find("is full: standard input waits") != std::string::npos);
  for (int i = 0; i < 100 && lines < 2000; ++i) {
    p.Settle(p.spool->end() / 100 * 100);
    lines += p.Read().size();
  }
  CHECK(lines == 2000);
}

TEST_CASE("SpoolSource: a full disk is told once, loses nothing and passes") {
  Piped p;
  p.disk.full = true;
  p.Write("one\n");
  CHECK(p.Read().empty());
  CHECK(p.Read().empty());
  CHECK(p.log.text() == "hctail: error: cannot write in the spool '" + p.dir.path() +
                            "': no space left on device\n"
                            "  Standard input waits; it goes on when this works again.\n");
  CHECK(p.source->next_wake() == p.clock.Now() + std::chrono::seconds(1));
  p.disk.full = false;
  CHECK(p.Read() == Strings{"one\n"});
  CHECK(p.log.text().ends_with("hctail: the spool has room again\n"));
  CHECK(p.source->poll_fd() == p.out.get());
}

TEST_CASE("SpoolSource: one line that fills the spool does not stop it for ever") {
  Piped p(64 * 1024, 1000);
  p.Write(std::string(100'000, 'x') + "\nnext\n");
  Strings lines = p.Read();
  for (int i = 0; i < 20 && (lines.empty() || lines.back() != "next\n"); ++i) {
    p.Settle(p.spool->end());
    for (const std::string& line : p.Read()) lines.push_back(line);
  }
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back() == "next\n");
  CHECK(lines.front().starts_with("overlong "));
}

TEST_CASE("SpoolSource: a segment that somebody deleted is read as long as it is open") {
  Piped p;
  p.Write("one\n");
  p.source->Look();
  for (const auto& entry : fs::directory_iterator(p.dir.path())) fs::remove(entry.path());
  CHECK(p.Read() == Strings{"one\n"});
  CHECK(p.log.text() == "");
}

TEST_CASE("SpoolSource: a segment that somebody cut is told, and not lost sight of") {
  Piped p;
  p.Write("one\n");
  p.source->Look();
  for (const auto& entry : fs::directory_iterator(p.dir.path())) fs::resize_file(entry.path(), 0);
  CHECK(p.Read().empty());
  CHECK(p.log.text().find("cannot read the spool") != std::string::npos);
  CHECK_FALSE(p.source->done());
  CHECK(p.source->next_wake());
}

// Random writing, reading, settling, kills and full disks against what must come out: the bytes
// that went in, with a line feed where a killed run's last line was left unfinished.
class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed), p_(64 * 1024, 400) {}

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) Step();
    p_.disk.full = false;
    p_.in.Reset();
    for (int i = 0; i < 1000 && !p_.source->done(); ++i) {
      Deliver();
      Settle(/*all=*/true);
    }
    REQUIRE(p_.source->done());
    CHECK(delivered_to_ == stream_.size());
    p_.source.reset();
    CHECK(p_.Files() == 0);
  }

 private:
  void Step() {
    switch (random_.Below(8)) {
      case 0:
      case 1:
        WriteSome();
        break;
      case 2:
      case 3:
        Deliver();
        break;
      case 4:
        p_.source->Look();
        break;
      case 5:
        Settle(/*all=*/false);
        break;
      case 6:
        p_.disk.full = random_.Below(4) == 0;
        break;
      case 7:
        if (random_.Below(4) == 0) Kill();
        break;
    }
  }
  // Some of what the pipe has room for.
  void WriteSome() {
    std::string text;
    for (uint64_t i = random_.Below(40); i > 0; --i) {
      text += fmt::format("{} {}", number_++, std::string(random_.Below(300), 'x'));
      if (random_.Below(100) == 0) text += std::string(2000, 'o');
      text += '\n';
    }
    text.resize(text.size() - std::min<size_t>(text.size(), random_.Below(20)));
    if (stream_.size() + text.size() - std::min(stream_.size(), p_.spool->end()) > 500'000) return;
    p_.Write(text);
    stream_ += text;
  }
  void Deliver() {
    for (int i = 0; i < 3; ++i) {
      Chunk chunk(1000 + random_.Below(8000));
      p_.source->Read(&chunk);
      for (const Segment& segment : chunk.segments()) {
        REQUIRE(segment.offset == delivered_to_);  // in order, and nothing left out
        REQUIRE(segment.offset + segment.length <= stream_.size());
        REQUIRE(std::string_view(stream_).substr(segment.offset, segment.size) ==
                chunk.text(segment));
        delivered_to_ = segment.offset + segment.length;
      }
    }
  }
  void Settle(bool all) {
    const uint64_t more = delivered_to_ - p_.saved;
    p_.Settle(p_.saved + (all ? more : random_.Below(more + 1)));
    // Only whole lines are settled.
    while (p_.saved > 0 && p_.saved != delivered_to_ && stream_[p_.saved - 1] != '\n') {
      p_.Settle(p_.saved - 1);
      if (p_.saved <= settled_) break;
    }
    settled_ = p_.saved = std::max(settled_, p_.saved);
    *p_.committed = settled_;
  }
  void Kill() {
    const uint64_t end = p_.spool->end();
    p_.Kill();
    if (end > 0 && stream_[end - 1] != '\n' && end > p_.saved) stream_.insert(end, 1, '\n');
    p_.Start();
    const uint64_t offset = p_.listener.opened().back().offset;
    REQUIRE(offset == p_.saved);
    REQUIRE(p_.spool->end() >= end);
    delivered_to_ = offset;
  }

  Random random_;
  Piped p_;
  std::string stream_;  // what the spool holds and held, then what is still in the pipe
  uint64_t delivered_to_ = 0;
  uint64_t settled_ = 0;
  uint64_t number_ = 0;
};

TEST_CASE("SpoolSource: whatever happens, every byte comes, and in order") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Model(seed).Run(300);
  }
}

}  // namespace
}  // namespace hctail
