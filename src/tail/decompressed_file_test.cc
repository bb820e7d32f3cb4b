// SPDX-License-Identifier: Apache-2.0
#include "tail/decompressed_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "base/random.h"
#include "tail/tailed_file.h"
#include "tests/testing/fake_file_system.h"
#include "tests/testing/pack.h"

namespace hctail {
namespace {

using Ending = DecompressedFile::Ending;
using testing::FakeFileSystem;
using testing::Pack;

constexpr Packing kAll[] = {Packing::kGzip, Packing::kZstd, Packing::kBzip2, Packing::kXz};

std::string SomeLog(size_t bytes) {
  Random random(7);
  std::string text;
  while (text.size() < bytes) {
    text += "2026-03-05 request " + std::to_string(random.Below(1000000)) + "\n";
  }
  return text;
}

// As a program that packs in parallel does it: in several members.
std::string PackInMembers(Packing packing, std::string_view text, size_t members) {
  std::string packed;
  for (size_t i = 0; i < members; ++i) {
    const size_t begin = text.size() * i / members;
    packed += Pack(packing, text.substr(begin, text.size() * (i + 1) / members - begin));
  }
  return packed;
}

class Fixture {
 public:
  std::unique_ptr<DecompressedFile> Open(Packing packing, size_t history = 64 * 1024) {
    return std::make_unique<DecompressedFile>(std::move(*files.Open("/x.gz")), packing, history);
  }
  std::unique_ptr<DecompressedFile> Open(Packing packing, const std::string& packed,
                                         size_t history = 64 * 1024) {
    files.Append("/x.gz", "");
    files.Rewrite("/x.gz", packed);
    return Open(packing, history);
  }

  FakeFileSystem files;
};

struct Got {
  std::string text;
  int error = 0;
};

// From `offset` to the end, or to the first error.
Got ReadAll(DecompressedFile& file, uint64_t offset = 0, size_t piece = 1 << 16) {
  Got got;
  std::string buffer(piece, '\0');
  while (true) {
    const ReadSoFar n = ReadFully(file, offset, buffer.data(), piece);
    got.text.append(buffer, 0, n.size);
    got.error = n.error;
    if (n.error != 0 || n.size < piece) return got;
    offset += n.size;
  }
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: reads forwards in pieces of any size") {
  const std::string text = SomeLog(200'000);
  files.ShortReads(3);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string packed = PackInMembers(packing, text, 3);
    for (const size_t piece : {1, 77, 4096, 65536, 1 << 20}) {
      const auto file = Open(packing, packed);
      const Got got = ReadAll(*file, 0, piece);
      CHECK(got.text == text);
      CHECK(got.error == 0);
      CHECK(file->ending() == Ending::kWhole);
      CHECK(file->known_size() == text.size());
      CHECK(file->Why().empty());
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: reads anywhere") {
  const std::string text = SomeLog(60'000);
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    Random random(seed);
    const Packing packing = kAll[random.Below(4)];
    const size_t history = 1 + random.Below(10'000);
    files.ShortReads(seed);
    const auto file = Open(packing, PackInMembers(packing, text, 1 + random.Below(4)), history);
    std::string buffer(5000, '\0');
    for (int i = 0; i < 300; ++i) {
      CAPTURE(seed);
      CAPTURE(i);
      const uint64_t most = random.Below(4) == 0 ? text.size() + 10 : 1 + i * text.size() / 300;
      const uint64_t offset = random.Below(most);
      const size_t size = random.Below(buffer.size());
      const ReadSoFar n = ReadFully(*file, offset, buffer.data(), size);
      REQUIRE(n.error == 0);
      const std::string_view wanted =
          std::string_view(text).substr(std::min(offset, text.size()), size);
      REQUIRE(std::string_view(buffer.data(), n.size) == wanted);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: its size is known once its end was reached") {
  const std::string text = SomeLog(5000);
  const auto file = Open(Packing::kGzip, Pack(Packing::kGzip, text));
  char buffer[1000];
  CHECK(file->Stat()->size == DecompressedFile::kSizeUnknown);
  CHECK_FALSE(file->known_size().has_value());
  CHECK(file->ReadAt(0, buffer, 1000) == 1000);
  CHECK(file->Stat()->size == DecompressedFile::kSizeUnknown);
  CHECK(ReadAll(*file, 1000).text == text.substr(1000));
  const auto stat = file->Stat();
  CHECK(stat->size == text.size());
  CHECK(stat->inode == files.InodeOf("/x.gz"));
  CHECK(stat->type == FileStat::Type::kRegular);
  CHECK(file->ReadAt(text.size() + 100, buffer, 1) == 0);
  // Looking back changes nothing.
  CHECK(ReadAll(*file, 2000).text == text.substr(2000));
  CHECK(file->Stat()->size == text.size());
  // It has grown, and nobody knows by how much.
  files.Append("/x.gz", Pack(Packing::kGzip, "more\n"));
  CHECK(file->Stat()->size == DecompressedFile::kSizeUnknown);
  CHECK(ReadAll(*file, text.size()).text == "more\n");
  CHECK(file->Stat()->size == text.size() + 5);
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: grows byte by byte") {
  const std::string text = SomeLog(3000);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string packed = PackInMembers(packing, text, 3) + std::string(12, '\0');
    const auto file = Open(packing, packed.substr(0, 1));
    std::string read;
    for (size_t size = 1; size <= packed.size(); ++size) {
      if (size > 1) files.Append("/x.gz", packed.substr(size - 1, 1));
      const Got got = ReadAll(*file, read.size());
      read += got.text;
      REQUIRE((got.error == 0 || got.error == EAGAIN));
      REQUIRE(file->ending() == (got.error == 0 ? Ending::kWhole : Ending::kInMiddle));
      REQUIRE(file->Stat()->size == read.size());
      REQUIRE(text.starts_with(read));
    }
    CHECK(read == text);
    CHECK(file->ending() == Ending::kWhole);
  }
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: cut at every byte") {
  const std::string text = SomeLog(2000);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string packed = Pack(packing, text);
    for (size_t size = 1; size < packed.size(); ++size) {
      const auto file = Open(packing, packed.substr(0, size));
      const Got got = ReadAll(*file);
      REQUIRE(got.error == EAGAIN);
      REQUIRE(text.starts_with(got.text));
      REQUIRE(file->known_size() == got.text.size());
      REQUIRE(file->Why() == "the " + std::string(NameOf(packing)) +
                                 " data ends in the middle, after " + std::to_string(size) +
                                 " bytes");
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: gives all before the damage, then tells of it") {
  const std::string text = SomeLog(3000);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    std::string packed = Pack(packing, text) + Pack(packing, text);
    packed[packed.size() - 8] ^= 0x40;
    const auto file = Open(packing, packed);
    const Got got = ReadAll(*file);
    CHECK(got.error == EBADMSG);
    CHECK(got.text.starts_with(text));
    CHECK(file->ending() == Ending::kDamaged);
    CHECK(file->Why().starts_with("the " + std::string(NameOf(packing)) +
                                  " data is damaged before byte "));
    CHECK(file->Stat()->size == got.text.size());
    // For good.
    files.Append("/x.gz", Pack(packing, text));
    CHECK(ReadAll(*file, got.text.size()).error == EBADMSG);
    CHECK(file->Stat()->size == got.text.size());
    CHECK(ReadAll(*file, 100).text == got.text.substr(100));
  }
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: says why a window is refused") {
  const auto file = Open(Packing::kZstd, testing::PackZstdWithWindow("text", 30));
  CHECK(ReadAll(*file).error == EFBIG);
  CHECK(file->Why() ==
        "the zstd data cannot be unpacked from byte 0 of the file on: it needs a "
        "window of more than 128 MiB");
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: ignores what follows gzip data") {
  const auto file = Open(Packing::kGzip, Pack(Packing::kGzip, "text") + "garbage");
  CHECK(ReadAll(*file).text == "text");
  CHECK(file->ending() == Ending::kWhole);
  CHECK(file->ignored_bytes() == 7);
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: notices that the packed file was truncated") {
  const std::string text = SomeLog(3000);
  const auto file = Open(Packing::kGzip, Pack(Packing::kGzip, text));
  CHECK(ReadAll(*file).text == text);
  CHECK(file->Stat()->size == text.size());
  files.Truncate("/x.gz");
  CHECK(file->Stat()->size == 0);
  CHECK(ReadAll(*file).text.empty());
  files.Append("/x.gz", Pack(Packing::kGzip, "new"));
  CHECK(ReadAll(*file).text == "new");
  CHECK(file->Stat()->size == 3);
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: notices that the packed file was rewritten") {
  const std::string text = SomeLog(3000);
  const auto file = Open(Packing::kZstd, Pack(Packing::kZstd, "the old text"));
  CHECK(ReadAll(*file).text == "the old text");
  CHECK(file->Stat()->size == 12);
  files.Rewrite("/x.gz", Pack(Packing::kZstd, text));
  CHECK(file->Stat()->size == 0);
  CHECK(ReadAll(*file).text == text);
  CHECK(file->Stat()->size == text.size());
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: goes on after the packed file could not be read") {
  const std::string text = SomeLog(300'000);
  const std::string packed = Pack(Packing::kBzip2, text, 9) + Pack(Packing::kBzip2, "more");
  const auto file = Open(Packing::kBzip2, packed);
  files.FailRead("/x.gz", EIO, packed.size() - 10);
  const Got got = ReadAll(*file);
  CHECK(got.error == EIO);
  CHECK(file->ending() == Ending::kNotReached);
  files.FailRead("/x.gz", 0);
  CHECK(got.text + ReadAll(*file, got.text.size()).text == text + "more");
}

TEST_CASE_FIXTURE(Fixture,
                  "DecompressedFile: looks back at growing offsets unpack only once more") {
  Random random(5);
  std::string text;
  while (text.size() < 1'000'000) text.push_back(static_cast<char>(random.Below(256)));
  const auto file = Open(Packing::kGzip, Pack(Packing::kGzip, text), 1000);
  CHECK(ReadAll(*file).text == text);
  const uint64_t before = files.calls();
  char buffer[100];
  for (size_t offset = 0; offset < text.size() - 100'000; offset += 10'000) {
    REQUIRE(ReadFully(*file, offset, buffer, sizeof buffer).size == sizeof buffer);
    REQUIRE(text.compare(offset, sizeof buffer, buffer, sizeof buffer) == 0);
  }
  CHECK(files.calls() - before <= 20);  // a megabyte, 64 KiB at a time
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: the head and the history cost nothing") {
  const std::string text = SomeLog(1'000'000);
  const auto file = Open(Packing::kGzip, Pack(Packing::kGzip, text));
  CHECK(ReadAll(*file).text == text);
  const uint64_t before = files.calls();
  char buffer[1000];
  CHECK(ReadFully(*file, 0, buffer, 1000).size == 1000);
  CHECK(ReadFully(*file, text.size() - 65536, buffer, 1000).size == 1000);
  CHECK(text.compare(text.size() - 65536, 1000, buffer, 1000) == 0);
  CHECK(files.calls() == before);
}

TEST_CASE_FIXTURE(Fixture, "DecompressedFile: just within, and just beyond, what it remembers") {
  Random random(5);
  std::string text;
  while (text.size() < 9000) text.push_back(static_cast<char>(random.Below(256)));
  const auto file = Open(Packing::kGzip, Pack(Packing::kGzip, text), 100);
  char buffer[4000];
  CHECK(ReadFully(*file, 1000, buffer, sizeof buffer).size == 4000);
  const auto check = [&](size_t offset, size_t size) {
    CAPTURE(offset);
    const ReadSoFar got = ReadFully(*file, offset, buffer, size);
    REQUIRE(got.size == size);
    CHECK(text.compare(offset, size, buffer, size) == 0);
  };
  for (const size_t offset : {4901, 4900, 4899, 4899, 4898, 1025, 1024, 1023, 1023, 2000, 1999}) {
    check(offset, 1);
  }
  // A look back does not run ahead.
  const auto n = file->ReadAt(4000, buffer, 4000);
  CHECK(n == 1000);
  CHECK(file->ReadAt(5000, buffer, 1) == 1);
}

// As the tailer uses it.
TEST_CASE_FIXTURE(Fixture, "DecompressedFile: lines of a file that is being packed") {
  const std::string text = SomeLog(100'000);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string packed = PackInMembers(packing, text, 5);
    const LineOptions options = {.max_line = 1000};
    TailedFile file(1, "/x.gz", Open(packing, packed.substr(0, 10)), {}, 0, options);
    std::string lines;
    for (size_t written = 10; written < packed.size() || file.offset() < text.size();) {
      Chunk chunk(3000);
      const auto progress = file.ReadLines(&chunk);
      REQUIRE(progress != TailedFile::Progress::kTruncated);
      for (const Segment& segment : chunk.segments()) lines += chunk.text(segment);
      const size_t grow = std::min<size_t>(100, packed.size() - written);
      if (progress == TailedFile::Progress::kRoomSpent || grow == 0) continue;
      files.Append("/x.gz", packed.substr(written, grow));
      written += grow;
    }
    CHECK(lines == text);
  }
}

}  // namespace
}  // namespace hctail
