// SPDX-License-Identifier: Apache-2.0
// Files that are renamed, deleted, truncated or copied while hctail runs and while it does not.
#include <doctest/doctest.h>

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
using testing::Following;
using testing::Strings;
using testing::Tailing;

const std::string kApp = "/logs/app.log";
const std::string kOld = "/logs/app.log.1";

// More than a head hash covers, so that the content alone tells who it is: 25 bytes a line.
std::string Many(char first, int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    text += first + std::to_string(100'000 + i) + " abcdefghijklmnop\n";
  }
  return text;
}

// --- While it runs ---

TEST_CASE("Rotation: the old file is read to its end, then the new one from its beginning") {
  Following t;
  t.files.Append(kApp, "one\n");
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "two\n");
  CHECK(t.Read() == Strings{"one\n", "two\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 0"});
}

TEST_CASE("Rotation: what is written late through the old descriptor is read") {
  Following t;
  FakeFileSystem::Writer writer(t.files, kApp);
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"new\n"});
  writer.Append("late\n");
  CHECK(t.Read() == Strings{"late\n"});
  CHECK(t.ReadAfter(seconds(59)).empty());
  writer.Append("later\n");
  CHECK(t.Read() == Strings{"later\n"});
}

TEST_CASE("Rotation: a deleted file is read to its end") {
  Following t;
  FakeFileSystem::Writer writer(t.files, kApp);
  t.files.Append(kApp, "one\n");
  t.files.Unlink(kApp);
  writer.Append("two\n");
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"one\n", "two\n", "new\n"});
}

TEST_CASE("Rotation: an old file is closed when it was quiet for long, and not before") {
  Following t;
  t.options.flush_partial_after = t.options.idle_after = Duration::zero();
  t.Restart({t.Saved(kApp, 4)});
  t.Read();
  t.listener.Take();
  FakeFileSystem::Writer writer(t.files, kApp);
  t.files.Rename(kApp, kOld);
  t.Read();
  t.ReadAfter(seconds(59));
  CHECK(t.files.open_files() == 1);
  writer.Append("unfin");
  t.ReadAfter(seconds(59));
  CHECK(t.files.open_files() == 1);
  CHECK(t.listener.Take().empty());
  CHECK(t.ReadAfter(seconds(1)) == Strings{"unended 5: unfin"});
  CHECK(t.files.open_files() == 0);
  CHECK(t.watcher->watched_files() == 0);
  CHECK(t.listener.Take() == Strings{"closed /logs/app.log at 9: rotated away"});
  CHECK(*t.tailer->next_wake() - t.clock.Now() >= seconds(1));
}

TEST_CASE("Rotation: an old file is read once more before it is closed") {
  Following t;
  FakeFileSystem::Writer writer(t.files, kApp);
  t.files.Rename(kApp, kOld);
  t.Read();
  t.watcher->late = true;  // nothing is told from now on
  t.clock.Advance(seconds(59));
  writer.Append("late\n");
  t.clock.Advance(seconds(1));
  CHECK(t.Read() == Strings{"late\n"});
  CHECK(t.listener.Take().empty());
  t.ReadAfter(seconds(59));
  CHECK(t.files.open_files() == 1);
  t.ReadAfter(seconds(1));
  CHECK(t.files.open_files() == 0);
}

TEST_CASE("Rotation: an old file that cannot be read is not closed before it was") {
  Following t;
  FakeFileSystem::Writer writer(t.files, kApp);
  writer.Append("one\n");
  t.files.FailRead(kApp, EIO);
  t.files.Rename(kApp, kOld);
  CHECK(t.ReadAfter(seconds(300)).empty());
  CHECK(t.files.open_files() == 1);
  t.files.FailRead(kOld, 0);
  CHECK(t.ReadAfter(milliseconds(250)) == Strings{"one\n"});
  t.ReadAfter(seconds(60));
  CHECK(t.files.open_files() == 0);
}

TEST_CASE("Rotation: an inode that is used again is a new file") {
  Following t;
  t.files.Unlink(kApp);
  t.ReadAfter(seconds(60));
  CHECK(t.listener.Take() == Strings{"closed /logs/app.log at 4: rotated away"});
  const uint64_t inode = t.listener.opened()[0].identity.inode;
  t.files.Append(kApp, "new\n");
  REQUIRE(t.files.InodeOf(kApp) == inode);
  CHECK(t.Read() == Strings{"new\n"});
}

TEST_CASE("Rotation: within the pattern a file only changes its name") {
  Following t({.patterns = {"/logs/app.log*"}});
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"new\n"});
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 0", "/logs/app.log is now /logs/app.log.1"});
  t.files.Rename(kOld, "/logs/app.log.2");
  t.files.Rename(kApp, kOld);
  t.files.Append("/logs/app.log.2", "late\n");
  CHECK(t.ReadAfter(seconds(120)) == Strings{"late\n"});
  CHECK(t.listener.Take().size() == 2);
  CHECK(t.files.open_files() == 2);
}

TEST_CASE("Rotation: a file that was renamed twice and packed within one look is not read again") {
  Following t({.patterns = {"/logs/app.log*"}});
  t.files.Append(kApp, Many('a', 0, 60));
  t.Read();
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  t.Read();
  t.listener.Take();
  const std::string packed = testing::Pack(Packing::kGzip, t.files.Content(kOld));
  t.files.Rename(kOld, "/logs/app.log.2");
  t.files.Rename(kApp, kOld);
  SUBCASE("at once") { t.files.Append("/logs/app.log.2.gz", packed); }
  SUBCASE("bit by bit") {
    t.files.Append("/logs/app.log.2.gz", packed.substr(0, packed.size() / 2));
    FakeFileSystem::Writer(t.files, "/logs/app.log.2").Append("late\n");
    t.files.Unlink("/logs/app.log.2");
    CHECK(t.ReadAfter(seconds(2)) == Strings{"late\n"});
    t.files.Append("/logs/app.log.2.gz", packed.substr(packed.size() / 2));
  }
  if (t.files.Exists("/logs/app.log.2")) t.files.Unlink("/logs/app.log.2");
  t.files.Append(kApp, "newer\n");
  CHECK(t.ReadAfter(seconds(300)) == Strings{"newer\n"});
}

TEST_CASE("Rotation: a new file with the inode of a copy is read") {
  Following t({.patterns = {"/logs/app.log*"}});
  t.files.Append(kApp, Many('a', 0, 60));
  t.Read();
  t.files.Append("/logs/app.log.1.gz", testing::Pack(Packing::kGzip, t.files.Content(kApp)));
  t.ReadAfter(seconds(3));
  const uint64_t inode = t.files.InodeOf("/logs/app.log.1.gz");
  t.files.Rename(kApp, kOld);
  t.files.Unlink("/logs/app.log.1.gz");
  t.files.Append(kApp, "new\n");
  REQUIRE(t.files.InodeOf(kApp) == inode);
  CHECK(t.Read() == Strings{"new\n"});
}

TEST_CASE("Rotation: a file that comes back to its path is followed on") {
  Following t;
  t.files.Rename(kApp, "/elsewhere");
  t.Read();
  t.ReadAfter(seconds(30));
  t.files.Rename("/elsewhere", kApp);
  t.ReadAfter(seconds(120));
  CHECK(t.listener.Take().empty());
  t.files.Append(kApp, "one\n");
  CHECK(t.Read() == Strings{"one\n"});
}

TEST_CASE("Rotation: a retargeted symbolic link is a rotation") {
  Following t({.patterns = {"/logs/current"}});
  t.files.Append("/logs/a", "old\n");
  t.files.Symlink("/logs/a", "/logs/current");
  CHECK(t.Read() == Strings{"old\n"});
  t.files.Append("/logs/a", "one\n");
  t.files.Append("/logs/b", "two\n");
  t.files.Symlink("/logs/b", "/logs/current");
  CHECK(t.Read() == Strings{"one\n", "two\n"});
}

TEST_CASE("Rotation: when nothing may be read for long, Look opens what comes and goes") {
  Following t;
  for (int i = 1; i <= 5; ++i) {
    t.files.Append(kApp, "generation " + std::to_string(i) + "\n");
    t.files.Rename(kApp, "/logs/app.log." + std::to_string(i));
    t.files.Append(kApp, "");
    t.tailer->Look();
    t.clock.Advance(seconds(3600));
  }
  CHECK(t.files.open_files() == 6);
  CHECK(t.Read().size() == 5);
  CHECK(t.ReadAfter(seconds(60)).empty());
  CHECK(t.files.open_files() == 1);
}

TEST_CASE("Truncation: the file is read from its beginning, under another key") {
  Following t;
  t.files.Truncate(kApp);
  CHECK(t.Read().empty());
  t.files.Append(kApp, "one\n");
  CHECK(t.Read() == Strings{"one\n"});
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 0", "closed /logs/app.log at 4: truncated"});
  CHECK(t.listener.opened()[0].file != t.listener.opened()[1].file);
  CHECK(t.watcher->watched_files() == 1);
  CHECK(t.log.text() == "hctail: '/logs/app.log' was truncated: reading it from the beginning\n");
}

TEST_CASE("Truncation: a file that has grown beyond the offset again is noticed") {
  Following t;
  t.files.CopyTruncate(kApp, kOld);
  t.files.Append(kApp, "one\ntwo\nthree\n");
  CHECK(t.Read() == Strings{"one\n", "two\n", "three\n"});
}

TEST_CASE("Truncation: the copy of a short file is found when much was written since") {
  for (const char* since : {"1\n", "new\n", "one\ntwo\nthree\n"}) {
    Following t;
    t.files.Append(kApp, "last\n");
    t.files.CopyTruncate(kApp, kOld);
    t.files.Append(kApp, since);
    // Its path is looked at before it is read.
    t.ReadAfter(std::chrono::seconds(10));
    CHECK_MESSAGE(t.listener.opened().size() == 2, since);
    CHECK(t.log.text().find("the rest of what it held from '/logs/app.log.1'") !=
          std::string::npos);
  }
}

TEST_CASE("Truncation: of an old file, too") {
  Following t;
  t.files.Rename(kApp, kOld);
  t.Read();
  t.files.Truncate(kOld);
  t.files.Append(kOld, "one\n");
  CHECK(t.Read() == Strings{"one\n"});
  t.ReadAfter(seconds(60));
  CHECK(t.files.open_files() == 0);
}

TEST_CASE("Truncation: before anything was read, the new content is what is recognised") {
  Tailing t;
  t.files.Append("/logs/x", "");
  t.ReadAfter(seconds(1));
  t.files.Append(kApp, "one\ntwo\nthree\n");
  t.tailer->Look();  // opened, not read
  t.files.Truncate(kApp);
  t.files.Append(kApp, "four\n");
  CHECK(t.Read() == Strings{"four\n"});
  CHECK(t.listener.opened().back().identity == t.Saved(kApp, 5).identity);
}

TEST_CASE("Truncation: several times in a row") {
  Following t;
  for (int i = 0; i < 5; ++i) {
    const std::string line = std::to_string(i) + "\n";
    t.files.Truncate(kApp);
    if (i % 2 == 0) t.Read();
    t.files.Append(kApp, line);
    CHECK(t.Read() == Strings{line});
  }
}

// --- While it does not ---

TEST_CASE("Restart: the same file goes on where it was settled") {
  Following t;
  t.files.Append(kApp, "one\ntwo\n");
  t.Restart({t.Saved(kApp, 8, 3)});
  CHECK(t.Read() == Strings{"two\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 8 as saved 3"});
}

TEST_CASE("Restart: a file that was rotated away is found beside its path and read to its end") {
  Following t;
  t.files.Append(kApp, "one\n");
  t.Restart({t.Saved(kApp, 4, 3)});
  t.files.Rename(kApp, kOld);
  t.files.Append(kOld, "two\n");
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"one\n", "two\n", "new\n"});
  // Under its old path: the next restart looks for it in the same way.
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 4 as saved 3", "opened /logs/app.log at 0"});
  t.files.Append(kOld, "late\n");
  CHECK(t.Read() == Strings{"late\n"});
  t.ReadAfter(seconds(60));
  CHECK(t.listener.Take() == Strings{"closed /logs/app.log at 17: rotated away"});
}

TEST_CASE("Restart: a rotated file that matches the pattern goes on under its new name") {
  Following t({.patterns = {"/logs/app.log*"}});
  t.files.Append(kApp, "one\n");
  t.Restart({t.Saved(kApp, 4, 3)});
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"one\n", "new\n"});
}

TEST_CASE("Restart: a truncated file is read from its beginning") {
  Following t;
  const SavedFile saved = t.Saved(kApp, 4, 3);
  SUBCASE("shorter") { t.files.Rewrite(kApp, "a\n"); }
  SUBCASE("and grown again") { t.files.Rewrite(kApp, "a\nbcdefghi\n"); }
  t.Restart({saved});
  CHECK(t.Read().front() == "a\n");
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 0", "gone: saved 3, /logs/app.log at 4"});
}

TEST_CASE("Restart: what copytruncate copied while it was down is read from the copy") {
  for (const bool copy_matches : {false, true}) {
    Tailing t({.patterns = {copy_matches ? "/logs/app.log*" : kApp}});
    t.files.Append(kApp, Many('a', 0, 60));
    t.options.saved = {t.Saved(kApp, 1250, 3)};
    t.files.CopyTruncate(kApp, kOld);
    t.files.Append(kApp, "new\n");
    const Strings lines = t.Read();
    REQUIRE(lines.size() == 11);
    CHECK(lines[0] == Many('a', 50, 51));
    CHECK(lines.back() == "new\n");
    CHECK(t.listener.Take()[0].ends_with("at 1250 as saved 3"));
  }
}

TEST_CASE("Restart: another file with the saved inode is read from its beginning") {
  Following t;
  const SavedFile saved = t.Saved(kApp, 4, 3);
  t.Restart({saved});
  t.files.DropOpenFiles();
  t.files.Unlink(kApp);
  t.files.Append(kApp, "new\nlines\n");
  REQUIRE(t.files.InodeOf(kApp) == saved.identity.inode);
  CHECK(t.Read() == Strings{"new\n", "lines\n"});
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 0", "gone: saved 3, /logs/app.log at 4"});
}

TEST_CASE("Restart: content that moved to another inode goes on where it was settled") {
  Tailing t;
  t.files.Append(kApp, Many('a', 0, 60));
  t.options.saved = {t.Saved(kApp, 1250, 3)};
  t.files.Append("/logs/restored", Many('a', 0, 70));
  t.files.Rename("/logs/restored", kApp);
  CHECK(t.Read().front() == Many('a', 50, 51));
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 1250 as saved 3"});
}

TEST_CASE("Restart: of two entries with one inode the newer counts and the older is gone") {
  Following t;
  const SavedFile older = t.Saved(kApp, 4, 3);
  t.files.Rewrite(kApp, "one\ntwo\nthree\n");
  t.Restart({older, t.Saved(kApp, 4, 4)});
  CHECK(t.Read() == Strings{"two\n", "three\n"});
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 4 as saved 4", "gone: saved 3, /logs/app.log at 4"});
}

TEST_CASE("Restart: a file that was reported gone is known again if it comes back") {
  Following t;
  const SavedFile saved = t.Saved(kApp, 4, 3);
  t.Restart({saved});
  t.files.Rename(kApp, "/elsewhere");
  t.files.Append(kApp, "new\n");
  CHECK(t.Read() == Strings{"new\n"});
  CHECK(t.listener.Take() ==
        Strings{"opened /logs/app.log at 0", "gone: saved 3, /logs/app.log at 4"});
  t.files.Rename("/elsewhere", kApp);
  t.Read();
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 4 as saved 3"});
}

TEST_CASE("Restart: a file that is missing at first is recognised when it appears") {
  Following t;
  t.files.Append(kApp, "one\n");
  t.Restart({t.Saved(kApp, 4, 3)});
  t.files.Rename(kApp, "/elsewhere");
  CHECK(t.ReadAfter(seconds(5)).empty());
  CHECK(t.listener.Take().empty());
  t.files.Rename("/elsewhere", kApp);
  CHECK(t.Read() == Strings{"one\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 4 as saved 3"});
}

TEST_CASE("Restart: positions of files that are not asked for are left alone") {
  Tailing t({.patterns = {kApp, "/logs/*.txt"}, .exclude = {"/logs/secret.txt"}});
  t.files.Append("/logs/other.log", "one\n");
  t.files.Append("/logs/secret.txt", "one\n");
  t.options.saved = {t.Saved("/logs/other.log", 0, 3), t.Saved("/logs/secret.txt", 0, 4)};
  CHECK(t.ReadAfter(seconds(60)).empty());
  CHECK(t.listener.Take().empty());
}

TEST_CASE("Restart: the file that was being drained when it was killed is drained again") {
  Following t;
  t.files.Append(kApp, "one\n");
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  SavedFile old = t.Saved(kOld, 4, 3);
  old.path = kApp;  // as it was opened
  for (int kills = 0; kills < 3; ++kills) {
    t.Restart({old, t.Saved(kApp, 4, 4)});
    CHECK(t.Read() == Strings{"one\n"});
    CHECK(t.listener.Take() ==
          Strings{"opened /logs/app.log at 4 as saved 3", "opened /logs/app.log at 4 as saved 4"});
    old.path = t.listener.opened().front().path;
  }
}

}  // namespace
}  // namespace hctail
