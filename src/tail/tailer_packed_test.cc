// SPDX-License-Identifier: Apache-2.0
// Packed files whose content is known, and how far they have to be unpacked to see that.
#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>

#include "tail/tailer.h"
#include "tests/testing/pack.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using std::chrono::seconds;
using testing::Strings;
using testing::Tailing;

const std::string kApp = "/logs/app.log";
const std::string kPacked = "/logs/app.log.1.gz";
constexpr size_t kLine = 25;

std::string Many(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(1'000'000 + i) + " abcdefghijklmnop\n";
  return text;
}

// app.log, in which nothing is new, and app.log.1.gz, which holds `lines`, of which `read` ones
// were read.
struct Packed : Tailing {
  Packed(int lines, int read) : Tailing({.patterns = {"/logs/app.log*"}, .unpack_step = 1000}) {
    files.Append(kApp, Many(lines));
    saved = Saved(kApp, kLine * static_cast<size_t>(read));
    saved.gone = true;
    files.Append(kPacked, testing::Pack(Packing::kGzip, files.Content(kApp)));
    files.Unlink(kApp);
    files.Append("/logs/other", "");  // takes the number of the inode
    files.Append(kApp, "old\n");
  }
  // They were read when it was packed, not before.
  void SavedAsPacked() {
    saved.path = kPacked;
    saved.identity.inode = files.InodeOf(kPacked);
    saved.gone = false;
  }
  void Start() { Restart({saved, Saved(kApp, 4, 2)}); }

  SavedFile saved;
};

TEST_CASE("Packed: one that was read to its end is not unpacked again") {
  Packed t(1000, 1000);
  t.SavedAsPacked();
  t.saved.whole = t.files.Stat(kPacked)->modified;
  SUBCASE("if it has not changed") {
    t.files.FailRead(kPacked, EIO, 2000);  // far beyond its head
    t.Start();
    CHECK(t.Read().empty());
    CHECK(t.ReadAfter(seconds(100)).empty());
    CHECK(t.listener.Take() ==
          Strings{"opened /logs/app.log at 4 as saved 2", "packed: saved 1 as /logs/app.log.1.gz"});
    CHECK(t.log.text().empty());
  }
  SUBCASE("but if it has grown what is new is read") {
    t.files.Append(kPacked, testing::Pack(Packing::kGzip, "new\n"));
    t.Start();
    CHECK(t.ReadAfter(seconds(1)) == Strings{"new\n"});
  }
}

TEST_CASE("Packed: while it is compared with what is known, other files are read") {
  Packed t(1000, 900);
  t.SavedAsPacked();
  t.Start();
  CHECK(t.ReadOnce().empty());
  t.files.Append(kApp, "new\n");
  Strings lines;
  for (int reads = 0; lines.empty(); ++reads) {
    REQUIRE(reads < 10);
    lines = t.ReadOnce();
  }
  CHECK(lines == Strings{"new\n"});
  lines = t.ReadAfter(seconds(1));
  REQUIRE(lines.size() == 100);
  CHECK(lines.front() == "1000900 abcdefghijklmnop\n");
}

TEST_CASE("Packed: one after another is compared, also while one of them is still written") {
  Packed t(1000, 1000);
  const std::string all = t.files.Content(kPacked);
  t.files.Truncate(kPacked, all.size() / 2);
  t.files.Append("/logs/app.log.2", "#" + Many(1000));
  SavedFile other = t.Saved("/logs/app.log.2", 1 + kLine * 999, 3);
  other.gone = true;
  t.files.Append("/logs/app.log.2.gz",
                 testing::Pack(Packing::kGzip, t.files.Content("/logs/app.log.2")));
  t.files.Unlink("/logs/app.log.2");
  t.Restart({t.saved, t.Saved(kApp, 4, 2), other});
  CHECK(t.ReadAfter(seconds(1)) == Strings{"1000999 abcdefghijklmnop\n"});
  CHECK(t.log.text() == "");
  t.files.Append(kPacked, std::string_view(all).substr(all.size() / 2));
  CHECK(t.ReadAfter(seconds(30)).empty());
  CHECK(t.log.text() == "hctail: '/logs/app.log.1.gz' holds what was read from '/logs/app.log'\n");
}

TEST_CASE("Packed: a copy of a file that is still read is told, for late lines hide whose it is") {
  testing::Following t({.patterns = {"/logs/app.log*"}});
  t.files.Append(kApp, Many(100));
  t.Read();
  const std::string old = "/logs/app.log.1";
  t.files.Rename(kApp, old);
  testing::FakeFileSystem::Writer logger(t.files, old);
  t.files.Append(kPacked, testing::Pack(Packing::kGzip, t.files.Content(old)));
  t.files.Unlink(old);
  CHECK(t.ReadAfter(seconds(2)).empty());
  CHECK(t.listener.Take() == Strings{"copy of /logs/app.log to 2504: /logs/app.log.1.gz"});
  logger.Append("late\n");
  CHECK(t.ReadAfter(seconds(2)) == Strings{"late\n"});
}

TEST_CASE("Packed: a file that was empty when it was opened") {
  Tailing t({.patterns = {"/logs/*"}});
  t.files.MakeDirectory("/logs");
  t.files.Append("/logs/archive", "");
  CHECK(t.Read().empty());
  t.files.Append("/logs/archive", testing::Pack(Packing::kGzip, "one\n"));
  CHECK(t.ReadAfter(seconds(1)) == Strings{"one\n"});
}

}  // namespace
}  // namespace hctail
