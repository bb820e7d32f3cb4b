// SPDX-License-Identifier: Apache-2.0
// Hashes that tell whether a file still holds what it held: of its first bytes, and of the bytes
// before an offset.  The only file that includes xxhash; the hash is XXH3_64bits and is stored in
// checkpoints, so it never changes.  HashBytes128 makes ids, which never change either.
//
// Functions only, and thread-safe.  They read with pread and leave the file position alone.  A
// read error looks like the end of the file: the caller finds fewer bytes than it asked for.
// Tested by fingerprint_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hctail {

constexpr uint32_t kHeadLimit = 1024;  // first bytes that a head hash covers at most
constexpr uint32_t kTailLimit = 64;    // bytes before an offset that a tail hash covers at most

// The hash of the first `length` bytes of a file.
struct HeadHash {
  uint32_t length = 0;
  uint64_t hash = 0;

  friend bool operator==(const HeadHash&, const HeadHash&) = default;
};

uint64_t HashBytes(std::string_view bytes);

// XXH3_128bits, for ids that must not meet.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
};
Hash128 HashBytes128(std::string_view bytes);

// Of the first `limit` bytes (at most kHeadLimit), or of all if there are fewer.
HeadHash HashHead(int fd, uint32_t limit = kHeadLimit);

// Of the `length` bytes (at most kHeadLimit) that end at `offset`; nothing if the file does not
// hold them all or `length` > `offset`.
std::optional<uint64_t> HashBefore(int fd, uint64_t offset, uint32_t length);

}  // namespace hctail
