// SPDX-License-Identifier: Apache-2.0
#include "tail/saved_positions.h"

#include <doctest/doctest.h>

#include "base/check.h"
#include "base/fingerprint.h"
#include "tests/testing/pack.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using testing::Tailing;

// More than a head hash covers.
std::string Lines(char first, size_t lines = 100) {
  std::string text;
  for (size_t i = 0; i < lines; ++i) text += first + std::to_string(i) + " abcdefghijkl\n";
  return text;
}

SavedPositions::Claimed ClaimOf(Tailing& t, SavedPositions* saved, const std::string& path,
                                bool settled = true) {
  auto log = OpenLog(t.files, path);
  HC_CHECK(log.has_value());
  FileIdentity identity;
  HashHeadOf(*log->file, kHeadLimit, &identity);
  return saved->Claim(*log, identity, path, [settled](FileKey) { return settled; });
}

uint64_t Claim(Tailing& t, SavedPositions* saved, const std::string& path) {
  return ClaimOf(t, saved, path).saved.id;
}

TEST_CASE("StillHolds: head, bytes before the offset and length must be as they were") {
  Tailing t;
  t.files.Append("/logs/app.log", "one\ntwo\nthree\n");
  const SavedFile saved = t.Saved("/logs/app.log", 8);
  const auto holds = [&] { return StillHolds(**t.files.Open("/logs/app.log"), saved); };
  CHECK(holds() == Holds::kYes);
  t.files.Append("/logs/app.log", "four\n");
  CHECK(holds() == Holds::kYes);
  t.files.Truncate("/logs/app.log", 7);
  CHECK(holds() == Holds::kNo);
  t.files.Rewrite("/logs/app.log", "one\nTWO\nthree\n");
  CHECK(holds() == Holds::kNo);
  t.files.Rewrite("/logs/app.log", "one\ntwo\nthree\n");
  t.files.FailRead("/logs/app.log", 5);
  CHECK(holds() == Holds::kNo);
}

TEST_CASE("StillHolds: a position without any hash is only believed at the beginning") {
  Tailing t;
  t.files.Append("/logs/app.log", "one\n");
  SavedFile saved = t.Saved("/logs/app.log", 4);
  saved.identity.head_length = 0;
  saved.identity.head_hash = HashBytes("");
  saved.tail_length = 0;
  CHECK(StillHolds(**t.files.Open("/logs/app.log"), saved) == Holds::kNo);
  saved.offset = 0;
  CHECK(StillHolds(**t.files.Open("/logs/app.log"), saved) == Holds::kYes);
}

TEST_CASE("SavedPositions: a file claims the position of its inode, once") {
  Tailing t;
  t.files.Append("/logs/app.log", "one\ntwo\n");
  SavedPositions saved(t.files, {t.Saved("/logs/app.log", 4, 5)});
  CHECK(Claim(t, &saved, "/logs/app.log") == 5);
  CHECK(saved.unclaimed().empty());
  CHECK(Claim(t, &saved, "/logs/app.log") == 0);
}

TEST_CASE("SavedPositions: of two positions of one inode the newest that holds is claimed") {
  Tailing t;
  t.files.Append("/logs/app.log", "one\ntwo\n");
  const SavedFile old = t.Saved("/logs/app.log", 8, 1);
  SavedFile other_content = t.Saved("/logs/app.log", 8, 3);
  other_content.tail_hash ^= 1;
  SavedPositions saved(t.files, {old, t.Saved("/logs/app.log", 0, 2), other_content});
  CHECK(Claim(t, &saved, "/logs/app.log") == 2);
}

TEST_CASE("SavedPositions: long content is known under another inode") {
  Tailing t;
  t.files.Append("/logs/a.log", Lines('a'));
  SavedPositions saved(t.files, {t.Saved("/logs/a.log", 1500, 1)});
  t.files.Append("/logs/copy.log", Lines('a'));
  SUBCASE("but not while the saved file stands where it was: then that is a copy") {
    CHECK(Claim(t, &saved, "/logs/copy.log") == 0);
  }
  SUBCASE("once the saved file is gone") {
    t.files.Unlink("/logs/a.log");
    CHECK(Claim(t, &saved, "/logs/copy.log") == 1);
  }
  SUBCASE("once the saved file was truncated: this is what copytruncate copied") {
    t.files.Truncate("/logs/a.log");
    CHECK(Claim(t, &saved, "/logs/copy.log") == 1);
  }
}

TEST_CASE("SavedPositions: a short banner does not make two files one") {
  Tailing t;
  t.files.Append("/logs/a.log", "Starting the server\n");
  SavedPositions saved(t.files, {t.Saved("/logs/a.log", 20)});
  t.files.Append("/logs/b.log", "Starting the server\nnews\n");
  t.files.Unlink("/logs/a.log");
  CHECK(Claim(t, &saved, "/logs/b.log") == 0);
}

TEST_CASE("SavedPositions: two files with the same head are told apart by inode") {
  Tailing t;
  t.files.Append("/logs/a.log", Lines('x'));
  t.files.Append("/logs/b.log", Lines('x'));
  SavedPositions saved(t.files, {t.Saved("/logs/a.log", 1500, 1), t.Saved("/logs/b.log", 1600, 2)});
  CHECK(Claim(t, &saved, "/logs/b.log") == 2);
  CHECK(Claim(t, &saved, "/logs/a.log") == 1);
}

TEST_CASE("SavedPositions: inodes that were dealt out anew do not hide the content") {
  Tailing t;
  t.files.Append("/logs/a.log", Lines('a'));
  t.files.Append("/logs/b.log", Lines('b'));
  SavedPositions saved(t.files, {t.Saved("/logs/a.log", 1500, 1), t.Saved("/logs/b.log", 1600, 2)});
  t.files.Rewrite("/logs/a.log", Lines('b'));
  t.files.Rewrite("/logs/b.log", Lines('a'));
  CHECK(Claim(t, &saved, "/logs/a.log") == 2);
  CHECK(Claim(t, &saved, "/logs/b.log") == 1);
}

TEST_CASE("SavedPositions: a sibling is found as inode before it is found as content") {
  Tailing t;
  t.files.Append("/logs/app.log", Lines('a'));
  const SavedFile at = t.Saved("/logs/app.log", 1500);
  SavedPositions saved(t.files, {at});
  t.files.Append("/logs/app.log.0", Lines('a'));  // a copy, earlier in the alphabet
  t.files.Rename("/logs/app.log", "/logs/app.log.1");
  const auto none = [](const FileStat&) { return false; };
  const auto found = saved.OpenSibling(at, none);
  REQUIRE(found);
  CHECK(found->log.stat.inode == t.files.InodeOf("/logs/app.log.1"));
  const auto other = saved.OpenSibling(
      at, [&](const FileStat& stat) { return stat.inode == found->log.stat.inode; });
  REQUIRE(other);
  CHECK(other->log.stat.inode == t.files.InodeOf("/logs/app.log.0"));
}

TEST_CASE("SavedPositions: a closed file is known again, packed or not, once it is settled") {
  Tailing t;
  const std::string text = Lines('a', 1000);
  const std::string packed = testing::Pack(Packing::kGzip, text);
  t.files.Append("/logs/app.log.1", text);
  t.files.Append("/logs/app.log.1.gz", packed);
  SavedPositions saved(t.files, {});
  saved.AddClosed(t.Saved("/logs/app.log.1", text.size(), 9), /*key=*/4);
  CHECK(saved.unclaimed().empty());
  CHECK(ClaimOf(t, &saved, "/logs/app.log.1.gz", /*settled=*/false).holds == Holds::kNotYet);
  const auto claimed = ClaimOf(t, &saved, "/logs/app.log.1.gz");
  CHECK(claimed.holds == Holds::kYes);
  CHECK(claimed.key == 4);
  CHECK(claimed.saved.offset == text.size());
  CHECK(ClaimOf(t, &saved, "/logs/app.log.1.gz").holds == Holds::kNo);
}

TEST_CASE("SavedPositions: a packed file that is not whole yet may turn out to be known") {
  Tailing t;
  const std::string text = Lines('a', 5000);
  const std::string packed = testing::Pack(Packing::kZstd, text);
  t.files.Append("/logs/app.log.1", text);
  t.files.Append("/logs/app.log.1.zst", packed.substr(0, packed.size() / 2));
  SavedPositions saved(t.files, {});
  saved.AddClosed(t.Saved("/logs/app.log.1", text.size(), 9), /*key=*/4);
  CHECK(ClaimOf(t, &saved, "/logs/app.log.1.zst").holds == Holds::kNotYet);
  t.files.Append("/logs/app.log.1.zst", packed.substr(packed.size() / 2));
  CHECK(ClaimOf(t, &saved, "/logs/app.log.1.zst").holds == Holds::kYes);
}

TEST_CASE(
    "SavedPositions: a short file is known packed if all of it is there, by a name of its family") {
  Tailing t;
  t.files.Append("/logs/app.log.1", "one\ntwo\n");
  t.files.Append("/logs/app.log.2.gz", testing::Pack(Packing::kGzip, "one\ntwo\n"));
  t.files.Append("/logs/app.log.3.gz", testing::Pack(Packing::kGzip, "one\ntwo\nthree\n"));
  t.files.Append("/logs/other.log.gz", testing::Pack(Packing::kGzip, "one\ntwo\n"));
  SavedPositions saved(t.files, {});
  saved.AddClosed(t.Saved("/logs/app.log.1", 8, 9), /*key=*/4);
  CHECK(ClaimOf(t, &saved, "/logs/app.log.3.gz").holds == Holds::kNo);
  CHECK(ClaimOf(t, &saved, "/logs/other.log.gz").holds == Holds::kNo);
  CHECK(ClaimOf(t, &saved, "/logs/app.log.2.gz").holds == Holds::kYes);
}

}  // namespace
}  // namespace hctail
