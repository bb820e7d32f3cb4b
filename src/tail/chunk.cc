// SPDX-License-Identifier: Apache-2.0
#include "tail/chunk.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "base/check.h"
#include "base/fingerprint.h"

namespace hctail {

void Chunk::Reserve(size_t capacity) {
  HC_CHECK(used_ == 0);
  if (capacity <= capacity_) return;
  // Not value-initialised: zeroing a megabyte that is about to be overwritten costs real time.
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity + kChunkPadding);
  std::memset(buffer_.get() + capacity, 0, kChunkPadding);
  capacity_ = capacity;
}

void Chunk::Append(Segment segment) {
  HC_CHECK(segment.size <= room());
  segment.begin = used_;
  used_ += segment.size;
  if (!segments_.empty() && segment.kind == Segment::Kind::kLines) {
    Segment& last = segments_.back();
    const bool both_raw =
        last.lengths == Segment::kRaw && segment.lengths == Segment::kRaw && segment.came_to == 0;
    if (last.kind == Segment::Kind::kLines && last.file == segment.file && both_raw &&
        last.offset + last.length == segment.offset) {
      last.size += segment.size;
      last.length += segment.length;
      return;
    }
  }
  segments_.push_back(segment);
}

size_t Chunk::AddEnds(std::string_view raw, size_t first) {
  const size_t begin = ends_.size();
  for (size_t i = first; i < line_lengths_.size(); ++i) {
    const std::string_view line = raw.substr(0, line_lengths_[i]);
    ends_.append(line.substr(line.size() - std::min<size_t>(line.size(), kTailLimit)));
    raw.remove_prefix(line.size());
  }
  return begin;
}

size_t Chunk::AddEnd(std::string_view last) {
  const size_t begin = ends_.size();
  ends_.append(last);
  return begin;
}

// Looks at the end of each stretch of max_line + 1 bytes only: one with a newline holds no long
// line.
size_t EndOfShortLines(std::string_view text, size_t max_line) {
  size_t end = 0;
  while (end < text.size()) {
    const size_t stretch = std::min(max_line + 1, text.size() - end);
    const size_t newline = text.substr(end, stretch).rfind('\n');
    if (newline == std::string_view::npos) break;
    end += newline + 1;
  }
  return end;
}

struct ChunkPool::Rep {
  size_t capacity;
  size_t keep;
  std::mutex mutex;
  std::vector<std::unique_ptr<Chunk>> free;  // guarded by mutex
};

ChunkPool::ChunkPool(size_t capacity, size_t keep) : rep_(std::make_unique<Rep>()) {
  rep_->capacity = capacity;
  rep_->keep = keep;
}

ChunkPool::~ChunkPool() = default;

std::unique_ptr<Chunk> ChunkPool::Take() {
  {
    const std::lock_guard lock(rep_->mutex);
    if (!rep_->free.empty()) {
      std::unique_ptr<Chunk> chunk = std::move(rep_->free.back());
      rep_->free.pop_back();
      return chunk;
    }
  }
  return std::make_unique<Chunk>(rep_->capacity);
}

void ChunkPool::Return(std::unique_ptr<Chunk> chunk) {
  if (chunk->capacity() > rep_->capacity) return;
  chunk->Clear();
  const std::lock_guard lock(rep_->mutex);
  if (rep_->free.size() < rep_->keep) rep_->free.push_back(std::move(chunk));
}

}  // namespace hctail
