// SPDX-License-Identifier: Apache-2.0
// More files than may be open at once.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "tail/tailer.h"
#include "tests/testing/pack.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeFileSystem;
using testing::Strings;
using testing::Tailing;

const std::string kApp = "/logs/app.log";

// app.log was read and is closed: others came after it.
struct Closed : Tailing {
  explicit Closed(TailOptions with = {.patterns = {"/logs/*.log"}}) : Tailing(std::move(with)) {
    bounded.emplace(files, 2);
    files.LimitOpenFiles(3);  // one for a look at a file
    files.Append(kApp, "old\n");
    Read();
    Push();
    listener.Take();
    REQUIRE_FALSE(files.IsOpen(files.InodeOf(kApp)));
  }
  // Closes what is not among the last two.
  void Push() {
    for (int i = 0; i < 3; ++i) {
      files.Append(fmt::format("/logs/other{}.log", next++), "other\n");
      ReadAfter(seconds(1));
    }
  }
  int next = 0;
};

TEST_CASE("Tailer with few descriptors: every one of many files is read, then followed") {
  Tailing t({.patterns = {"/logs/*.log"}, .read_from = ReadFrom::kBeginning});
  t.bounded.emplace(t.files, 3);
  t.files.LimitOpenFiles(4);
  for (int i = 0; i < 50; ++i) {
    t.files.Append(fmt::format("/logs/{}.log", i), fmt::format("first {}\n", i));
  }
  CHECK(t.Read().size() == 50);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50; ++i) {
      t.files.Append(fmt::format("/logs/{}.log", i), fmt::format("again {}\n", i));
    }
    CHECK(t.ReadAfter(seconds(1)).size() == 50);
  }
  CHECK(t.bounded->open_files() <= 3);
  CHECK(t.log.text().find("cannot read") == std::string::npos);
}

TEST_CASE("Tailer with few descriptors: files that nobody watches, too") {
  Tailing t({.patterns = {"/logs/*.log"}, .read_from = ReadFrom::kBeginning});
  t.watcher->refuse_files = t.watcher->refuse_directories = true;
  t.bounded.emplace(t.files, 2);
  for (int i = 0; i < 10; ++i) t.files.Append(fmt::format("/logs/{}.log", i), "first\n");
  CHECK(t.Read().size() == 10);
  t.files.Append("/logs/3.log", "again\n");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"again\n"});
}

TEST_CASE("Tailer with few descriptors: a closed file that grows is read on") {
  Closed t;
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"new\n"});
  CHECK(t.listener.Take().empty());
}

TEST_CASE("Tailer with few descriptors: one that grows is opened even if nothing may be read") {
  Closed t;
  t.files.Append(kApp, "new\n");
  t.tailer->Look();
  t.files.Unlink(kApp);
  CHECK(t.Read() == Strings{"new\n"});
}

TEST_CASE("Tailer with few descriptors: a closed file that was rotated is read to its end") {
  Closed t;
  t.files.Append(kApp, "late\n");
  SUBCASE("out of the pattern") { t.files.Rename(kApp, "/logs/app.log.1"); }
  SUBCASE("to another name of the pattern") { t.files.Rename(kApp, "/logs/app-1.log"); }
  t.files.Append(kApp, "new\n");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"late\n", "new\n"});
  t.Push();
  CHECK(t.ReadAfter(seconds(100)).empty());
}

TEST_CASE("Tailer with few descriptors: a closed file was packed, and its inode is another's") {
  Closed t({.patterns = {"/logs/*.log"}, .flush_partial_after = Duration::zero()});
  const uint64_t inode = t.files.InodeOf(kApp);
  t.files.Rename(kApp, "/logs/app.log.1");
  t.files.Append(kApp, "new\n");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"new\n"});
  for (const char* name : {"/logs/x.log", "/logs/y.log"}) {
    t.files.Append(name, "unfinished");
    t.ReadAfter(seconds(1));
  }
  REQUIRE_FALSE(t.files.IsOpen(inode));
  std::string unread;
  SUBCASE("all of it was read") {}
  SUBCASE("a line of it was not read") { unread = "late\n"; }
  t.files.Append("/logs/app.log.1", unread);
  t.files.Append("/logs/app.log.1.gz", testing::Pack(Packing::kGzip, "old\n" + unread));
  t.files.Unlink("/logs/app.log.1");
  t.files.Append("/logs/z.log", "z\n");
  REQUIRE(t.files.InodeOf("/logs/z.log") == inode);
  Strings lines;
  for (int i = 0; i < 5; ++i) std::ranges::move(t.ReadAfter(seconds(1)), std::back_inserter(lines));
  std::ranges::sort(lines);
  CHECK(lines == (unread.empty() ? Strings{"z\n"} : Strings{unread, "z\n"}));
}

TEST_CASE("Tailer with few descriptors: a closed file that was moved to another folder") {
  Closed t({.patterns = {"/logs/*.log", "/old/*.log"}});
  t.files.MakeDirectory("/old");
  t.ReadAfter(seconds(10));
  t.Push();
  REQUIRE_FALSE(t.files.IsOpen(t.files.InodeOf(kApp)));
  t.listener.Take();
  t.files.Append(kApp, "late\n");
  t.files.Rename(kApp, "/old/app.log");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"late\n"});
  CHECK(t.listener.Take() == Strings{"/logs/app.log is now /old/app.log"});
}

TEST_CASE("Tailer with few descriptors: a closed file that was truncated is read again") {
  Closed t;
  t.files.Truncate(kApp);
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"new\n"});
}

TEST_CASE("Tailer with few descriptors: what copytruncate cut off is read from the copy") {
  Tailing t({.patterns = {"/logs/*.log"}});
  t.bounded.emplace(t.files, 1);
  std::string many;
  for (int i = 0; i < 100; ++i) many += fmt::format("{} abcdefghijklmnop\n", 100'000 + i);
  t.files.Append(kApp, many);
  t.Read();
  t.files.Append("/logs/other.log", "other\n");
  t.ReadAfter(seconds(1));
  REQUIRE_FALSE(t.files.IsOpen(t.files.InodeOf(kApp)));
  t.files.Append(kApp, "late\n");
  t.files.CopyTruncate(kApp, "/logs/app.log.1");
  t.files.Append(kApp, "new\n");
  const Strings lines = t.ReadAfter(seconds(2));
  CHECK(std::ranges::count(lines, "late\n") == 1);
  CHECK(std::ranges::count(lines, "new\n") == 1);
}

TEST_CASE("Tailer with few descriptors: a closed file that another one replaced") {
  Closed t;
  SUBCASE("with its inode's number") {
    t.files.Unlink(kApp);
    t.files.Append(kApp, "new\n");
  }
  SUBCASE("with another inode") {
    t.files.Append("/logs/app.new", "new\n");
    t.files.Rename("/logs/app.new", kApp);
  }
  CHECK(t.ReadAfter(seconds(1)) == Strings{"new\n"});
  t.Push();
  t.files.Append(kApp, "more\n");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"more\n"});
}

TEST_CASE("Tailer with few descriptors: a closed file whose inode's number a short one takes") {
  Closed t;
  t.files.Append("/logs/empty.log", "");
  t.Read();
  t.Push();
  t.files.Unlink("/logs/empty.log");
  t.files.Append("/logs/empty.log", "");
  t.ReadAfter(seconds(1));
  t.files.Append("/logs/empty.log", "seen\n");  // although the watch was of the old inode
  CHECK(t.Read() == Strings{"seen\n"});
}

TEST_CASE("Tailer with few descriptors: a closed file that was deleted ends quietly") {
  Closed t;
  t.files.Unlink(kApp);
  CHECK(t.ReadAfter(seconds(1)).empty());
  CHECK(t.listener.Take() == Strings{"closed /logs/app.log at 4: rotated away"});
}

TEST_CASE(
    "Tailer with few descriptors: what was written to a closed file that is gone is counted") {
  Closed t;
  t.files.Append(kApp, "lost\n");
  t.files.Unlink(kApp);
  CHECK(t.ReadAfter(seconds(1)).empty());
  CHECK(t.listener.Take() ==
        Strings{"abandoned /logs/app.log 4-5: it was deleted while it was not open, and written to "
                "before; how much is not known",
                "closed /logs/app.log at 4: rotated away"});
}

TEST_CASE("Tailer with few descriptors: what is known of its size is counted") {
  Closed t;
  t.Restart({});
  t.watcher->refuse_files = true;
  t.options.read_from = ReadFrom::kBeginning;
  t.Read();
  t.Push();
  t.listener.Take();
  t.files.Append(kApp, "lost\n");
  t.ReadOnce();  // not polled yet
  t.clock.Advance(Tailer::kPollInterval);
  t.files.FailOpen(kApp, EACCES);
  t.Read();
  t.files.FailOpen(kApp, 0);
  t.files.Unlink(kApp);
  CHECK(t.ReadAfter(seconds(2)).empty());
  CHECK(t.listener.Take() ==
        Strings{"abandoned /logs/app.log 4-9: it was deleted while it was not open",
                "closed /logs/app.log at 4: rotated away"});
}

TEST_CASE("Tailer with few descriptors: a file that is read to its end is closed before the next") {
  Tailing t({.patterns = {"/logs/*.log"}, .stop_at_end = true});
  t.bounded.emplace(t.files, 1);
  t.files.LimitOpenFiles(1);
  for (int i = 0; i < 20; ++i) t.files.Append(fmt::format("/logs/{}.log", i), "line\n");
  CHECK(t.Read().size() == 20);
  CHECK(t.tailer->done());
}

TEST_CASE("Tailer with few descriptors: if there are none at all it goes on when there are some") {
  Closed t;
  t.files.LimitOpenFiles(0);
  t.files.Append(kApp, "new\n");
  t.files.Append("/logs/unseen.log", "unseen\n");
  CHECK(t.ReadAfter(seconds(1)).empty());
  t.files.LimitOpenFiles(3);
  CHECK(t.ReadAfter(seconds(12)) == Strings{"new\n", "unseen\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/unseen.log at 0"});
}

}  // namespace
}  // namespace hctail
