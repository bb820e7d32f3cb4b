// SPDX-License-Identifier: Apache-2.0
#include "tail/spool.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;

class SmallDisk final : public SpoolDisk {
 public:
  int Reserve(int fd, uint64_t offset, uint64_t length) override {
    if (length > most) return ENOSPC;
    return error != 0 ? error : SpoolDisk::Reserve(fd, offset, length);
  }
  std::optional<Space> SpaceOf(const std::string&) override { return space; }
  int error = 0;
  uint64_t most = UINT64_MAX;  // that can be reserved at once
  std::optional<Space> space;
};

struct Fixture {
  Fixture() { Restart(); }
  void Restart(uint64_t max = 1 << 20) {
    spool.reset();
    auto opened = Spool::Open(dir.path(), max, disk);
    REQUIRE(opened.has_value());
    spool = std::move(*opened);
  }
  // As a source does; how many bytes there was room for.
  size_t Write(std::string_view bytes) {
    size_t done = 0;
    while (const size_t room = spool->Room(bytes.size() - done)) {
      REQUIRE(spool->Append(bytes.substr(done, room)));
      done += room;
    }
    return done;
  }
  std::string Read(uint64_t offset, size_t size) {
    std::string text(size, '?');
    SpoolFileRead(offset, &text);
    return text;
  }
  void SpoolFileRead(uint64_t offset, std::string* text) {
    size_t done = 0;
    while (done < text->size()) {
      const auto n = spool->ReadAt(offset + done, text->data() + done, text->size() - done);
      if (!n || *n == 0) break;
      done += *n;
    }
    text->resize(done);
  }
  size_t Segments() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(dir.path())) ++count;
    return count;
  }

  testing::TempDir dir;
  SmallDisk disk;
  std::unique_ptr<Spool> spool;
};

TEST_CASE_FIXTURE(Fixture, "Spool: what is appended can be read, across segments and restarts") {
  std::string all;
  for (int i = 0; i < 300; ++i) {
    const std::string line = std::to_string(i) + std::string(2000, 'x') + "\n";
    REQUIRE(Write(line) == line.size());
    all += line;
  }
  CHECK(spool->begin() == 0);
  CHECK(spool->end() == all.size());
  CHECK(Segments() >= 4);
  CHECK(Read(0, all.size()) == all);
  CHECK(Read(all.size() - 10, 100) == all.substr(all.size() - 10));
  Restart();
  CHECK(spool->end() == all.size());
  CHECK(Read(0, all.size()) == all);
  REQUIRE(Write("more\n") == 5);
  CHECK(Read(all.size() - 2, 100) == "x\nmore\n");
}

TEST_CASE_FIXTURE(Fixture,
                  "Spool: settled segments are dropped, and what was in them is an error") {
  const std::string piece(64 * 1024, 'x');
  for (int i = 0; i < 8; ++i) REQUIRE(Write(piece) == piece.size());
  const size_t before = Segments();
  spool->DropBefore(300'000);
  CHECK(Segments() < before);
  CHECK(spool->begin() > 0);
  CHECK(spool->begin() <= 300'000);
  CHECK(spool->size() == spool->end() - spool->begin());
  char byte = 0;
  CHECK(spool->ReadAt(0, &byte, 1).error() == Spool::kDropped);
  CHECK(spool->ReadAt(300'000, &byte, 1) == 1);
  spool->DropBefore(spool->end(), /*even_small=*/true);
  CHECK(Segments() == 0);
  CHECK(spool->size() == 0);
  CHECK(spool->begin() == spool->end());
  REQUIRE(Write("new\n") == 4);
  CHECK(Read(spool->begin(), 10) == "new\n");
}

TEST_CASE_FIXTURE(Fixture, "Spool: its folder is made again, and what is gone from it is a hole") {
  const std::string piece(200'000, 'x');  // more than a segment
  REQUIRE(Write(piece) == piece.size());
  fs::remove_all(dir.path());
  REQUIRE(Write(piece) == piece.size());
  CHECK(spool->TakeMadeAgain());
  CHECK_FALSE(spool->TakeMadeAgain());
  char byte = 0;
  CHECK(spool->ReadAt(0, &byte, 1).error() == ENOENT);
  const Spool::Removed removed = spool->GiveUpRemoved();
  CHECK(removed.begin == 0);
  CHECK(removed.end > 0);
  CHECK(spool->size() == spool->end() - removed.end);
  CHECK(spool->ReadAt(0, &byte, 1) == 1);
  CHECK(byte == '\n');
  CHECK(spool->ReadAt(removed.end - 1, &byte, 1) == 1);
  CHECK(byte == '\n');
  CHECK(Read(spool->end() - 1000, 1000) == std::string(1000, 'x'));
}

TEST_CASE_FIXTURE(Fixture, "Spool: a little that is settled is not worth a new segment") {
  REQUIRE(Write("abc\n") == 4);
  spool->DropBefore(4);
  CHECK(Segments() == 1);
  spool->DropBefore(4, /*even_small=*/true);
  CHECK(Segments() == 0);
}

TEST_CASE_FIXTURE(Fixture, "Spool: an unfinished line is finished at the restart") {
  REQUIRE(Write("one\nunfin") == 9);
  Restart();
  CHECK(spool->end() == 10);
  REQUIRE(Write("two\n") == 4);
  CHECK(Read(0, 100) == "one\nunfin\ntwo\n");
  Restart();
  CHECK(Read(0, 100) == "one\nunfin\ntwo\n");
  CHECK(spool->end() == 14);
}

TEST_CASE_FIXTURE(Fixture, "Spool: bytes that a power loss took are line feeds") {
  const std::string piece(128 * 1024, 'x');
  REQUIRE(Write(piece) == piece.size());
  REQUIRE(Write("second\n") == 7);
  REQUIRE(Segments() == 2);
  fs::resize_file(dir.File("stdin.00000000000000000000"), piece.size() - 5);
  Restart();
  CHECK(Read(piece.size() - 7, 100) == "xx\n\n\n\n\nsecond\n");
  // The checkpoint may know of more than is left.
  spool->StartAt(piece.size() + 100);
  CHECK(spool->begin() == piece.size() + 100);
  CHECK(spool->end() == piece.size() + 100);
  REQUIRE(Write("third\n") == 6);
  CHECK(Read(piece.size() + 100, 100) == "third\n");
}

TEST_CASE_FIXTURE(Fixture, "Spool: at its limit there is no room until something is dropped") {
  Restart(256 * 1024);
  const std::string piece(64 * 1024, 'x');
  for (int i = 0; i < 4; ++i) REQUIRE(Write(piece) == piece.size());
  CHECK(spool->full());
  CHECK(spool->Room(1) == 0);
  CHECK(spool->error() == 0);
  spool->DropBefore(130 * 1024);
  CHECK(spool->Room(10) == 10);
}

TEST_CASE_FIXTURE(Fixture, "Spool: a full disk leaves no room; what was reserved can be used") {
  REQUIRE(Write("one\n") == 4);
  disk.error = ENOSPC;
  REQUIRE(Write("two\n") == 4);
  const std::string piece(256 * 1024, 'x');
  const size_t left = Write(piece);
  CHECK(left > 0);
  CHECK(left < piece.size());
  CHECK(spool->Room(1) == 0);
  CHECK(spool->error() == ENOSPC);
  disk.error = 0;
  CHECK(spool->Room(1) == 1);
  CHECK(Read(0, 8) == "one\ntwo\n");
}

TEST_CASE_FIXTURE(Fixture, "Spool: a disk that has little room gives what is wanted just now") {
  disk.most = 100;
  CHECK(spool->Room(100) == 100);
  REQUIRE(Write(std::string(100, 'x')) == 100);
  CHECK(spool->Room(101) == 0);
  CHECK(spool->error() == ENOSPC);
  CHECK(spool->Room(60) == 60);
}

TEST_CASE_FIXTURE(Fixture, "Spool: what its disk must have is said, and if it never will") {
  const uint64_t needed = Spool::Needs(1000);
  std::optional<Error> warning;
  disk.space = std::nullopt;
  CHECK(spool->CheckDisk(1000, &warning).has_value());
  disk.space = {.total = needed, .free = needed};
  CHECK(spool->CheckDisk(1000, &warning).has_value());
  CHECK_FALSE(warning);
  disk.space = {.total = needed, .free = needed - 1};
  CHECK(spool->CheckDisk(1000, &warning).has_value());
  REQUIRE(warning);
  CHECK(warning->message ==
        "the disk of the spool '" + dir.path() + "' has only 132071 bytes free");
  CHECK(warning->hint ==
        "It needs 132072 bytes: a line may have 1000 (--max-line). Standard input waits when there "
        "is no room for what it brings.");
  warning.reset();
  REQUIRE(Write("x") == 1);  // what it has itself is free sooner or later
  CHECK(spool->CheckDisk(1000, &warning).has_value());
  CHECK_FALSE(warning);
  disk.space = {.total = needed - 2, .free = needed - 2};
  const Status never = spool->CheckDisk(1000, &warning);
  REQUIRE_FALSE(never.has_value());
  CHECK(never.error().message ==
        "the disk of the spool '" + dir.path() + "' is too small: it has 132070 bytes in all");
  CHECK_FALSE(warning);
}

TEST_CASE_FIXTURE(Fixture, "Spool: a disk that cannot reserve is written all the same") {
  disk.error = EOPNOTSUPP;
  CHECK(Write("one\n") == 4);
  CHECK(Read(0, 4) == "one\n");
}

TEST_CASE_FIXTURE(Fixture, "Spool: foreign files are left alone") {
  dir.Write("lock", "1\n");
  dir.Write("stdin.12x", "x");
  dir.Write("stdin.", "x");
  Restart();
  CHECK(spool->end() == 0);
  spool->DropBefore(100, /*even_small=*/true);
  CHECK(Segments() == 3);
}

TEST_CASE("Spool: a directory that is not there is an error") {
  SmallDisk disk;
  const auto opened = Spool::Open("/nowhere/spool", 1 << 20, disk);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().message ==
        "cannot read the spool '/nowhere/spool': no such file or directory");
}

}  // namespace
}  // namespace hctail
