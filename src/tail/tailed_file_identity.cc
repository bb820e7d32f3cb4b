// SPDX-License-Identifier: Apache-2.0
// How a TailedFile notices that its file is not what it was, and knows it in a copy.
#include <algorithm>
#include <cstring>
#include <ranges>
#include <utility>

#include "base/fingerprint.h"
#include "tail/decompressed_file.h"
#include "tail/identity.h"
#include "tail/tailed_file.h"

namespace hctail {
namespace {

constexpr size_t kMostSamples = 16;

}  // namespace

bool TailedFile::RefreshIdentity() {
  if (identity_.head_length >= kHeadLimit) return false;
  const FileIdentity before = identity_;
  if (HashHeadOf(*file_, kHeadLimit, &identity_) != 0) return false;
  return std::exchange(head_shrank_, false) || !(identity_ == before);
}

SavedFile TailedFile::Position() const {
  SavedFile saved;
  saved.path = path_;
  saved.identity = identity_;
  saved.offset = overlong_.active ? overlong_.scanned : offset_;
  saved.tail_length = tail_length_;
  saved.tail_hash = HashBytes({tail_, tail_length_});
  return saved;
}

// A shorter file, or other bytes at its beginning or before the offset: it was truncated, and may
// have grown again.  Lines often end alike, so the bytes before the offset alone tell too little.
// Asked after each read, which went up to `read_to`: what was read before a truncation is whole,
// and what was not is not used.
bool TailedFile::WasRewritten(uint64_t read_to) {
  const uint64_t position = overlong_.active ? overlong_.scanned : offset_;
  const uint64_t least_size = std::max({position, read_to, flushed_to_});
  const auto stat = file_->Stat();
  if (!stat) return false;
  if (stat->size < least_size) return true;
  char now[sizeof tail_];
  const ReadSoFar tail = ReadFully(*file_, position - tail_length_, now, tail_length_);
  if (tail.error == 0 && (tail.size < tail_length_ || std::memcmp(now, tail_, tail_length_) != 0)) {
    return true;
  }
  FileIdentity head = identity_;
  if (head.head_length == 0 || HashFirst(*file_, head.head_length, &head) != 0) {
    largest_seen_ = stat->size;
    modified_whole_ = stat->modified;
    return false;
  }
  if (head.head_length == identity_.head_length && head.head_hash != identity_.head_hash) {
    return true;
  }
  if (head.head_length < identity_.head_length) {
    if (head.head_length < least_size) return true;
    if (tail_length_ == 0) return true;  // nothing else proves that it is the same
    identity_ = head;                    // an unfinished line that it covered was taken back
    head_shrank_ = true;
  }
  largest_seen_ = stat->size;
  modified_whole_ = stat->modified;
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

void TailedFile::AddSample() {
  if (tail_length_ < sizeof tail_ || overlong_.active) return;
  const uint64_t last = samples_.empty() ? kHeadLimit : samples_.back().offset;
  if (offset_ <= last) return;
  if (samples_.size() == kMostSamples) {
    // Every second one, but for the newest.
    std::vector<Sample> kept;
    for (size_t i = 1; i < kMostSamples; i += 2) kept.push_back(samples_[i]);
    samples_ = std::move(kept);
  }
  samples_.push_back({offset_, HashBytes({tail_, sizeof tail_})});
}

bool TailedFile::IsBeginOf(OpenFile& copy, const FileIdentity& identity) const {
  if (identity_.head_length < kHeadLimit || identity.head_length < kHeadLimit ||
      identity_.head_hash != identity.head_hash) {
    return false;
  }
  char bytes[sizeof tail_];
  const auto end = copy.ReadAt(offset_ - 1, bytes, 1);
  if (!end || *end != 0) return false;  // it is not shorter, or cannot be read
  for (const Sample& sample : samples_ | std::views::reverse) {
    const ReadSoFar got = ReadFully(copy, sample.offset - sizeof bytes, bytes, sizeof bytes);
    if (got.error != 0) return false;
    if (got.size == sizeof bytes) return HashBytes({bytes, got.size}) == sample.tail_hash;
  }
  return false;
}

std::unique_ptr<OpenFile> TailedFile::MoveTo(std::unique_ptr<OpenFile> copy, uint64_t device,
                                             uint64_t inode) {
  std::unique_ptr<OpenFile> before = std::exchange(file_, std::move(copy));
  packed_ = dynamic_cast<const DecompressedFile*>(file_.get());
  identity_.device = device;
  identity_.inode = inode;
  largest_seen_ = 0;
  return before;
}

}  // namespace hctail
