// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_format.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/fingerprint.h"

namespace hctail {
namespace {

SavedFile Example() {
  return {.id = 3,
          .path = "/var/log/app.log",
          .identity = {.device = 2049, .inode = 131, .head_length = 1024, .head_hash = 0xabc},
          .offset = 1234567,
          .tail_length = 64,
          .tail_hash = 0x89abcdef01234567,
          .updated = 1709618828};
}

std::string Sealed(std::string_view line) {
  return fmt::format("{} {:016x}\n", line, HashBytes(line));
}

const std::string kHead = Sealed("hctail checkpoint 1 7");

// The file lines that `positions` would be written as.
std::string Lines(const Positions& positions) {
  std::string lines;
  for (const auto& [id, file] : positions.files) AppendFile(file, &lines);
  return lines;
}

TEST_CASE("checkpoint format: lines look as documented") {
  std::string text;
  AppendHeader(TextKind::kSnapshot, 7, &text);
  AppendHeader(TextKind::kLog, 7, &text);
  AppendFile(Example(), &text);
  AppendAdvance(Example(), &text);
  AppendForget(3, &text);
  AppendEnd(1, 4, &text);
  CHECK(text == Sealed("hctail checkpoint 1 7") + Sealed("hctail log 1 7") +
                    Sealed("file 3 offset=1234567 tail=64:89abcdef01234567 saved=1709618828 "
                           "device=2049 inode=131 head=1024:0000000000000abc "
                           "gone=0 state= path=/var/log/app.log") +
                    Sealed("advance 3 offset=1234567 tail=64:89abcdef01234567 saved=1709618828") +
                    Sealed("forget 3") + Sealed("end 1 next=4"));
}

TEST_CASE("checkpoint format: gaps and whole packed files have fields that others have not") {
  SavedFile file = Example();
  file.gap_since = 1709618000;
  file.whole = 1709618000123456789;
  file.backfill = true;
  std::string text = kHead;
  AppendFile(file, &text);
  CHECK(text.find(" gone=0 since=1709618000 whole=1709618000123456789 backfill=1 state= path=") !=
        std::string::npos);
  Positions positions;
  CHECK(Replay(text, &positions).damaged == 0);
  CHECK(positions.files.at(3).gap_since == 1709618000);
  CHECK(positions.files.at(3).whole == 1709618000123456789);
  CHECK(positions.files.at(3).backfill);
  CHECK(Lines(positions) == text.substr(kHead.size()));
}

TEST_CASE("checkpoint format: a path may hold any byte, and a line stays a line") {
  std::string path;
  for (int byte = 1; byte < 256; ++byte) path += static_cast<char>(byte);
  for (const std::string& each : {path, std::string("/a b\n\\x41 "), std::string()}) {
    CAPTURE(each);
    SavedFile file = Example();
    file.path = each;
    std::string text = kHead;
    AppendFile(file, &text);
    CHECK(std::ranges::count(text, '\n') == 2);
    Positions positions;
    CHECK(Replay(text, &positions).damaged == 0);
    REQUIRE(positions.files.contains(3));
    CHECK(positions.files.at(3).path == each);
    CHECK(Lines(positions) == text.substr(kHead.size()));
  }
  CHECK(EscapePath("/a\n\x7f\\b") == "/a\\x0a\\x7f\\\\b");
}

TEST_CASE("checkpoint format: the largest and the smallest numbers come back") {
  SavedFile file = Example();
  file.id = kLargestId;
  file.offset = file.tail_hash = file.identity.device = file.identity.inode = UINT64_MAX;
  file.identity.head_hash = UINT64_MAX;
  for (const int64_t updated : {INT64_MIN, int64_t{-1}, INT64_MAX}) {
    file.updated = updated;
    std::string text = kHead;
    AppendFile(file, &text);
    Positions positions;
    CHECK(Replay(text, &positions).damaged == 0);
    CHECK(kHead + Lines(positions) == text);
  }
}

TEST_CASE("checkpoint format: later lines replace, move and remove earlier ones") {
  SavedFile moved = Example();
  moved.offset = 5;
  moved.path = "/ignored by advance";
  std::string text = kHead;
  AppendFile(Example(), &text);
  AppendAdvance(moved, &text);
  Positions positions;
  CHECK(Replay(text, &positions).damaged == 0);
  CHECK(positions.files.at(3).offset == 5);
  CHECK(positions.files.at(3).path == "/var/log/app.log");
  AppendForget(3, &text);
  Replay(text, &positions);
  CHECK(positions.files.empty());
  CHECK(positions.next_id == 4);
}

TEST_CASE("checkpoint format: every flipped bit of a line is noticed, and only that line is lost") {
  std::string line;
  AppendFile(Example(), &line);
  SavedFile second = Example();
  second.id = 4;
  std::string after;
  AppendFile(second, &after);
  for (size_t bit = 0; bit < (line.size() - 1) * 8; ++bit) {
    CAPTURE(bit);
    std::string flipped = line;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    Positions positions;
    const Replayed replayed = Replay(fmt::format("{}{}{}", kHead, flipped, after), &positions);
    // Upper-case digits of the checksum are the one harmless change.
    if (positions.files.contains(3)) {
      CHECK(Lines(positions) == line + after);
      continue;
    }
    CHECK(replayed.damaged >= 1);
    CHECK(replayed.first_damaged == 2);
    CHECK(Lines(positions) == after);
  }
}

TEST_CASE("checkpoint format: a text is whole only with a right end line, and nothing after it") {
  std::string file;
  AppendFile(Example(), &file);
  const std::string end = Sealed("end 1 next=9");
  const struct {
    const char* what;
    std::string text;
    bool ended;
    uint64_t damaged;
  } kCases[] = {
      {"whole", kHead + file + end, true, 0},
      {"no end", kHead + file, false, 0},
      {"torn end", kHead + file + end.substr(0, 5), false, 0},
      {"end without newline", kHead + file + end.substr(0, end.size() - 1), false, 0},
      {"a line after the end", kHead + file + end + file, false, 0},
      {"bytes after the end", kHead + file + end + "x", false, 0},
      {"zeros after the end", kHead + file + end + std::string(3, '\0'), false, 1},
      {"a file too few", kHead + end, false, 1},
      {"nothing", "", false, 0},
  };
  for (const auto& each : kCases) {
    CAPTURE(each.what);
    Positions positions;
    const Replayed replayed = Replay(each.text, &positions);
    CHECK(replayed.ended == each.ended);
    CHECK(replayed.damaged == each.damaged);
  }
  Positions positions;
  Replay(kHead + file + end, &positions);
  CHECK(positions.next_id == 9);
}

TEST_CASE("checkpoint format: sealed lines that make no sense are damage too") {
  for (const char* line : {
           "",
           "file",
           "hello",
           "file 0 offset=1 tail=0:0 saved=0 device=1 inode=1 head=0:0 path=/a",
           "file 1 offset=-1 tail=0:0 saved=0 device=1 inode=1 head=0:0 path=/a",
           "file 1 offset=99999999999999999999 tail=0:0 saved=0 device=1 inode=1 head=0:0 path=/a",
           "file 1 offset=1 tail=65:0 saved=0 device=1 inode=1 head=0:0 path=/a",
           "file 1 offset=1 tail=0:0 saved=0 device=1 inode=1 head=1025:0 path=/a",
           "file 1 offset=1 tail=0:0 saved=0 device=1 inode=1 head=0:0 path=/a\\",
           "file 1 offset=1 tail=0:0 saved=0 device=1 inode=1 head=0:0 path=/a\\x4",
           "file 1 offset=1 tail=0:0 saved=0 device=1 inode=1 head=0:0 path=/a\\xzz",
           "advance 1 offset=1 tail=0:0 saved=0 ",
           "forget 9223372036854775808",
           "forget 1 2",
       }) {
    CAPTURE(line);
    Positions positions;
    CHECK(Replay(kHead + Sealed(line), &positions).damaged == 1);
    CHECK(positions.files.empty());
  }
}

TEST_CASE("checkpoint format: the first line names version and generation, or it is no header") {
  const auto header = DecodeHeader(kHead, TextKind::kSnapshot);
  REQUIRE(header.has_value());
  CHECK(header->version == 1);
  CHECK(header->generation == 7);
  CHECK_FALSE(DecodeHeader(kHead, TextKind::kLog).has_value());
  CHECK_FALSE(DecodeHeader(kHead.substr(0, kHead.size() - 1), TextKind::kSnapshot).has_value());
  CHECK_FALSE(DecodeHeader("hctail checkpoint 1 7\n", TextKind::kSnapshot).has_value());
  CHECK_FALSE(DecodeHeader(Sealed("hctail checkpoint 0 7"), TextKind::kSnapshot).has_value());
  CHECK_FALSE(DecodeHeader(Sealed("hctail checkpoint 1 7 x"), TextKind::kSnapshot).has_value());
  CHECK_FALSE(DecodeHeader(std::string(4096, '\0'), TextKind::kSnapshot).has_value());
  const auto newer = DecodeHeader(Sealed("hctail checkpoint 2 7 more"), TextKind::kSnapshot);
  REQUIRE(newer.has_value());
  CHECK(newer->version == 2);
}

}  // namespace
}  // namespace hctail
