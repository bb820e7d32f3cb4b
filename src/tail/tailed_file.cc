// SPDX-License-Identifier: Apache-2.0
#include "tail/tailed_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/fingerprint.h"

namespace hctail {

int HashHeadOf(OpenFile& file, uint32_t limit, FileIdentity* identity) {
  char head[kHeadLimit];
  const ReadSoFar got = ReadFully(file, 0, head, std::min(limit, kHeadLimit));
  if (got.error != 0 && got.size <= identity->head_length) return got.error;
  identity->head_length = static_cast<uint32_t>(got.size);
  identity->head_hash = HashBytes({head, got.size});
  return 0;
}

bool StillHolds(OpenFile& file, const SavedFile& saved) {
  const auto stat = file.Stat();
  if (!stat || stat->size < saved.offset) return false;
  // Nothing to compare: not to be believed.
  if (saved.offset > 0 && saved.identity.head_length == 0 && saved.tail_length == 0) return false;
  FileIdentity now;
  if (HashHeadOf(file, saved.identity.head_length, &now) != 0) return false;
  if (now.head_length != saved.identity.head_length || now.head_hash != saved.identity.head_hash) {
    return false;
  }
  char tail[kTailLimit];
  const uint32_t length = std::min<uint32_t>(saved.tail_length, sizeof tail);
  if (length > saved.offset) return false;
  return ReadFully(file, saved.offset - length, tail, length).size == length &&
         (length == 0 || HashBytes({tail, length}) == saved.tail_hash);
}

TailedFile::TailedFile(FileKey key, std::string path, std::unique_ptr<OpenFile> file,
                       const FileIdentity& identity, uint64_t offset)
    : key_(key),
      path_(std::move(path)),
      file_(std::move(file)),
      identity_(identity),
      offset_(offset) {
  LoadTail();
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
  if (HashHeadOf(*file_, kHeadLimit, &identity_) != 0) return false;
  return std::exchange(head_shrank_, false) || !(identity_ == before);
}

// A shorter file, or other bytes at its beginning or before the offset: it was truncated, and may
// have grown again.  Lines often end alike, so the bytes before the offset alone tell too little.
// Asked after each read, which went up to `read_to`: what was read before a truncation is whole,
// and what was not is not used.
bool TailedFile::WasRewritten(uint64_t read_to) {
  const uint64_t position = overlong_.active ? overlong_.scanned : offset_;
  const uint64_t least_size = std::max(position, read_to);
  const auto stat = file_->Stat();
  if (!stat) return false;
  if (stat->size < least_size) return true;
  char now[sizeof tail_];
  const ReadSoFar tail = ReadFully(*file_, position - tail_length_, now, tail_length_);
  if (tail.error == 0 && (tail.size < tail_length_ || std::memcmp(now, tail_, tail_length_) != 0)) {
    return true;
  }
  FileIdentity head = identity_;
  if (head.head_length == 0 || HashHeadOf(*file_, head.head_length, &head) != 0) return false;
  if (head.head_length == identity_.head_length) return head.head_hash != identity_.head_hash;
  if (head.head_length < least_size) return true;
  if (tail_length_ == 0) return true;  // nothing else proves that it is the same
  identity_ = head;                    // an unfinished line that it covered was taken back
  head_shrank_ = true;
  return false;
}

void TailedFile::LoadTail() {
  const auto length = static_cast<size_t>(std::min<uint64_t>(offset_, sizeof tail_));
  const bool whole = ReadFully(*file_, offset_ - length, tail_, length).size == length;
  tail_length_ = whole ? static_cast<uint8_t>(length) : 0;
}

// The `available` bytes before `end` directly follow those that are remembered.
void TailedFile::RememberTail(const char* end, size_t available) {
  const size_t fresh = std::min(available, sizeof tail_);
  const size_t kept = std::min<size_t>(tail_length_, sizeof tail_ - fresh);
  std::memmove(tail_, tail_ + tail_length_ - kept, kept);
  std::memcpy(tail_ + kept, end - fresh, fresh);
  tail_length_ = static_cast<uint8_t>(kept + fresh);
}

TailedFile::Progress TailedFile::Failed(int error) {
  error_ = error;
  return Progress::kFailed;
}

TailedFile::Progress TailedFile::ReadLines(Chunk* chunk, size_t max_line) {
  if (overlong_.active) return FindOverlongEnd(chunk, max_line);
  while (true) {
    const size_t room = chunk->room();
    if (room == 0) return Progress::kRoomSpent;
    char* const begin = chunk->end();
    const ReadSoFar got = ReadFully(*file_, offset_, begin, room);
    if (WasRewritten(offset_ + got.size)) return Progress::kTruncated;
    const size_t lines = EndOfShortLines({begin, got.size}, max_line);
    if (lines > 0) {
      RememberTail(begin + lines, lines);
      chunk->Append({.file = key_, .offset = offset_, .length = lines, .size = lines});
      offset_ += lines;
    }
    unended_ = got.size - lines;
    if (unended_ > max_line) {
      RememberTail(begin + lines + max_line + 1, max_line + 1);
      overlong_ = {.active = true, .scanned = offset_ + max_line + 1};
      return FindOverlongEnd(chunk, max_line);
    }
    if (got.error != 0 && lines == 0) return Failed(got.error);
    if (got.size < room && got.error == 0) return Progress::kAtEnd;
    if (!chunk->empty()) return Progress::kRoomSpent;
    chunk->Reserve(max_line + 1);  // an empty chunk without room for one line
  }
}

TailedFile::Progress TailedFile::FindOverlongEnd(Chunk* chunk, size_t max_line) {
  char window[64 * 1024];
  while (true) {
    const ReadSoFar got = ReadFully(*file_, overlong_.scanned, window, sizeof window);
    if (WasRewritten(overlong_.scanned + got.size)) return Progress::kTruncated;
    if (const void* newline = std::memchr(window, '\n', got.size)) {
      const auto taken = static_cast<size_t>(static_cast<const char*>(newline) - window) + 1;
      const uint64_t end = overlong_.scanned + taken;
      const Progress progress = EmitOverlong(chunk, max_line, end);
      if (offset_ == end) RememberTail(window + taken, taken);
      return progress;
    }
    RememberTail(window + got.size, got.size);
    overlong_.scanned += got.size;
    unended_ = overlong_.scanned - offset_;
    if (got.error != 0) return Failed(got.error);
    if (got.size < sizeof window) return Progress::kAtEnd;
  }
}

TailedFile::Progress TailedFile::EmitOverlong(Chunk* chunk, size_t max_line, uint64_t end) {
  if (chunk->empty()) chunk->Reserve(max_line);
  if (chunk->room() < max_line) return Progress::kRoomSpent;
  const ReadSoFar got = ReadFully(*file_, offset_, chunk->end(), max_line);
  if (got.error != 0) return Failed(got.error);
  if (WasRewritten(offset_ + got.size)) return Progress::kTruncated;
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = end - offset_,
                 .size = max_line,
                 .kind = Segment::Kind::kOverlong});
  offset_ = end;
  unended_ = 0;
  overlong_ = {};
  return Progress::kRoomSpent;
}

bool TailedFile::TakeUnended(Chunk* chunk, size_t max_line) {
  if (unended_ == 0) return true;
  if (overlong_.active) {
    return EmitOverlong(chunk, max_line, overlong_.scanned) != Progress::kRoomSpent ||
           unended_ == 0;
  }
  if (chunk->empty()) chunk->Reserve(unended_);
  if (chunk->room() < unended_) return false;
  const ReadSoFar got = ReadFully(*file_, offset_, chunk->end(), unended_);
  if (got.error != 0) {
    error_ = got.error;
    return true;
  }
  if (got.size > 0 && !WasRewritten(offset_ + got.size)) {
    RememberTail(chunk->end() + got.size, got.size);
    chunk->Append({.file = key_,
                   .offset = offset_,
                   .length = got.size,
                   .size = got.size,
                   .kind = Segment::Kind::kUnended});
    offset_ += got.size;
  }
  unended_ = 0;
  return true;
}

}  // namespace hctail
