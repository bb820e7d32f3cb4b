// SPDX-License-Identifier: Apache-2.0
#include "tail/tailed_file.h"

#include <algorithm>
#include <cstring>

#include "base/fingerprint.h"

namespace hctail {
namespace {

// As many of `size` bytes as the file has; -1 on an error.
ssize_t ReadAll(OpenFile& file, uint64_t offset, char* out, size_t size) {
  size_t have = 0;
  while (have < size) {
    const auto n = file.ReadAt(offset + have, out + have, size - have);
    if (!n) return -1;
    if (*n == 0) break;
    have += *n;
  }
  return static_cast<ssize_t>(have);
}

}  // namespace

void HashHeadOf(OpenFile& file, uint32_t limit, FileIdentity* identity) {
  char head[kHeadLimit];
  const ssize_t n = ReadAll(file, 0, head, std::min(limit, kHeadLimit));
  identity->head_length = n > 0 ? static_cast<uint32_t>(n) : 0;
  identity->head_hash = HashBytes({head, identity->head_length});
}

bool StillHolds(OpenFile& file, const SavedFile& saved) {
  const auto stat = file.Stat();
  if (!stat || stat->size < saved.offset) return false;
  FileIdentity now;
  HashHeadOf(file, saved.identity.head_length, &now);
  if (now.head_length != saved.identity.head_length || now.head_hash != saved.identity.head_hash) {
    return false;
  }
  char tail[64];
  const uint32_t length = std::min<uint32_t>(saved.tail_length, sizeof tail);
  if (length > saved.offset) return false;
  return ReadAll(file, saved.offset - length, tail, length) == static_cast<ssize_t>(length) &&
         (length == 0 || HashBytes({tail, length}) == saved.tail_hash);
}

TailedFile::TailedFile(FileKey key, std::string path, std::unique_ptr<OpenFile> file,
                       const FileIdentity& identity, uint64_t offset)
    : key_(key),
      path_(std::move(path)),
      file_(std::move(file)),
      identity_(identity),
      offset_(offset) {
  const auto length = static_cast<size_t>(std::min<uint64_t>(offset_, sizeof tail_));
  if (ReadAll(*file_, offset_ - length, tail_, length) == static_cast<ssize_t>(length)) {
    tail_length_ = static_cast<uint8_t>(length);
  }
}

void TailedFile::Restart(FileKey key) {
  key_ = key;
  offset_ = 0;
  unended_ = 0;
  tail_length_ = 0;
  overlong_ = {};
  identity_.head_length = 0;
  identity_.head_hash = 0;
  RefreshIdentity();
}

bool TailedFile::RefreshIdentity() {
  if (identity_.head_length >= kHeadLimit) return false;
  const FileIdentity before = identity_;
  HashHeadOf(*file_, kHeadLimit, &identity_);
  return !(identity_ == before);
}

// A shorter file, or other bytes before the offset: it was truncated, and may have grown again.
bool TailedFile::WasRewritten() {
  const auto stat = file_->Stat();
  if (!stat) return false;
  if (stat->size < offset_) return true;
  char now[sizeof tail_];
  return tail_length_ > 0 &&
         ReadAll(*file_, offset_ - tail_length_, now, tail_length_) == tail_length_ &&
         std::memcmp(now, tail_, tail_length_) != 0;
}

void TailedFile::RememberTail(const char* end, size_t available) {
  const size_t length = std::min(available, sizeof tail_);
  std::memcpy(tail_, end - length, length);
  tail_length_ = static_cast<uint8_t>(length);
}

TailedFile::Progress TailedFile::ReadLines(Chunk* chunk, size_t max_line) {
  if (WasRewritten()) return Progress::kTruncated;
  if (overlong_.active) return FindOverlongEnd(chunk, max_line);
  while (true) {
    const size_t room = chunk->room();
    if (room == 0) return Progress::kRoomSpent;
    char* const begin = chunk->end();
    const auto n = file_->ReadAt(offset_, begin, room);
    if (!n) {
      error_ = n.error();
      return Progress::kFailed;
    }
    error_ = 0;
    const auto* last = static_cast<const char*>(::memrchr(begin, '\n', *n));
    if (last != nullptr) {
      const auto taken = static_cast<size_t>(last - begin) + 1;
      RememberTail(begin + taken, taken);
      chunk->Append({.file = key_, .offset = offset_, .length = taken, .size = taken});
      offset_ += taken;
      unended_ = *n - taken;
      return *n == room ? Progress::kRoomSpent : Progress::kAtEnd;
    }
    unended_ = *n;
    if (*n < room) return Progress::kAtEnd;
    if (!chunk->empty()) return Progress::kRoomSpent;
    if (chunk->capacity() <= max_line) {
      chunk->Reserve(max_line + 1);
      continue;
    }
    overlong_ = {.active = true, .scanned = offset_ + *n};
    return FindOverlongEnd(chunk, max_line);
  }
}

TailedFile::Progress TailedFile::FindOverlongEnd(Chunk* chunk, size_t max_line) {
  char window[64 * 1024];
  while (true) {
    const auto n = file_->ReadAt(overlong_.scanned, window, sizeof window);
    if (!n) {
      error_ = n.error();
      return Progress::kFailed;
    }
    error_ = 0;
    if (*n == 0) {
      unended_ = overlong_.scanned - offset_;
      return Progress::kAtEnd;
    }
    if (const void* newline = std::memchr(window, '\n', *n)) {
      const auto at = static_cast<size_t>(static_cast<const char*>(newline) - window);
      return EmitOverlong(chunk, max_line, overlong_.scanned + at + 1);
    }
    overlong_.scanned += *n;
  }
}

TailedFile::Progress TailedFile::EmitOverlong(Chunk* chunk, size_t max_line, uint64_t end) {
  if (chunk->empty()) chunk->Reserve(max_line);
  if (chunk->room() < max_line) return Progress::kRoomSpent;
  const ssize_t n = ReadAll(*file_, offset_, chunk->end(), max_line);
  if (n < 0) return Progress::kFailed;
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = end - offset_,
                 .size = static_cast<size_t>(n),
                 .kind = Segment::Kind::kOverlong});
  offset_ = end;
  overlong_ = {};
  const auto length = static_cast<size_t>(std::min<uint64_t>(offset_, sizeof tail_));
  tail_length_ = 0;
  if (ReadAll(*file_, offset_ - length, tail_, length) == static_cast<ssize_t>(length)) {
    tail_length_ = static_cast<uint8_t>(length);
  }
  return Progress::kRoomSpent;
}

bool TailedFile::TakeUnended(Chunk* chunk, size_t max_line) {
  if (unended_ == 0) return true;
  if (overlong_.active) {
    const uint64_t end = overlong_.scanned;
    EmitOverlong(chunk, max_line, end);
    const bool done = offset_ == end;
    if (done) unended_ = 0;
    return done;
  }
  if (chunk->empty()) chunk->Reserve(unended_);
  if (chunk->room() < unended_) return false;
  const ssize_t n = ReadAll(*file_, offset_, chunk->end(), unended_);
  if (n <= 0) return true;
  const auto size = static_cast<size_t>(n);
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = size,
                 .size = size,
                 .kind = Segment::Kind::kUnended});
  offset_ += size;
  unended_ = 0;
  return true;
}

}  // namespace hctail
