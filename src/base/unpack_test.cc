// SPDX-License-Identifier: Apache-2.0
#include "base/unpack.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "base/random.h"
#include "tests/testing/pack.h"

namespace hctail {
namespace {

using namespace std::string_literals;
using testing::Pack;

constexpr Packing kAll[] = {Packing::kGzip, Packing::kZstd, Packing::kBzip2, Packing::kXz};

std::string SomeLog(size_t lines) {
  Random random(7);
  std::string text;
  for (size_t i = 0; i < lines; ++i) {
    text += "2026-03-05 request " + std::to_string(random.Below(1000000)) + " took " +
            std::to_string(random.Below(500)) + " ms\n";
  }
  return text;
}

struct Unpacked {
  std::string text;
  Unpacker::Fault fault = Unpacker::Fault::kNone;
  bool between = false;
  uint64_t ignored = 0;
  std::string why;
};

// Fed with `piece` bytes at a time, into room for `room`.
Unpacked UnpackAll(Packing packing, std::string_view packed, size_t piece = 4096,
                   size_t room = 4096) {
  Unpacker unpacker(packing);
  Unpacked result;
  std::string out(room, '\0');
  size_t begin = 0;
  size_t end = 0;
  while (true) {
    const auto step = unpacker.Unpack(packed.substr(begin, end - begin), out.data(), room);
    result.text.append(out, 0, step.given);
    begin += step.taken;
    if (step.given == room) continue;
    if (unpacker.fault() != Unpacker::Fault::kNone || end == packed.size()) break;
    REQUIRE(end - begin < kPackingBytes);
    end = std::min(end + piece, packed.size());
  }
  result.fault = unpacker.fault();
  result.between = unpacker.between() && begin == packed.size();
  result.ignored = unpacker.ignored();
  result.why = unpacker.why();
  return result;
}

void CheckWhole(const Unpacked& unpacked, const std::string& text) {
  CHECK(unpacked.fault == Unpacker::Fault::kNone);
  CHECK(unpacked.between);
  CHECK(unpacked.ignored == 0);
  CHECK(unpacked.text == text);
}

TEST_CASE("PackingOf: by magic bytes") {
  CHECK(PackingOf("\x1F\x8B\x08\0"s) == Packing::kGzip);
  CHECK(PackingOf("\x28\xB5\x2F\xFD"s) == Packing::kZstd);
  CHECK(PackingOf("\x50\x2A\x4D\x18"s) == Packing::kZstd);
  CHECK(PackingOf("\x5F\x2A\x4D\x18 more"s) == Packing::kZstd);
  CHECK(PackingOf("BZh91AY&SY") == Packing::kBzip2);
  CHECK(PackingOf("BZh1\x17\x72\x45\x38\x50\x90"s) == Packing::kBzip2);
  CHECK(PackingOf("\xFD"s + "7zXZ\0"s) == Packing::kXz);
  for (const Packing packing : kAll) {
    CHECK(PackingOf(Pack(packing, "")) == packing);
    CHECK(PackingOf(Pack(packing, "a line\n")) == packing);
  }
  for (const auto& text :
       {""s, "a"s, "BZh9"s, "BZh9 is a log"s, "BZh01AY&SY"s, "\x1F\x8B\x01"s, "\x1F\x8B"s, "Z*M"s,
        "{\"a\":1}"s, "\0\0\0\0"s, "PK\x03\x04"s, "\xEF\xBB\xBFtext"s}) {
    CAPTURE(text);
    CHECK_FALSE(PackingOf(text).has_value());
  }
}

TEST_CASE("PackingOf: every shorter begin may become packed, and nothing else may") {
  for (const Packing packing : kAll) {
    const std::string packed = Pack(packing, "a line\n");
    size_t size = 0;
    for (; !PackingOf(packed.substr(0, size)); ++size) {
      CHECK(MayBecomePacked(packed.substr(0, size)));
    }
    CHECK(size <= kPackingBytes);
    CHECK_FALSE(MayBecomePacked(packed.substr(0, size)));
  }
  CHECK_FALSE(MayBecomePacked("a"));
  CHECK_FALSE(MayBecomePacked("BZhZ"));
  CHECK_FALSE(MayBecomePacked("Z is"));
  CHECK_FALSE(MayBecomePacked("BZh9 is a"));
}

TEST_CASE("Unpacker: every packing, in pieces of any size") {
  const std::string text = SomeLog(2000);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string packed = Pack(packing, text);
    for (const auto& [piece, room] : {std::pair<size_t, size_t>{1 << 20, 1 << 20},
                                      {1, 1 << 20},
                                      {1 << 20, 1},
                                      {1, 1},
                                      {7, 100},
                                      {100, 7}}) {
      CheckWhole(UnpackAll(packing, packed, piece, room), text);
    }
    CheckWhole(UnpackAll(packing, Pack(packing, "")), "");
  }
}

TEST_CASE("Unpacker: members one after the other, and NULs between and after them") {
  const std::string text = SomeLog(100);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string one = Pack(packing, text);
    const std::string packed = one + Pack(packing, "") + one + std::string(8, '\0') +
                               Pack(packing, "the end") + std::string(1000, '\0');
    for (const size_t piece : {1, 3, 100000}) {
      CheckWhole(UnpackAll(packing, packed, piece), text + text + "the end");
    }
  }
}

TEST_CASE("Unpacker: zstd frames to be skipped") {
  const std::string frame = testing::SkippableFrame(std::string(5000, 'x'));
  const std::string packed = frame + Pack(Packing::kZstd, "a") + frame + frame +
                             Pack(Packing::kZstd, "b") + testing::SkippableFrame("");
  for (const size_t piece : {1, 3, 100000}) {
    CheckWhole(UnpackAll(Packing::kZstd, packed, piece), "ab");
  }
}

TEST_CASE("Unpacker: what is left in the library when all packed bytes were taken") {
  const std::string text = SomeLog(100);
  const std::string packed = testing::PackZstdWithWindow(text, 20);
  CheckWhole(UnpackAll(Packing::kZstd, packed, 100000, 1), text);
  CheckWhole(UnpackAll(Packing::kZstd, packed, 100000, text.size()), text);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string whole = Pack(packing, SomeLog(10));
    for (size_t size = 0; size < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      REQUIRE(UnpackAll(packing, cut, 1000, 1).text == UnpackAll(packing, cut, 1000, 1000).text);
    }
  }
}

TEST_CASE("Unpacker: other bytes after the last member are ignored as the tools do") {
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    for (const size_t piece : {1, 100000}) {
      const Unpacked got = UnpackAll(packing, Pack(packing, "text") + "\0\0garbage\0 on"s, piece);
      CHECK(got.text == "text");
      if (packing == Packing::kGzip || packing == Packing::kBzip2) {
        CHECK(got.fault == Unpacker::Fault::kNone);
        CHECK(got.ignored == 11);
        CHECK(got.between);
      } else {
        CHECK(got.fault == Unpacker::Fault::kDamaged);
        CHECK(got.why == "something else follows");
      }
    }
  }
}

TEST_CASE("Unpacker: cut at every byte") {
  const std::string text = SomeLog(30);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string one = Pack(packing, text);
    const std::string packed = one + Pack(packing, "the end");
    for (size_t size = 0; size < packed.size(); ++size) {
      CAPTURE(size);
      const Unpacked got = UnpackAll(packing, packed.substr(0, size));
      REQUIRE(got.fault == Unpacker::Fault::kNone);
      REQUIRE((text + "the end").starts_with(got.text));
      REQUIRE(got.between == (size == 0 || size == one.size()));
      if (size >= one.size()) REQUIRE(got.text.starts_with(text));
    }
  }
}

TEST_CASE("Unpacker: a changed bit is noticed, and what came before it is given") {
  const std::string text = SomeLog(30);
  for (const Packing packing : kAll) {
    CAPTURE(NameOf(packing));
    const std::string whole = Pack(packing, text);
    int noticed = 0;
    for (size_t at = 0; at < whole.size(); ++at) {
      std::string packed = Pack(packing, "the first member\n") + whole;
      packed[packed.size() - whole.size() + at] ^= 0x10;
      const Unpacked got = UnpackAll(packing, packed);
      REQUIRE(got.text.starts_with("the first member\n"));
      const bool same = got.text == "the first member\n" + text;
      const bool told = got.fault != Unpacker::Fault::kNone || !got.between || got.ignored > 0;
      // A bit without meaning: in a header's time, say.
      CAPTURE(at);
      REQUIRE((told || same));
      noticed += told ? 1 : 0;
      if (got.fault != Unpacker::Fault::kNone) REQUIRE_FALSE(got.why.empty());
    }
    CHECK(noticed > static_cast<int>(whole.size() * 9 / 10));
  }
}

TEST_CASE("Unpacker: something else altogether") {
  for (const Packing packing : kAll) {
    const Unpacked got = UnpackAll(packing, "just a text");
    CHECK(got.fault == Unpacker::Fault::kDamaged);
    CHECK(got.why == "it is something else");
    CHECK(got.text.empty());
  }
}

TEST_CASE("Unpacker: a zstd window of more than 128 MiB is refused") {
  CheckWhole(UnpackAll(Packing::kZstd, testing::PackZstdWithWindow("text", 27)), "text");
  const Unpacked got = UnpackAll(Packing::kZstd, testing::PackZstdWithWindow("text", 28));
  CHECK(got.fault == Unpacker::Fault::kTooMuchMemory);
  CHECK(got.why == "it needs a window of more than 128 MiB");
  CHECK(got.text.empty());
}

TEST_CASE("Unpacker: no call leads nowhere for ever") {
  Unpacker unpacker(Packing::kZstd);
  const std::string packed = Pack(Packing::kZstd, "text");
  char out[100];
  CHECK(unpacker.Unpack(packed.substr(0, 6), out, sizeof out).taken == 6);
  // zstd calls it an error when it is called too often without anything new.
  for (int i = 0; i < 100; ++i) CHECK(unpacker.Unpack("", out, sizeof out).given == 0);
  CHECK(unpacker.Unpack(packed.substr(6), out, 0).taken == 0);
  CHECK(unpacker.Unpack(packed.substr(6), out, sizeof out).given == 4);
  CHECK(unpacker.fault() == Unpacker::Fault::kNone);
}

}  // namespace
}  // namespace hctail
