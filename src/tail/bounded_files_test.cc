// SPDX-License-Identifier: Apache-2.0
#include "tail/bounded_files.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "tests/testing/fake_file_system.h"

namespace hctail {
namespace {

using testing::FakeFileSystem;
using Need = OpenFile::Need;

struct Bounded {
  explicit Bounded(size_t most) : files(disk, most) {
    disk.MakeDirectory("/logs");
    for (const char* name : {"/logs/a", "/logs/b", "/logs/c"}) disk.Append(name, name);
  }
  std::unique_ptr<OpenFile> Open(const std::string& path) {
    auto opened = files.Open(path);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }
  // Of /logs/NAME
  bool IsOpen(const std::string& name) { return disk.IsOpen(disk.InodeOf("/logs/" + name)); }

  FakeFileSystem disk;
  BoundedFiles files;
};

std::string ContentOf(OpenFile& file) {
  char bytes[64];
  const ReadSoFar got = ReadFully(file, 0, bytes, sizeof bytes);
  if (got.error == ESTALE) return "ESTALE";
  return got.error == 0 ? std::string(bytes, got.size) : "another error";
}

TEST_CASE("BoundedFiles: never more are open than allowed, and all can be read") {
  Bounded t(2);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  const auto c = t.Open("/logs/c");
  for (int i = 0; i < 2; ++i) {
    CHECK(ContentOf(*a) == "/logs/a");
    CHECK(ContentOf(*b) == "/logs/b");
    CHECK(ContentOf(*c) == "/logs/c");
    CHECK(t.disk.open_files() == 2);
  }
}

TEST_CASE("BoundedFiles: of those that nothing is wanted of, the longest quiet one is closed") {
  Bounded t(2);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  a->SetNeed(Need::kNone);
  b->SetNeed(Need::kNone);
  a->SetNeed(Need::kNone);  // it was read again
  const auto c = t.Open("/logs/c");
  CHECK(t.IsOpen("a"));
  CHECK_FALSE(t.IsOpen("b"));
}

TEST_CASE("BoundedFiles: one with unread bytes is closed last, and of several the newest") {
  Bounded t(2);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  SUBCASE("one") {
    b->SetNeed(Need::kSome);
    const auto c = t.Open("/logs/c");
    CHECK(t.IsOpen("a"));
    CHECK_FALSE(t.IsOpen("b"));
  }
  SUBCASE("several") {
    const auto c = t.Open("/logs/c");
    CHECK(t.IsOpen("a"));
    CHECK_FALSE(t.IsOpen("b"));
  }
}

TEST_CASE("BoundedFiles: one that has unread bytes now is opened at once if that costs no other") {
  Bounded t(1);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  REQUIRE_FALSE(t.IsOpen("a"));
  SUBCASE("it costs one") {
    a->SetNeed(Need::kMuch);
    CHECK_FALSE(t.IsOpen("a"));
  }
  SUBCASE("it does not") {
    b->SetNeed(Need::kNone);
    a->SetNeed(Need::kMuch);
    CHECK(t.IsOpen("a"));
    CHECK(t.disk.open_files() == 1);
  }
}

TEST_CASE("BoundedFiles: a file that was renamed meanwhile is found beside its old path") {
  Bounded t(1);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  SUBCASE("by a rotation") { t.disk.Rename("/logs/a", "/logs/a.1"); }
  SUBCASE("by any other") { t.disk.Rename("/logs/a", "/logs/z"); }
  SUBCASE("and another took its path") {
    t.disk.Rename("/logs/a", "/logs/a.1");
    t.disk.Append("/logs/a", "new");
  }
  CHECK(a->Stat()->links == 1);
  CHECK(ContentOf(*a) == "/logs/a");
}

TEST_CASE("BoundedFiles: one that is in another folder is found if that is told") {
  Bounded t(1);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  t.disk.MakeDirectory("/old");
  t.disk.Rename("/logs/a", "/old/a");
  CHECK(ContentOf(*a) == "ESTALE");
  a->SetPath("/old/a");
  CHECK(a->Stat()->links == 1);
  CHECK(ContentOf(*a) == "/logs/a");
}

TEST_CASE("BoundedFiles: one that was deleted meanwhile is told, and what was known of it") {
  Bounded t(1);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  t.disk.Unlink("/logs/a");
  t.disk.MakeDirectory("/somewhere");  // takes its inode's number
  t.disk.Append("/logs/a", "new");
  CHECK(ContentOf(*a) == "ESTALE");
  CHECK(a->Stat()->links == 0);
  CHECK(a->Stat()->size == 7);
}

TEST_CASE("BoundedFiles: asking for the size of a closed file does not open it") {
  Bounded t(1);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  t.disk.Append("/logs/a", "more");
  CHECK(a->Stat()->size == 11);
  CHECK_FALSE(t.IsOpen("a"));
}

TEST_CASE("BoundedFiles: if the system refuses one more, others are closed for it") {
  Bounded t(100);
  t.disk.LimitOpenFiles(2);
  const auto a = t.Open("/logs/a");
  const auto b = t.Open("/logs/b");
  const auto c = t.Open("/logs/c");
  CHECK(ContentOf(*a) == "/logs/a");
  CHECK(ContentOf(*c) == "/logs/c");
  t.disk.LimitOpenFiles(0);
  b->SetNeed(Need::kNone);
  CHECK(ContentOf(*b) == "another error");
  t.disk.LimitOpenFiles(1);
  CHECK(ContentOf(*b) == "/logs/b");
}

TEST_CASE("BoundedFiles: files that are done with make room") {
  Bounded t(1);
  {
    const auto a = t.Open("/logs/a");
  }
  CHECK(t.files.open_files() == 0);
  CHECK(t.disk.open_files() == 0);
}

}  // namespace
}  // namespace hctail
