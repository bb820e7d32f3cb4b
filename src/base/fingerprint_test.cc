// SPDX-License-Identifier: Apache-2.0
#include "base/fingerprint.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "base/fd.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;

Fd OpenFile(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

TEST_CASE("HashBytes: XXH3_64bits, whose values stand in checkpoints and must not change") {
  CHECK(HashBytes("") == 0x2d06800538d394c2u);
  CHECK(HashBytes("hctail\n") == HashBytes("hctail\n"));
  CHECK(HashBytes("hctail\n") != HashBytes("hctail"));
}

TEST_CASE("HashBytes128: differs where the bytes do, and never changes") {
  const Hash128 hash = HashBytes128("abc");
  CHECK(hash.high == 0x06b05ab6733a6185);
  CHECK(hash.low == 0x78af5f94892f3950);
  CHECK(HashBytes128("abd").high != hash.high);
  CHECK(HashBytes128("").low != hash.low);
}

TEST_CASE("HashHead: covers what is there, at most the limit and at most 1024 bytes") {
  const TempDir dir;
  const std::string text(3000, 'x');
  const Fd big = OpenFile(dir.Write("big", text));
  CHECK(HashHead(big.get()) == HeadHash{1024, HashBytes(text.substr(0, 1024))});
  CHECK(HashHead(big.get(), 10) == HeadHash{10, HashBytes("xxxxxxxxxx")});
  CHECK(HashHead(big.get(), 5000) == HashHead(big.get()));
  const Fd small = OpenFile(dir.Write("small", "abc"));
  CHECK(HashHead(small.get()) == HeadHash{3, HashBytes("abc")});
  const Fd empty = OpenFile(dir.Write("empty", ""));
  CHECK(HashHead(empty.get()) == HeadHash{0, HashBytes("")});
  CHECK(HashHead(-1) == HeadHash{0, HashBytes("")});
}

TEST_CASE("HashBefore: the bytes that end at the offset, or nothing if they are not all there") {
  const TempDir dir;
  const Fd fd = OpenFile(dir.Write("f", "0123456789"));
  CHECK(HashBefore(fd.get(), 10, 4) == HashBytes("6789"));
  CHECK(HashBefore(fd.get(), 4, 4) == HashBytes("0123"));
  CHECK(HashBefore(fd.get(), 0, 0) == HashBytes(""));
  CHECK_FALSE(HashBefore(fd.get(), 11, 4).has_value());
  CHECK_FALSE(HashBefore(fd.get(), 3, 4).has_value());
  CHECK_FALSE(HashBefore(fd.get(), 2000, 1025).has_value());
  CHECK_FALSE(HashBefore(fd.get(), UINT64_MAX, 64).has_value());
  CHECK_FALSE(HashBefore(-1, 4, 4).has_value());
}

}  // namespace
}  // namespace hctail
