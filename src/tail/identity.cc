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

// What is looked through for the end of NULs.
constexpr uint64_t kFurthest = 16 * 1024 * 1024;

// From `at` to its end the file holds NUL bytes only.  If that takes long to tell: no.
bool IsBlankFrom(OpenFile& file, uint64_t at) {
  char bytes[64 * 1024];
  at = file.AfterHole(at);
  for (const uint64_t limit = at + kFurthest; at < limit;) {
    const ReadSoFar got = ReadFully(file, at, bytes, sizeof bytes);
    if (LeadingNuls({bytes, got.size}) < got.size) return false;
    if (got.size < sizeof bytes) return true;
    at += got.size;
  }
  return false;
}

// `blank_too`: NULs at the end count even if nothing follows them.
int HashHead(OpenFile& file, uint32_t limit, bool blank_too, FileIdentity* identity) {
  char head[kHeadLimit];
  const ReadSoFar got = ReadFully(file, 0, head, std::min(limit, kHeadLimit));
  if (got.error != 0 && got.size <= identity->head_length) return got.error;
  std::string_view covered(head, got.size);
  const bool packed = dynamic_cast<const DecompressedFile*>(&file) != nullptr;
  if (!blank_too && !packed && covered.ends_with('\0') && IsBlankFrom(file, covered.size())) {
    covered = covered.substr(0, covered.find_last_not_of('\0') + 1);
  }
  identity->head_length = static_cast<uint32_t>(covered.size());
  identity->head_hash = HashBytes(covered);
  return 0;
}

}  // namespace

int HashFirst(OpenFile& file, uint32_t limit, FileIdentity* identity) {
  return HashHead(file, limit, /*blank_too=*/true, identity);
}

int HashHeadOf(OpenFile& file, uint32_t limit, FileIdentity* identity) {
  return HashHead(file, limit, /*blank_too=*/false, identity);
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
