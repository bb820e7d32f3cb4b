// SPDX-License-Identifier: Apache-2.0
#include "tail/identity.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/fingerprint.h"
#include "tail/charset.h"
#include "tail/decompressed_file.h"

namespace hctail {

namespace {

// What can be looked through for the end of a hole: more than a block of any file system.
constexpr uint64_t kFurthest = 128 * 1024;

// From `at` on the file holds NUL bytes only, as far as is looked.
bool IsBlankFrom(OpenFile& file, uint64_t at) {
  char bytes[4096];
  at = file.AfterHole(at);
  for (const uint64_t limit = at + kFurthest; at < limit;) {
    const ReadSoFar got = ReadFully(file, at, bytes, sizeof bytes);
    if (LeadingNuls({bytes, got.size}) < got.size) return false;
    if (got.size < sizeof bytes) return true;
    at += got.size;
  }
  return true;
}

}  // namespace

int HashHeadOf(OpenFile& file, uint32_t limit, FileIdentity* identity) {
  char head[kHeadLimit];
  const ReadSoFar got = ReadFully(file, 0, head, std::min(limit, kHeadLimit));
  if (got.error != 0 && got.size <= identity->head_length) return got.error;
  std::string_view covered(head, got.size);
  const bool packed = dynamic_cast<const DecompressedFile*>(&file) != nullptr;
  if (covered.ends_with('\0') && !packed && IsBlankFrom(file, covered.size())) {
    covered = covered.substr(0, covered.find_last_not_of('\0') + 1);
  }
  identity->head_length = static_cast<uint32_t>(covered.size());
  identity->head_hash = HashBytes(covered);
  return 0;
}

Holds StillHolds(OpenFile& file, const SavedFile& saved) {
  const auto stat = file.Stat();
  if (!stat) return Holds::kNo;
  // Nothing to compare: not to be believed.
  if (saved.offset > 0 && saved.identity.head_length == 0 && saved.tail_length == 0) {
    return Holds::kNo;
  }
  char bytes[std::max(kHeadLimit, kTailLimit)];
  const uint32_t head_length = std::min(saved.identity.head_length, kHeadLimit);
  const ReadSoFar head = ReadFully(file, 0, bytes, head_length);
  if (head.size < head_length && head.error == EAGAIN) return Holds::kNotYet;
  if (head.size != head_length ||
      (head_length > 0 && HashBytes({bytes, head.size}) != saved.identity.head_hash)) {
    return Holds::kNo;
  }
  if (stat->size < saved.offset) {
    char last = 0;
    const auto n = file.ReadAt(saved.offset - 1, &last, 1);
    return !n && n.error() == EAGAIN ? Holds::kNotYet : Holds::kNo;
  }
  const uint32_t length = std::min<uint32_t>(saved.tail_length, kTailLimit);
  if (length > saved.offset) return Holds::kNo;
  const ReadSoFar tail = ReadFully(file, saved.offset - length, bytes, length);
  if (tail.size < length && tail.error == EAGAIN) return Holds::kNotYet;
  const bool same =
      tail.size == length && (length == 0 || HashBytes({bytes, length}) == saved.tail_hash);
  return same ? Holds::kYes : Holds::kNo;
}

Holds EndsAt(OpenFile& file, const SavedFile& saved) {
  char next = 0;
  const auto n = file.ReadAt(saved.offset, &next, 1);
  if (!n) return n.error() == EAGAIN ? Holds::kNotYet : Holds::kNo;
  return *n == 0 ? Holds::kYes : Holds::kNo;
}

}  // namespace hctail
