// SPDX-License-Identifier: Apache-2.0
#include "tail/tailed_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "tail/identity.h"
#include "tests/testing/fake_file_system.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using testing::FakeFileSystem;
using testing::LinesOf;
using testing::Strings;
using Progress = TailedFile::Progress;

const std::string kPath = "/app.log";

struct Reading {
  explicit Reading(std::string_view content, uint64_t offset = 0) {
    files.Append(kPath, content);
    auto opened = files.Open(kPath);
    HC_CHECK(opened.has_value());
    FileIdentity identity;
    HashHeadOf(**opened, 1024, &identity);
    file = std::make_unique<TailedFile>(7, kPath, std::move(*opened), identity, offset, options);
  }

  // One call with a chunk of `capacity` bytes.
  Strings Once(size_t capacity = 1000) {
    Chunk chunk(capacity);
    progress = file->ReadLines(&chunk);
    return LinesOf(chunk);
  }
  // Until it has nothing more, each time with a new chunk.
  Strings All(size_t capacity = 1000) {
    Strings lines = Once(capacity);
    while (progress == Progress::kRoomSpent) {
      const Strings more = Once(capacity);
      lines.insert(lines.end(), more.begin(), more.end());
    }
    return lines;
  }
  Strings Unended(size_t capacity = 1000, bool final = true) {
    Chunk chunk(capacity);
    took = file->TakeUnended(&chunk, final);
    return LinesOf(chunk);
  }

  FakeFileSystem files;
  LineOptions options = {.max_line = 100};
  std::unique_ptr<TailedFile> file;
  Progress progress = Progress::kAtEnd;
  bool took = false;
};

TEST_CASE("TailedFile: whole lines come, an unfinished one waits for its end") {
  Reading r("one\ntwo\nthr");
  CHECK(r.Once() == Strings{"one\n", "two\n"});
  CHECK(r.progress == Progress::kAtEnd);
  CHECK(r.file->offset() == 8);
  CHECK(r.file->unended() == 3);
  CHECK(r.Once().empty());
  r.files.Append(kPath, "ee\nfo");
  CHECK(r.Once() == Strings{"three\n"});
  CHECK(r.file->unended() == 2);
}

TEST_CASE("TailedFile: lines are the same whatever the capacity of the chunks") {
  const Strings lines = {"a\n", "\n", "four\n", "a longer line than the rest of them\n", "\r\n"};
  for (size_t capacity = 1; capacity < 60; ++capacity) {
    CAPTURE(capacity);
    Reading r("a\n\nfour\na longer line than the rest of them\n\r\nunfinished");
    CHECK(r.All(capacity) == lines);
    CHECK(r.progress == Progress::kAtEnd);
    CHECK(r.Unended(capacity) == Strings{"unended 10: unfinished"});
  }
}

TEST_CASE("TailedFile: short reads are not the end of the file") {
  Reading r("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n");
  for (uint64_t seed = 1; seed < 50; ++seed) {
    CAPTURE(seed);
    r.file->Restart(seed);
    r.files.ShortReads(seed);
    CHECK(r.All(20).size() == 10);
    CHECK(r.progress == Progress::kAtEnd);
  }
}

TEST_CASE("TailedFile: CR, NUL and invalid bytes are kept as they are") {
  const std::string bytes("a\r\n\0\0\n\xff\xfe\n\r\r\n", 12);
  Reading r(bytes);
  CHECK(r.Once() == Strings{"a\r\n", std::string("\0\0\n", 3), "\xff\xfe\n", "\r\r\n"});
}

TEST_CASE("TailedFile: a file that was made long beforehand is filled, and was not truncated") {
  std::string content(5000, '\0');
  Reading r(content);
  CHECK(r.file->identity().head_length == 0);
  size_t at = 0;
  for (int n = 0; n < 60; ++n) {
    CAPTURE(n);
    const std::string line = "line " + std::to_string(n) + "\n";
    content.replace(at, line.size(), line);
    at += line.size();
    r.files.Rewrite(kPath, content);
    CHECK(r.All() == Strings{line});
    CHECK(r.progress == Progress::kAtEnd);
    r.file->RefreshIdentity();
    CHECK(r.file->identity().head_length == std::min<size_t>(at, 1024));
  }
  CHECK(r.file->largest_seen() == at);  // NULs are not missed when it is truncated
  CHECK(r.Unended().empty());
  CHECK(r.file->offset() == at);  // lines may still be written there
  r.files.Rewrite(kPath, "other" + content.substr(5));
  r.All();
  CHECK(r.progress == Progress::kTruncated);
}

TEST_CASE("TailedFile: a line begun in a file that was made long beforehand, and truncated") {
  Reading r("one\ntw" + std::string(80, '\0'));
  CHECK(r.All() == Strings{"one\n"});
  CHECK(r.file->largest_seen() == 6);
}

TEST_CASE("HashHeadOf: NULs count if something follows, as after a hole") {
  FakeFileSystem files;
  const auto head_of = [&](const std::string& content) {
    files.Append("/x", "");
    files.Rewrite("/x", content);
    FileIdentity identity;
    HashHeadOf(**files.Open("/x"), 1024, &identity);
    return identity.head_length;
  };
  CHECK(head_of(std::string(3000, '\0')) == 0);
  CHECK(head_of(std::string(3000, '\0') + "a") == 1024);
  CHECK(head_of(std::string(300'000, '\0') + "a") == 1024);  // a copy may hold what was a hole
  CHECK(head_of(std::string("a\0\n\0", 4)) == 3);
  CHECK(head_of(std::string("a\0\n\0b", 5)) == 5);
}

TEST_CASE("TailedFile: an empty file is at its end") {
  Reading r("");
  CHECK(r.Once().empty());
  CHECK(r.progress == Progress::kAtEnd);
  CHECK(r.Unended().empty());
  CHECK(r.took);
  r.files.Append(kPath, "a\n");
  CHECK(r.Once() == Strings{"a\n"});
}

TEST_CASE("TailedFile: it begins at its offset") {
  Reading r("one\ntwo\n", 4);
  CHECK(r.Once() == Strings{"two\n"});
  CHECK(r.file->offset() == 8);
}

TEST_CASE("TailedFile: a line of exactly the maximum is whole, one byte more is overlong") {
  for (const size_t capacity : {1, 8, 11, 12, 1000}) {
    CAPTURE(capacity);
    Reading r("0123456789\n0123456789X\nshort\n");
    r.options.max_line = 10;
    CHECK(r.All(capacity) == Strings{"0123456789\n", "overlong 12: 0123456789", "short\n"});
    CHECK(r.file->offset() == 29);
  }
}

TEST_CASE("TailedFile: an overlong line is cut whatever stands around it") {
  Reading r("a\nb\n" + std::string(500, 'x') + "\nc\n" + std::string(500, 'y') + "\n");
  r.options.max_line = 3;
  CHECK(r.All() == Strings{"a\n", "b\n", "overlong 501: xxx", "c\n", "overlong 501: yyy"});
}

TEST_CASE("TailedFile: an overlong line comes once its end is there") {
  Reading r("");
  r.options.max_line = 10;
  r.files.Append(kPath, std::string(200'000, 'x'));
  CHECK(r.All().empty());
  CHECK(r.progress == Progress::kAtEnd);
  CHECK(r.file->unended() == 200'000);
  const uint64_t calls = r.files.calls();
  r.files.Append(kPath, "yy\nnext\n");
  CHECK(r.All() == Strings{"overlong 200003: xxxxxxxxxx", "next\n"});
  CHECK(r.files.calls() - calls < 20);  // what was searched once is not searched again
}

TEST_CASE("TailedFile: an overlong line waits for a chunk with room for its beginning") {
  Reading r("a\n0123456789X\n");
  r.options.max_line = 10;
  CHECK(r.Once(12) == Strings{"a\n"});
  CHECK(r.progress == Progress::kRoomSpent);
  CHECK(r.Once(12) == Strings{"overlong 12: 0123456789"});
}

TEST_CASE("TailedFile: the unfinished end of an overlong line is taken as overlong") {
  Reading r(std::string(30, 'x'));
  r.options.max_line = 10;
  CHECK(r.All().empty());
  CHECK(r.Unended() == Strings{"overlong 30: xxxxxxxxxx"});
  CHECK(r.took);
  CHECK(r.file->unended() == 0);
  CHECK(r.file->offset() == 30);
  r.files.Append(kPath, "later\n");
  CHECK(r.All() == Strings{"later\n"});
}

TEST_CASE("TailedFile: an unfinished line waits for a chunk with room") {
  Reading r("one\n");
  Chunk chunk(12);
  CHECK(r.file->ReadLines(&chunk) == Progress::kAtEnd);
  r.files.Append(kPath, "unfinished");
  CHECK(r.Once().empty());
  CHECK(r.progress == Progress::kAtEnd);
  CHECK(r.file->TakeUnended(&chunk, 100) == false);
  CHECK(LinesOf(chunk) == Strings{"one\n"});
  CHECK(r.Unended(3) == Strings{"unended 10: unfinished"});  // an empty chunk makes room
}

TEST_CASE("TailedFile: a shorter file was truncated, and is read again from its beginning") {
  Reading r("one\ntwo\n");
  r.Once();
  r.files.Truncate(kPath, 4);
  CHECK(r.Once().empty());
  CHECK(r.progress == Progress::kTruncated);
  r.file->Restart(8);
  CHECK(r.file->key() == 8);
  CHECK(r.Once() == Strings{"one\n"});
}

TEST_CASE("TailedFile: a file that was truncated and has grown beyond the offset is noticed") {
  Reading r("one\ntwo\n");
  r.Once();
  r.files.Truncate(kPath);
  r.files.Append(kPath, "another generation\nof lines\n");
  CHECK(r.Once().empty());
  CHECK(r.progress == Progress::kTruncated);
}

TEST_CASE("TailedFile: lines that end alike do not hide a truncation") {
  const std::string same_end = " level=info service=checkout env=production\n";
  Reading r("1" + same_end + "2" + same_end);
  CHECK(r.Once().size() == 2);
  r.files.Rewrite(kPath, "3" + same_end + "4" + same_end + "5" + same_end);
  r.Once();
  CHECK(r.progress == Progress::kTruncated);
}

TEST_CASE("TailedFile: a truncation in an overlong line without end is noticed") {
  for (const std::string start : {"", "line\n"}) {
    CAPTURE(start);
    Reading r(start + std::string(1000, 'x'));
    r.options.max_line = 10;
    r.All();
    r.files.Truncate(kPath, start.size());
    r.files.Append(kPath, "a\nb\n");
    CHECK(r.All().empty());
    REQUIRE(r.progress == Progress::kTruncated);
    r.file->Restart(8);
    CHECK(r.All().size() == (start.empty() ? 2 : 3));
    r.files.Rewrite(kPath, start + std::string(1000, 'x'));
    r.file->Restart(9);
    r.All();
    r.files.Rewrite(kPath, start + std::string(1500, 'y') + "\nb\n");
    r.All();
    CHECK(r.progress == Progress::kTruncated);
  }
}

TEST_CASE("TailedFile: an unfinished line may be taken back") {
  Reading r("one\nunfin");
  r.Once();
  r.files.Truncate(kPath, 4);
  CHECK(r.Once().empty());
  CHECK(r.progress == Progress::kAtEnd);
  r.files.Append(kPath, "other\n");
  CHECK(r.Once() == Strings{"other\n"});
}

TEST_CASE("TailedFile: an error is told, and what is before it comes first") {
  Reading r("one\ntwo\nthree\n");
  r.files.FailRead(kPath, EIO, 9);
  CHECK(r.All() == Strings{"one\n", "two\n"});
  CHECK(r.progress == Progress::kFailed);
  CHECK(r.file->error() == EIO);
  CHECK(r.file->offset() == 8);
  CHECK(r.All().empty());
  CHECK(r.progress == Progress::kFailed);
  r.files.FailRead(kPath, 0);
  CHECK(r.All() == Strings{"three\n"});
  CHECK(r.progress == Progress::kAtEnd);
}

TEST_CASE("TailedFile: an error before the charset is known is told, too") {
  Reading r("a line\n");
  r.files.FailRead(kPath, EIO, 2);
  CHECK(r.All().empty());
  CHECK(r.progress == Progress::kFailed);
  r.files.FailRead(kPath, 0);
  CHECK(r.All() == Strings{"a line\n"});
}

TEST_CASE("TailedFile: an error within an overlong line is told") {
  Reading r(std::string(300'000, 'x') + "\n");
  r.options.max_line = 10;
  r.files.FailRead(kPath, EIO, 200'000);
  CHECK(r.All().empty());
  CHECK(r.progress == Progress::kFailed);
  r.files.FailRead(kPath, 0);
  CHECK(r.All() == Strings{"overlong 300001: xxxxxxxxxx"});
}

TEST_CASE("TailedFile: an unfinished line that cannot be read stays unended") {
  Reading r("one\nunfin");
  r.Once();
  r.files.FailRead(kPath, EIO);
  CHECK(r.Unended().empty());
  CHECK(r.took);
  CHECK(r.file->unended() == 5);
  CHECK(r.file->error() == EIO);
}

TEST_CASE("TailedFile: the identity grows with the file and survives an error") {
  Reading r("one\n");
  CHECK(r.file->identity().head_length == 4);
  r.files.Append(kPath, std::string(2000, 'x'));
  r.files.FailRead(kPath, EIO);
  CHECK(r.file->RefreshIdentity() == false);
  CHECK(r.file->identity().head_length == 4);
  r.files.FailRead(kPath, EIO, 100);
  CHECK(r.file->RefreshIdentity());
  CHECK(r.file->identity().head_length == 100);
  CHECK(r.file->RefreshIdentity() == false);
  r.files.FailRead(kPath, 0);
  CHECK(r.file->RefreshIdentity());
  CHECK(r.file->identity().head_length == 1024);
  CHECK(r.file->RefreshIdentity() == false);
}

}  // namespace
}  // namespace hctail
