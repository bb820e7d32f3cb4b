// SPDX-License-Identifier: Apache-2.0
// Discovery, waiting, starting and stopping.  Rotation and truncation: tailer_rotation_test.cc.
#include "tail/tailer.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>

#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Strings;
using testing::Tailing;

const std::string kApp = "/logs/app.log";

size_t CountIn(const std::string& text, std::string_view word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

// --- Where reading begins ---

TEST_CASE("Tailer: a file that is seen for the first time is followed from its end") {
  for (const ReadFrom read_from : {ReadFrom::kLast, ReadFrom::kEnd}) {
    Tailing t({.patterns = {kApp}, .read_from = read_from});
    t.files.Append(kApp, "old\n");
    CHECK(t.Read().empty());
    CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 4"});
    CHECK(t.listener.opened()[0].present_at_start);
    t.files.Append(kApp, "new\n");
    CHECK(t.Read() == Strings{"new\n"});
  }
}

TEST_CASE("Tailer: the end of a file is the beginning of its last line if that is unfinished") {
  Tailing t;
  t.files.ShortReads(1);
  t.files.Append(kApp, std::string(9000, 'x') + "\n" + std::string(5000, 'y'));
  CHECK(t.Read().empty());
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 9001"});
  t.files.Append(kApp, "z\n");
  CHECK(t.Read() == Strings{std::string(5000, 'y') + "z\n"});
}

TEST_CASE("Tailer: a file without any newline is followed from its beginning") {
  Tailing t;
  t.files.Append(kApp, std::string(5000, 'y'));
  t.Read();
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 0"});
}

TEST_CASE("Tailer: read_from beginning reads all that is there") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning});
  t.files.Append(kApp, "old\n");
  CHECK(t.Read() == Strings{"old\n"});
}

TEST_CASE("Tailer: a file that appears later is read from its beginning") {
  for (const ReadFrom read_from : {ReadFrom::kBeginning, ReadFrom::kEnd, ReadFrom::kLast}) {
    Tailing t({.patterns = {kApp, "/logs/*.txt"}, .read_from = read_from});
    CHECK(t.Read().empty());
    t.files.Append(kApp, "one\n");
    t.files.Append("/logs/b.txt", "two\n");
    CHECK(t.Read() == Strings{"one\n", "two\n"});
    CHECK_FALSE(t.listener.opened()[0].present_at_start);
  }
}

TEST_CASE("Tailer: a file that joined a known pattern while hctail was down is read whole") {
  Tailing t({.patterns = {"/logs/a*.log", "/logs/b*.log"}});
  t.files.Append("/logs/a1.log", "old\n");
  t.options.saved = {t.Saved("/logs/a1.log", 4, 9)};
  t.files.Append("/logs/a2.log", "while down\n");
  t.files.Append("/logs/b1.log", "of a pattern without history\n");
  CHECK(t.Read() == Strings{"while down\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/a1.log at 4 as saved 9",
                                     "opened /logs/a2.log at 0", "opened /logs/b1.log at 29"});
}

TEST_CASE("Tailer: a saved position wins over read_from") {
  for (const ReadFrom read_from : {ReadFrom::kBeginning, ReadFrom::kEnd, ReadFrom::kLast}) {
    Tailing t({.patterns = {kApp}, .read_from = read_from});
    t.files.Append(kApp, "one\ntwo\nthree\n");
    t.options.saved = {t.Saved(kApp, 4, 9)};
    CHECK(t.Read() == Strings{"two\n", "three\n"});
    CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 4 as saved 9"});
  }
}

// --- Which files ---

TEST_CASE("Tailer: excluded files are not read") {
  Tailing t({.patterns = {"/logs/*"},
             .exclude = {"*.gz", "/logs/b.log"},
             .read_from = ReadFrom::kBeginning});
  for (const char* name : {"a.log", "a.log.gz", "b.log", "c.log"}) {
    t.files.Append(std::string("/logs/") + name, std::string(name) + "\n");
  }
  CHECK(t.Read() == Strings{"a.log\n", "c.log\n"});
}

TEST_CASE("Tailer: directories and pipes that match are not read") {
  Tailing t({.patterns = {"/logs/*"}, .read_from = ReadFrom::kBeginning});
  t.files.MakeDirectory("/logs/dir");
  t.files.MakeFifo("/logs/pipe");
  t.files.Append(kApp, "one\n");
  CHECK(t.ReadAfter(seconds(30)) == Strings{"one\n"});
  CHECK(t.log.text() ==
        "hctail: warning: skipping '/logs/pipe': not a regular file\n"
        "  To read a pipe, give it on standard input: hctail -f - < PIPE\n");
}

TEST_CASE("Tailer: files in directories that appear later are found") {
  Tailing t({.patterns = {"/logs/*/app.log", "/srv/x/app.log"}});
  t.files.Append("/logs/not-a-directory", "");
  CHECK(t.Read().empty());
  t.files.MakeDirectory("/logs/new");
  t.Read();
  t.files.Append("/logs/new/app.log", "one\n");
  CHECK(t.Read() == Strings{"one\n"});
  t.files.MakeDirectory("/srv/x");
  t.files.Append("/srv/x/app.log", "two\n");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"two\n"});
}

TEST_CASE("Tailer: files beside directories do not make it look every second") {
  Tailing t({.patterns = {"/logs/*/app.log"}});
  t.files.MakeDirectory("/logs/a");
  t.files.Append("/logs/plain", "");
  t.Read();
  CHECK(*t.tailer->next_wake() - t.clock.Now() > seconds(5));
}

TEST_CASE("Tailer: hard links and overlapping patterns are one file") {
  for (const bool stop_at_end : {false, true}) {
    Tailing t({.patterns = {"/logs/*.log", kApp},
               .read_from = ReadFrom::kBeginning,
               .stop_at_end = stop_at_end});
    t.files.Append(kApp, "one\n");
    t.files.Link(kApp, "/logs/other.log");
    CHECK(t.Read() == Strings{"one\n"});
    CHECK(t.ReadAfter(seconds(30)).empty());
    CHECK(t.listener.Take().size() == (stop_at_end ? 2 : 1));
  }
}

TEST_CASE("Tailer: several files get their turn however much there is of one") {
  Tailing t({.patterns = {"/logs/*"}, .read_from = ReadFrom::kBeginning});
  std::string much;
  for (int i = 0; i < 1000; ++i) much += "a lot of lines in this file\n";
  t.files.Append("/logs/a", much);
  t.files.Append("/logs/b", "one\n");
  t.files.Append("/logs/c", much);
  t.chunk_size = 280;
  CHECK(t.ReadOnce().size() == 10);
  CHECK(t.tailer->ready());
  Strings second = t.ReadOnce();
  CHECK(second.front() == "one\n");
  CHECK(t.Read().size() == 2001 - 10 - second.size());
}

// --- Unfinished lines ---

TEST_CASE("Tailer: an unfinished line is held back while it is followed, if that is wanted") {
  Tailing t({.patterns = {kApp},
             .read_from = ReadFrom::kBeginning,
             .flush_partial_after = Duration::zero(),
             .idle_after = Duration::zero()});
  t.files.Append(kApp, "one\nunfin");
  CHECK(t.Read() == Strings{"one\n"});
  CHECK(t.ReadAfter(hours(1)).empty());
  t.files.Append(kApp, "ished\n");
  CHECK(t.Read() == Strings{"unfinished\n"});
}

TEST_CASE(
    "Tailer: an unfinished line is sent when it was quiet, and again as a whole if it grows") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning});
  t.files.Append(kApp, "one\nunfin");
  CHECK(t.Read() == Strings{"one\n"});
  CHECK(t.ReadAfter(seconds(4)).empty());
  t.files.Append(kApp, "ish");
  CHECK(t.ReadAfter(seconds(4)).empty());  // counted from the last byte
  CHECK(t.ReadAfter(seconds(1)) == Strings{"unended 8: unfinish"});
  CHECK(t.ReadAfter(hours(1)).empty());
  t.files.Append(kApp, "ed\ntwo\n");
  CHECK(t.Read() == Strings{"unfinished\n", "two\n"});

  SUBCASE("also after a restart") {
    t.files.Append(kApp, "ha");
    CHECK(t.ReadAfter(seconds(5)) == Strings{"unended 2: ha"});
    t.Restart({t.Saved(kApp, 21)});
    CHECK(t.ReadAfter(hours(1)).empty());
    t.files.Append(kApp, "lf\n");
    CHECK(t.Read() == Strings{"half\n"});
  }
  SUBCASE("and when it was rotated away: the worker knows what was a whole record") {
    t.files.Append(kApp, "ha");
    CHECK(t.ReadAfter(seconds(5)) == Strings{"unended 2: ha"});
    t.files.Unlink(kApp);
    CHECK(t.ReadAfter(seconds(120)) == Strings{"unended 2: ha"});
    CHECK(t.files.open_files() == 0);
  }
}

TEST_CASE("Tailer: who holds lines back is told of a pause, each time later") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning});
  t.listener.holding = true;
  t.files.Append(kApp, "one\n");
  CHECK(t.Read() == Strings{"one\n"});
  CHECK(t.ReadAfter(seconds(4)).empty());
  CHECK(t.ReadAfter(seconds(1)) == Strings{"idle"});
  CHECK(t.ReadAfter(seconds(4)).empty());
  CHECK(t.ReadAfter(seconds(1)) == Strings{"idle"});
  CHECK(t.ReadAfter(seconds(10)) == Strings{"idle"});
  t.listener.holding = false;
  CHECK(t.ReadAfter(hours(1)).empty());
}

// --- Waiting ---

TEST_CASE("Tailer: an idle one asks to be woken at its scan interval only, and never spins") {
  struct Case {
    bool refuse_files, refuse_directories;
    milliseconds interval;
  } const kCases[] = {{false, false, seconds(10)},
                      {false, true, seconds(1)},
                      {true, false, milliseconds(250)},
                      {true, true, milliseconds(250)}};
  for (const Case& c : kCases) {
    Tailing t;
    t.files.Append(kApp, "old\n");
    t.watcher->refuse_files = c.refuse_files;
    t.watcher->refuse_directories = c.refuse_directories;
    t.Read();
    CHECK(*t.tailer->next_wake() - t.clock.Now() == c.interval);
    size_t wakes = 0;
    for (const Instant end = t.clock.Now() + seconds(60); t.clock.Now() < end; ++wakes) {
      t.clock.Advance(*t.tailer->next_wake() - t.clock.Now());
      CHECK(t.ReadOnce().empty());
      CHECK_FALSE(t.tailer->ready());
    }
    CHECK(wakes == seconds(60) / c.interval);
  }
}

TEST_CASE("Tailer: where nothing is told, growth, rotation and new files are found by polling") {
  Tailing t({.patterns = {"/logs/*.log"}});
  t.watcher->refuse_files = t.watcher->refuse_directories = true;
  t.files.Append(kApp, "old\n");
  t.Read();
  t.files.Append(kApp, "one\n");
  CHECK(t.ReadAfter(milliseconds(250)) == Strings{"one\n"});
  t.files.Rename(kApp, "/logs/app.1");
  t.files.Append("/logs/app.1", "two\n");
  t.files.Append(kApp, "three\n");
  CHECK(t.ReadAfter(seconds(1)) == Strings{"two\n", "three\n"});
  t.files.Append("/logs/app.1", "late\n");
  CHECK(t.ReadAfter(milliseconds(250)) == Strings{"late\n"});
}

TEST_CASE("Tailer: a polled file that was rewritten with as many bytes is noticed") {
  Tailing t;
  t.watcher->refuse_files = true;
  t.files.Append(kApp, "one\ntwo\n");
  t.ReadAfter(seconds(1));
  t.files.Rewrite(kApp, "abc\ndef\n");
  CHECK(t.ReadAfter(milliseconds(250)) == Strings{"abc\n", "def\n"});
}

TEST_CASE("Tailer: after an overflow every file is read and every path looked at") {
  Tailing t({.patterns = {"/logs/*.log"}});
  t.files.Append("/logs/a.log", "old\n");
  t.files.Append("/logs/b.log", "old\n");
  t.Read();
  t.files.Append("/logs/a.log", "one\n");
  t.files.Append("/logs/b.log", "two\n");
  t.files.Append("/logs/c.log", "three\n");
  t.watcher->Overflow();
  CHECK(t.Read() == Strings{"one\n", "two\n", "three\n"});
}

TEST_CASE("Tailer: news that come late are read late") {
  Tailing t;
  t.files.Append(kApp, "old\n");
  t.Read();
  t.watcher->late = true;
  t.files.Append(kApp, "one\n");
  t.files.Append(kApp, "two\n");
  CHECK(t.Read().empty());
  t.watcher->late = false;
  CHECK(t.Read() == Strings{"one\n", "two\n"});
}

// --- Errors ---

TEST_CASE("Tailer: a file that cannot be opened is told of once and tried again") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning});
  t.files.Append(kApp, "one\n");
  t.files.FailOpen(kApp, EACCES);
  CHECK(t.ReadAfter(seconds(60)).empty());
  CHECK(t.log.text() ==
        "hctail: warning: cannot read '/logs/app.log': permission denied\n"
        "  It is tried again at every scan.\n");
  t.files.FailOpen(kApp, 0);
  CHECK(t.ReadAfter(seconds(10)) == Strings{"one\n"});
}

TEST_CASE("Tailer: a file that vanished before it was opened is not told of, its next error is") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning});
  t.files.Append(kApp, "one\n");
  t.files.FailOpen(kApp, ENOENT);
  t.ReadAfter(seconds(30));
  CHECK(t.log.text().empty());
  t.files.FailOpen(kApp, EACCES);
  t.ReadAfter(seconds(30));
  CHECK(CountIn(t.log.text(), "permission denied") == 1);
}

TEST_CASE("Tailer: a read error is told once, tried again, and ends without loss") {
  for (const bool refuse : {false, true}) {
    Tailing t;
    t.watcher->refuse_files = refuse;
    t.files.Append(kApp, "old\n");
    t.Read();
    t.files.FailRead(kApp, EIO);
    t.files.Append(kApp, "one\n");
    CHECK(t.ReadAfter(seconds(60)).empty());
    CHECK(t.log.text() ==
          "hctail: warning: cannot read '/logs/app.log': input/output error\n"
          "  It is tried again until it can be read.\n");
    t.files.FailRead(kApp, 0);
    CHECK(t.ReadAfter(milliseconds(250)) == Strings{"one\n"});
    // Then it is watched as before.
    CHECK(t.watcher->watched_files() == (refuse ? 0 : 1));
    const auto expected = refuse ? milliseconds(250) : seconds(10);
    CHECK(*t.tailer->next_wake() - t.clock.Now() <= expected);
    if (!refuse) CHECK(*t.tailer->next_wake() - t.clock.Now() > seconds(1));
    t.files.FailRead(kApp, EIO);
    t.files.Append(kApp, "two\n");
    t.ReadAfter(seconds(60));
    CHECK(CountIn(t.log.text(), "input/output error") == 2);
  }
}

TEST_CASE("Tailer: what is written just before a file is watched, or watched again, is read") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning});
  t.files.Append(kApp, "");
  for (const char* error : {"", "after an error"}) {
    CAPTURE(error);
    if (*error != '\0') {
      t.files.FailRead(kApp, EIO);
      t.files.Append(kApp, "failed\n");
      t.Read();
      t.files.FailRead(kApp, 0);
      t.clock.Advance(milliseconds(250));
    }
    int lines = 0;
    t.files.Interfere([&] {  // before every call, so also between the last read and the watch
      if (lines++ < 60) t.files.Append(kApp, "line\n");
    });
    size_t read = t.Read().size();
    t.files.Interfere(nullptr);
    if (*error != '\0') --read;
    read += t.Read().size();
    CHECK(read == 60);
  }
}

TEST_CASE("Tailer: a full chunk says nothing about an error") {
  Tailing t;
  t.files.Append(kApp, "old\n");
  t.Read();
  t.files.FailRead(kApp, EIO);
  t.files.Append(kApp, "one\n");
  for (int i = 0; i < 10; ++i) {
    t.Read();
    Chunk full(4);
    std::copy_n("abc\n", 4, full.end());
    full.Append({.file = 1'000'000, .length = 4, .size = 4});
    t.clock.Advance(milliseconds(250));
    t.tailer->Read(&full);
  }
  CHECK(CountIn(t.log.text(), "input/output error") == 1);
}

TEST_CASE("Tailer: a position is not given up because the file cannot be read at the start") {
  Tailing t;
  t.files.Append(kApp, "one\ntwo\n");
  t.options.saved = {t.Saved(kApp, 4, 9)};
  t.files.FailRead(kApp, EIO);
  CHECK(t.ReadAfter(seconds(30)).empty());
  CHECK(t.listener.Take().empty());
  CHECK(CountIn(t.log.text(), "input/output error") == 1);
  t.files.FailRead(kApp, 0);
  CHECK(t.ReadAfter(seconds(10)) == Strings{"two\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 4 as saved 9"});
}

// --- Stopping at the end ---

TEST_CASE("Tailer: stop_at_end reads one file after the other, with its unfinished line") {
  Tailing t({.patterns = {"/logs/*"}, .read_from = ReadFrom::kBeginning, .stop_at_end = true});
  t.files.Append("/logs/a", "one\ntwo\nunfin");
  t.files.Append("/logs/b", "");
  t.files.Append("/logs/c", "three\n");
  t.chunk_size = 8;
  CHECK(t.ReadOnce() == Strings{"one\n", "two\n"});
  CHECK_FALSE(t.tailer->done());
  CHECK(t.files.open_files() == 1);
  CHECK(t.Read() == Strings{"unended 5: unfin", "three\n"});
  CHECK(t.tailer->done());
  CHECK_FALSE(t.tailer->next_wake());
  CHECK(t.files.open_files() == 0);
  CHECK(t.listener.Take() == Strings{"opened /logs/a at 0", "closed /logs/a at 13: finished",
                                     "opened /logs/b at 0", "closed /logs/b at 0: finished",
                                     "opened /logs/c at 0", "closed /logs/c at 6: finished"});
  CHECK(t.listener.opened()[2].present_at_start);
}

TEST_CASE(
    "Tailer: stop_at_end with nothing to read is done at once, but not before the first read") {
  Tailing t({.patterns = {kApp}, .stop_at_end = true});
  t.tailer = std::make_unique<Tailer>(t.files, *t.watcher, t.clock, t.log, t.listener, t.options);
  CHECK_FALSE(t.tailer->done());
  CHECK(t.Read().empty());
  CHECK(t.tailer->done());
}

TEST_CASE("Tailer: stop_at_end resumes and opens one file at a time") {
  Tailing t({.patterns = {"/logs/*"}, .read_from = ReadFrom::kBeginning, .stop_at_end = true});
  for (const char* name : {"/logs/a", "/logs/b", "/logs/c"}) t.files.Append(name, "one\ntwo\n");
  t.options.saved = {t.Saved("/logs/a", 8, 1), t.Saved("/logs/b", 4, 2), t.Saved("/logs/c", 0, 3)};
  t.chunk_size = 4;
  Strings lines;
  while (t.tailer == nullptr || !t.tailer->done()) {
    for (std::string& line : t.ReadOnce()) lines.push_back(std::move(line));
    CHECK(t.files.open_files() <= 1);
  }
  CHECK(lines == Strings{"two\n", "one\n", "two\n"});
  CHECK(t.tailer->done());
}

TEST_CASE("Tailer: stop_at_end reads on in a file that was rotated away after the interruption") {
  Tailing t({.patterns = {kApp}, .read_from = ReadFrom::kBeginning, .stop_at_end = true});
  t.files.Append(kApp, "one\ntwo\n");
  t.options.saved = {t.Saved(kApp, 4, 1)};
  t.files.Rename(kApp, "/logs/app.log.1");
  t.files.Append(kApp, "three\n");
  CHECK(t.Read() == Strings{"three\n", "two\n"});
  CHECK(t.tailer->done());
}

TEST_CASE("Tailer: stop_at_end tells of files that cannot be opened or read") {
  Tailing t({.patterns = {"/logs/*"}, .read_from = ReadFrom::kBeginning, .stop_at_end = true});
  for (const char* name : {"/logs/a", "/logs/b", "/logs/c"}) t.files.Append(name, "one\ntwo\n");
  t.files.FailOpen("/logs/a", EACCES);
  t.files.FailRead("/logs/b", EIO);
  t.files.FailRead("/logs/c", EIO, 4);
  CHECK(t.Read() == Strings{"one\n"});
  CHECK(t.tailer->done());
  CHECK(t.listener.Take() ==
        Strings{"unreadable /logs/a: permission denied", "unreadable /logs/b: input/output error",
                "opened /logs/c at 0", "abandoned /logs/c 4-8: input/output error",
                "closed /logs/c at 4: finished"});
}

}  // namespace
}  // namespace hctail
