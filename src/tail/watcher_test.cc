// SPDX-License-Identifier: Apache-2.0
// With the real inotify(7).
#include "tail/watcher.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/check.h"
#include "tail/tailer.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/tailing.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;
using testing::Strings;
using testing::TempDir;

// inotify tells before the call that made the change returns; nothing has to be waited for.
Watcher::Changes TakeNow(Watcher& watcher) {
  pollfd waiting = {.fd = watcher.fd(), .events = POLLIN, .revents = 0};
  const bool readable = ::poll(&waiting, 1, 0) == 1;
  Watcher::Changes changes = watcher.Take();
  // Who watches a directory hears of its siblings, too.
  CHECK((readable || !(changes.directories || changes.overflow || !changes.files.empty())));
  return changes;
}

Fd OpenToRead(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  HC_CHECK(fd);
  return fd;
}

TEST_CASE("InotifyWatcher: a file that is written to is told once, and others are not") {
  const TempDir dir;
  InotifyWatcher watcher;
  const Fd a = OpenToRead(dir.Write("a", ""));
  const Fd b = OpenToRead(dir.Write("b", ""));
  REQUIRE(watcher.WatchFile(1, a.get()));
  REQUIRE(watcher.WatchFile(2, b.get()));
  CHECK(TakeNow(watcher).files.empty());
  for (int i = 0; i < 100; ++i) dir.Append("b", "line\n");
  const Watcher::Changes changes = TakeNow(watcher);
  CHECK(changes.files == std::vector<FileKey>{2});
  CHECK_FALSE(changes.directories);
  CHECK(TakeNow(watcher).files.empty());
}

TEST_CASE("InotifyWatcher: a file is watched through its descriptor, wherever its name goes") {
  const TempDir dir;
  InotifyWatcher watcher;
  const Fd file = OpenToRead(dir.Write("a", ""));
  fs::rename(dir.File("a"), dir.File("b"));
  REQUIRE(watcher.WatchFile(1, file.get()));
  dir.Write("a", "another file\n");
  CHECK(TakeNow(watcher).files.empty());
  dir.Append("b", "late\n");
  CHECK(TakeNow(watcher).files == std::vector<FileKey>{1});
  fs::rename(dir.File("b"), dir.File("c"));
  Watcher::Changes changes = TakeNow(watcher);
  CHECK(changes.directories);  // its path leads elsewhere now
  fs::remove(dir.File("c"));
  changes = TakeNow(watcher);
  CHECK(changes.directories);
}

TEST_CASE("InotifyWatcher: a directory that is removed while a file of it is open") {
  const TempDir dir;
  InotifyWatcher watcher;
  fs::create_directories(dir.File("logs"));
  const Fd file = OpenToRead(dir.Write("logs/a", ""));
  REQUIRE(watcher.WatchDirectory(dir.File("logs")));
  fs::remove(dir.File("logs/a"));
  CHECK(TakeNow(watcher).directories);
  fs::remove(dir.File("logs"));
  CHECK(TakeNow(watcher).directories);
}

TEST_CASE("InotifyWatcher: the siblings of a directory are of no interest") {
  const TempDir dir;
  InotifyWatcher watcher;
  fs::create_directories(dir.File("logs"));
  fs::create_directories(dir.File("other"));
  REQUIRE(watcher.WatchDirectory(dir.File("logs")));
  fs::remove(dir.File("other"));
  CHECK_FALSE(TakeNow(watcher).directories);
}

TEST_CASE("InotifyWatcher: truncation is told") {
  const TempDir dir;
  InotifyWatcher watcher;
  const Fd file = OpenToRead(dir.Write("a", "line\n"));
  REQUIRE(watcher.WatchFile(1, file.get()));
  fs::resize_file(dir.File("a"), 0);
  CHECK(TakeNow(watcher).files == std::vector<FileKey>{1});
}

TEST_CASE("InotifyWatcher: one file under a new key is watched under that alone") {
  const TempDir dir;
  InotifyWatcher watcher;
  const Fd file = OpenToRead(dir.Write("a", ""));
  REQUIRE(watcher.WatchFile(1, file.get()));
  REQUIRE(watcher.WatchFile(2, file.get()));
  watcher.UnwatchFile(1);
  dir.Append("a", "line\n");
  CHECK(TakeNow(watcher).files == std::vector<FileKey>{2});
  watcher.UnwatchFile(2);
  watcher.UnwatchFile(2);
  watcher.Take();
  dir.Append("a", "line\n");
  CHECK(watcher.Take().files.empty());
}

TEST_CASE("InotifyWatcher: what comes to and goes from a directory is told") {
  const TempDir dir;
  InotifyWatcher watcher;
  REQUIRE(watcher.WatchDirectory(dir.path()));
  CHECK_FALSE(TakeNow(watcher).directories);
  dir.Write("a", "");
  CHECK(TakeNow(watcher).directories);
  dir.Append("a", "line\n");
  CHECK_FALSE(TakeNow(watcher).directories);
  fs::rename(dir.File("a"), dir.File("b"));
  CHECK(TakeNow(watcher).directories);
  fs::remove(dir.File("b"));
  CHECK(TakeNow(watcher).directories);
}

TEST_CASE("InotifyWatcher: files and missing directories cannot be watched as directories") {
  const TempDir dir;
  InotifyWatcher watcher;
  CHECK_FALSE(watcher.WatchDirectory(dir.Write("a", "")));
  CHECK_FALSE(watcher.WatchDirectory(dir.File("missing")));
  CHECK_FALSE(watcher.WatchFile(1, -1));
}

TEST_CASE("InotifyWatcher: another directory at a watched path is watched when asked again") {
  const TempDir dir;
  InotifyWatcher watcher;
  const std::string path = dir.File("logs");
  fs::create_directory(path);
  SUBCASE("after a rename") {
    REQUIRE(watcher.WatchDirectory(path));
    fs::rename(path, dir.File("old"));
    CHECK(TakeNow(watcher).directories);
  }
  SUBCASE("after it was deleted") {
    REQUIRE(watcher.WatchDirectory(path));
    fs::remove(path);
    CHECK(TakeNow(watcher).directories);
  }
  fs::create_directory(path);
  REQUIRE(watcher.WatchDirectory(path));
  REQUIRE(watcher.WatchDirectory(path));
  watcher.Take();
  dir.Write("logs/a", "");
  CHECK(TakeNow(watcher).directories);
  if (fs::exists(dir.File("old"))) {
    dir.Write("old/b", "");
    CHECK_FALSE(watcher.Take().directories);
  }
}

TEST_CASE("NoWatcher: watches nothing") {
  NoWatcher watcher;
  CHECK(watcher.fd() == -1);
  CHECK_FALSE(watcher.WatchFile(1, 0));
  CHECK_FALSE(watcher.WatchDirectory("/"));
  CHECK(watcher.Take().files.empty());
}

// A Tailer over the real file system, woken as the pipeline wakes it.
struct RealTailing {
  explicit RealTailing(TailOptions options)
      : tailer(files, watcher, clock, log, listener, std::move(options)) {}

  // What can be read now; then waits until there are `count` lines, at most 5 s.
  Strings Read(size_t count) {
    const Instant deadline = clock.Now() + std::chrono::seconds(5);
    Strings lines;
    while (true) {
      Chunk chunk(4096);
      tailer.Read(&chunk);
      const Strings more = testing::LinesOf(chunk);
      lines.insert(lines.end(), more.begin(), more.end());
      if (tailer.ready()) continue;
      const Instant now = clock.Now();
      if (lines.size() >= count || now >= deadline) return lines;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          std::min(deadline, tailer.next_wake().value_or(deadline)) - now);
      pollfd waiting = {.fd = tailer.poll_fd(), .events = POLLIN, .revents = 0};
      ::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    }
  }

  PosixFileSystem files;
  InotifyWatcher watcher;
  SystemClock clock;
  testing::RecordingLog log;
  testing::RecordingListener listener;
  Tailer tailer;
};

TEST_CASE("Tailer with inotify: growth, rotation, truncation and new files") {
  const TempDir dir;
  dir.Write("a.log", "old\n");
  RealTailing t({.patterns = {dir.path() + "/*.log"}});
  CHECK(t.Read(0).empty());
  dir.Append("a.log", "one\n");
  CHECK(t.Read(1) == Strings{"one\n"});
  fs::rename(dir.File("a.log"), dir.File("a.log.1"));
  dir.Append("a.log.1", "two\n");
  dir.Write("a.log", "three\n");
  CHECK(t.Read(2) == Strings{"two\n", "three\n"});
  dir.Append("a.log.1", "late\n");
  CHECK(t.Read(1) == Strings{"late\n"});
  fs::resize_file(dir.File("a.log"), 0);
  dir.Append("a.log", "four\n");
  CHECK(t.Read(1) == Strings{"four\n"});
  dir.Write("b.log", "five\n");
  CHECK(t.Read(1) == Strings{"five\n"});
  fs::remove(dir.File("b.log"));
  dir.Write("b.log", "six\n");
  CHECK(t.Read(1) == Strings{"six\n"});
  CHECK(t.log.text() ==
        "hctail: '" + dir.File("a.log") + "' was truncated: reading it from the beginning\n");
}

TEST_CASE("Tailer with inotify: a directory that is replaced is followed") {
  const TempDir dir;
  dir.Write("logs/a.log", "old\n");
  RealTailing t({.patterns = {dir.path() + "/logs/a.log"}});
  t.Read(0);
  fs::rename(dir.File("logs"), dir.File("old"));
  dir.Write("logs/a.log", "one\n");
  CHECK(t.Read(1) == Strings{"one\n"});
  fs::remove(dir.File("logs/a.log"));
  t.Read(0);
  dir.Write("logs/a.log", "two\n");
  CHECK(t.Read(1) == Strings{"two\n"});
}

}  // namespace
}  // namespace hctail
