// SPDX-License-Identifier: Apache-2.0
// Files whose lines are not taken as they stand: UTF-16, other charsets, --lone-cr.
#include <doctest/doctest.h>

#include "base/check.h"
#include "tail/identity.h"
#include "tail/tailed_file.h"
#include "tests/testing/fake_file_system.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using testing::FakeFileSystem;
using testing::LinesOf;
using testing::Strings;
using testing::Tailing;
using Progress = TailedFile::Progress;
using namespace std::string_literals;

const std::string kPath = "/app.log";

// ASCII as UTF-16.
std::string Le(std::string_view text) {
  std::string wide;
  for (const char c : text) wide += {c, '\0'};
  return wide;
}

std::string Be(std::string_view text) {
  std::string wide;
  for (const char c : text) wide += {'\0', c};
  return wide;
}

struct Reading {
  explicit Reading(std::string_view content, LineOptions with = {.max_line = 100})
      : options(std::move(with)) {
    files.Append(kPath, content);
    auto opened = files.Open(kPath);
    HC_CHECK(opened.has_value());
    FileIdentity identity;
    HashHeadOf(**opened, 1024, &identity);
    file = std::make_unique<TailedFile>(7, kPath, std::move(*opened), identity, 0, options);
  }
  // What was noted of the bytes before the end of each segment.
  Strings Ends() {
    Chunk chunk(10'000);
    while (file->ReadLines(&chunk) == Progress::kRoomSpent) {
    }
    Strings ends;
    for (size_t i = 0; i < chunk.segments().size(); ++i) {
      const char* const begin = chunk.ends(chunk.segments()[i]);
      if (begin == nullptr) continue;
      const char* end = nullptr;
      for (size_t j = i + 1; j < chunk.segments().size() && end == nullptr; ++j) {
        end = chunk.ends(chunk.segments()[j]);
      }
      if (end == nullptr) end = chunk.ends({.ends = chunk.AddEnd("")});
      ends.emplace_back(begin, end);
    }
    return ends;
  }

  // Until it has nothing more.
  Strings All(Progress last = Progress::kAtEnd) {
    Strings lines;
    while (true) {
      Chunk chunk(10'000);
      const Progress progress = file->ReadLines(&chunk);
      const Strings more = LinesOf(chunk);
      lines.insert(lines.end(), more.begin(), more.end());
      if (progress == Progress::kRoomSpent) continue;
      CHECK(progress == last);
      return lines;
    }
  }

  FakeFileSystem files;
  LineOptions options;
  std::unique_ptr<TailedFile> file;
};

TEST_CASE("TailedFile: of decoded lines the raw bytes before their ends are noted") {
  const std::string longer(40, 'x');
  Reading r(Le("one\n" + longer + "\ntwo\n"));
  CHECK(r.Ends() == Strings{Le("one\n" + longer.substr(9) + "\ntwo\n")});
}

TEST_CASE("TailedFile: of an overlong line and of a hole the raw bytes before the end are noted") {
  const std::string longer = std::string(150, 'x') + "end";
  Reading overlong(longer + "\nshort\n");
  CHECK(overlong.Ends() == Strings{longer.substr(longer.size() - 63) + "\n"});
  Reading wide(Le(longer + "\n"));
  CHECK(wide.Ends() == Strings{Le(longer.substr(longer.size() - 31) + "\n")});
  Reading tiny("abcd\n", {.max_line = 3});
  CHECK(tiny.Ends() == Strings{"abcd\n"});
  Reading hole(std::string(500, '\0') + "one\n");
  CHECK(hole.Ends() == Strings{std::string(64, '\0')});
}

TEST_CASE("TailedFile: UTF-16 that was truncated under a writer that goes on behind a hole") {
  for (const size_t hole : {2, 900, 1022, 1024, 5000, 300'000}) {
    CAPTURE(hole);
    const std::string nuls(hole, '\0');
    const std::string skipped = "hole " + std::to_string(hole);
    const Strings lines = {skipped, "one\n", "two\n"};
    CHECK(Reading(nuls + Le("one\ntwo\n")).All() == lines);
    CHECK(Reading(nuls + Be("one\ntwo\n")).All() == lines);
    // Its first character has a NUL in the other half: U+4E00.
    CHECK(Reading(nuls + "\0\x4E"s + Le("one two\n")).All() ==
          Strings{skipped, "\xE4\xB8\x80one two\n"});
    // In UTF-8 the hole may end anywhere.
    CHECK(Reading(nuls + "\0one\n"s).All() == Strings{"hole " + std::to_string(hole + 1), "one\n"});
  }
}

TEST_CASE("TailedFile: a hole in the middle of UTF-16 is no overlong line") {
  Reading r(Le("one\n") + std::string(300'000, '\0') + Le("two\n"));
  CHECK(r.All() == Strings{"one\n", "hole 300000", "two\n"});
}

TEST_CASE("TailedFile: what stands behind a hole tells the charset, also after a truncation") {
  Reading r("\xFF\xFE" + Le("one\n"));
  CHECK(r.All() == Strings{"one\n"});
  r.files.Rewrite(kPath, "");
  CHECK(r.All(Progress::kTruncated).empty());
  r.file->Restart(8);
  r.files.Rewrite(kPath, std::string(2000, '\0'));
  CHECK(r.All().empty());
  CHECK(r.file->largest_seen() == 0);
  r.files.Append(kPath, "t");
  CHECK(r.All().empty());
  r.files.Append(kPath, Le("two\n").substr(1));
  CHECK(r.All() == Strings{"hole 2000", "two\n"});
}

// Where the line at the end of `content` begins.
uint64_t LastLineOf(std::string_view content, LineOptions options = {.max_line = 10'000}) {
  FakeFileSystem files;
  files.Append(kPath, content);
  auto opened = files.Open(kPath);
  HC_CHECK(opened.has_value());
  TailedFile file(7, kPath, std::move(*opened), {}, content.size(), options);
  CHECK(file.TakeLineWhole() == file.offset());
  CHECK(file.handed_to() == file.offset());
  return file.offset();
}

TEST_CASE("TailedFile: begun at the end, a line that is being written is to come whole") {
  const LineOptions lone_cr = {.max_line = 10'000, .lone_cr = true};
  for (const size_t before : {0, 1, 100, 2045, 2046, 2047, 2048, 4093, 4094, 4095, 4096, 9000}) {
    for (const size_t after : {0, 1, 100, 2045, 2046, 2047, 2048, 4093, 4094, 4095, 4096}) {
      CAPTURE(before);
      CAPTURE(after);
      const std::string first(before, 'x');
      const std::string last(after, 'y');
      const std::string text = first + "\n" + last;
      CHECK(LastLineOf(text) == before + 1);
      CHECK(LastLineOf(first + "\r" + last + "z", lone_cr) == before + 1);
      CHECK(LastLineOf(first + "\r\n" + last, lone_cr) == before + 2);
      CHECK(LastLineOf("\xFF\xFE" + Le(text)) == 2 * before + 4);
      CHECK(LastLineOf("\xFE\xFF" + Be(text)) == 2 * before + 4);
    }
  }
  CHECK(LastLineOf("no end") == 0);
  CHECK(LastLineOf("one\n" + std::string(11'000, 'x')) == 11'004);  // its rest is left out
}

TEST_CASE("Tailer: begun at the end of UTF-16, only new lines come") {
  Tailing t;
  t.files.Append("/logs/app.log", "\xFF\xFE" + Le("one\ntwo\nthr"));
  CHECK(t.Read().empty());
  t.files.Append("/logs/app.log", Le("ee\nfour\n"));
  CHECK(t.Read() == Strings{"three\n", "four\n"});
}

}  // namespace
}  // namespace hctail
