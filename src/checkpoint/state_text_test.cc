// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/state_text.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <limits>

#include "checkpoint/number_text.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;

constexpr int64_t kNow = 1'709'618'828;

SavedFile Saved() {
  return {.id = 1,
          .path = "/var/log/app.log",
          .identity = {.device = 1, .inode = 10, .head_length = 1024, .head_hash = 77},
          .offset = 1'234'567,
          .tail_length = 64,
          .tail_hash = 88,
          .updated = kNow - 12};
}

// The file as it was when `saved` was saved, grown to `size`.
Probe Unchanged(const SavedFile& saved, uint64_t size = 2'000'000) {
  Probe probe;
  probe.device = saved.identity.device;
  probe.inode = saved.identity.inode;
  probe.size = size;
  probe.head = {saved.identity.head_length, saved.identity.head_hash};
  probe.tail = saved.tail_hash;
  return probe;
}

TEST_CASE("WithCommas and Counted: as people read numbers") {
  CHECK(WithCommas(0) == "0");
  CHECK(WithCommas(999) == "999");
  CHECK(WithCommas(1000) == "1,000");
  CHECK(WithCommas(123456) == "123,456");
  CHECK(WithCommas(UINT64_MAX) == "18,446,744,073,709,551,615");
  CHECK(Counted(1, "byte") == "1 byte");
  CHECK(Counted(0, "byte") == "0 bytes");
  CHECK(Counted(1234, "byte") == "1,234 bytes");
}

TEST_CASE("DescribePosition: the same file resumes where it was") {
  const SavedFile saved = Saved();
  CHECK(DescribePosition(saved, Unchanged(saved), kNow) ==
        "resumes at byte 1,234,567 of 2,000,000 (765,433 bytes to send), saved 12 s ago");
  CHECK(DescribePosition(saved, Unchanged(saved, 1'234'568), kNow) ==
        "resumes at byte 1,234,567 of 1,234,568 (1 byte to send), saved 12 s ago");
  CHECK(DescribePosition(saved, Unchanged(saved, 1'234'567), kNow) ==
        "resumes at byte 1,234,567 of 1,234,567 (all of it is settled), saved 12 s ago");
}

TEST_CASE("DescribePosition: a file that was empty when it was saved is known by its inode") {
  SavedFile saved = Saved();
  saved.identity.head_length = 0;
  saved.offset = saved.tail_length = 0;
  CHECK(DescribePosition(saved, Unchanged(saved, 0), kNow) == "the file is empty, saved 12 s ago");
  Probe grown = Unchanged(saved, 10);
  grown.head = {10, 5};
  CHECK(DescribePosition(saved, grown, kNow) ==
        "resumes at byte 0 of 10 (10 bytes to send), saved 12 s ago");
  grown.inode = 11;
  CHECK(DescribePosition(saved, grown, kNow) ==
        "rotated: another file is at this path now; the one before was settled up to byte 0, "
        "saved 12 s ago");
}

TEST_CASE("DescribePosition: gone, unreadable, rotated, truncated, rewritten, restored") {
  const SavedFile saved = Saved();
  Probe probe;
  probe.error = ENOENT;
  CHECK(DescribePosition(saved, probe, kNow) ==
        "the file is gone: it was settled up to byte 1,234,567, and whether it held more is "
        "unknown, saved 12 s ago");
  probe.error = EACCES;
  CHECK(DescribePosition(saved, probe, kNow) ==
        "the file cannot be read: permission denied; it was settled up to byte 1,234,567, saved "
        "12 s ago");

  const std::string rotated =
      "rotated: another file is at this path now; the one before was settled up to byte "
      "1,234,567, saved 12 s ago";
  probe = Unchanged(saved);
  probe.inode = 11;
  probe.head.hash = 78;
  CHECK(DescribePosition(saved, probe, kNow) == rotated);
  probe.head.hash = 77;  // the same header line, other content
  probe.tail = 89;
  CHECK(DescribePosition(saved, probe, kNow) == rotated);
  probe.regular = false;
  CHECK(DescribePosition(saved, probe, kNow) == rotated);

  probe = Unchanged(saved, 100);
  probe.tail.reset();
  CHECK(DescribePosition(saved, probe, kNow) ==
        "truncated: it has 100 bytes, fewer than the saved position 1,234,567: it will be read "
        "from the beginning, saved 12 s ago");
  probe = Unchanged(saved);
  probe.tail = 89;
  CHECK(DescribePosition(saved, probe, kNow) ==
        "rewritten: what it held before the saved position 1,234,567 has changed: it will be read "
        "from the beginning, saved 12 s ago");

  probe = Unchanged(saved);
  probe.inode = 11;
  CHECK(DescribePosition(saved, probe, kNow) ==
        "resumes at byte 1,234,567 of 2,000,000 (765,433 bytes to send), known by its content "
        "under a new inode, saved 12 s ago");
}

TEST_CASE("DescribePosition: ages in words, and clocks that were set back") {
  const struct {
    int64_t ago;
    const char* words;
  } kCases[] = {
      {0, "saved 0 s ago"},
      {119, "saved 119 s ago"},
      {120, "saved 2 min ago"},
      {7199, "saved 119 min ago"},
      {7200, "saved 2 h ago"},
      {172800, "saved 2 days ago"},
      {-1, "saved in the future (was the clock set back?)"},
      {-1'000'000'000'000, "saved in the future (was the clock set back?)"},
  };
  SavedFile saved = Saved();
  for (const auto& each : kCases) {
    saved.updated = kNow - each.ago;
    const std::string text = DescribePosition(saved, Unchanged(saved), kNow);
    CHECK(text.substr(text.find("saved")) == each.words);
  }
  saved.updated = std::numeric_limits<int64_t>::min();
  CHECK_FALSE(DescribePosition(saved, Unchanged(saved), kNow).empty());
}

TEST_CASE("DescribeState: an entry is its path and one line; none is said as well") {
  const TempDir dir;
  std::vector<std::string> warnings;
  auto opened = CheckpointFile::Open(dir.path(), CheckpointFile::Access::kExclusive, &warnings);
  REQUIRE(opened.has_value());
  CheckpointFile& checkpoint = **opened;
  CHECK(DescribeState(checkpoint, kNow) == "nothing is saved in '" + dir.path() + "'\n");

  SavedFile saved = Saved();
  Status written;
  checkpoint.Add(saved, &written);
  saved.path = "/var/log/a\nb.log";
  checkpoint.Add(saved, &written);
  const auto probe = [](const SavedFile& file) { return Unchanged(file); };
  CHECK(DescribeState(checkpoint, kNow, +probe) ==
        "/var/log/a\\x0ab.log\n"
        "  resumes at byte 1,234,567 of 2,000,000 (765,433 bytes to send), saved 12 s ago\n"
        "/var/log/app.log\n"
        "  resumes at byte 1,234,567 of 2,000,000 (765,433 bytes to send), saved 12 s ago\n");
  CHECK(DescribeState(checkpoint, kNow).find("  the file is gone: ") != std::string::npos);
}

}  // namespace
}  // namespace hctail
