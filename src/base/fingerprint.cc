// SPDX-License-Identifier: Apache-2.0
#include "base/fingerprint.h"

#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>

namespace hctail {
namespace {

// Reads up to `length` bytes at `offset`, going on after short reads.
size_t ReadAt(int fd, uint64_t offset, char* to, size_t length) {
  size_t have = 0;
  while (have < length) {
    const ssize_t n = ::pread(fd, to + have, length - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += static_cast<size_t>(n);
  }
  return have;
}

}  // namespace

uint64_t HashBytes(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Hash128 HashBytes128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

HeadHash HashHead(int fd, uint32_t limit) {
  char buffer[kHeadLimit];
  const size_t length = ReadAt(fd, 0, buffer, std::min(limit, kHeadLimit));
  return {static_cast<uint32_t>(length), HashBytes({buffer, length})};
}

std::optional<uint64_t> HashBefore(int fd, uint64_t offset, uint32_t length) {
  char buffer[kHeadLimit];
  if (length > kHeadLimit || length > offset) return std::nullopt;
  if (ReadAt(fd, offset - length, buffer, length) != length) return std::nullopt;
  return HashBytes({buffer, length});
}

}  // namespace hctail
