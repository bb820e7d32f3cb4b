// SPDX-License-Identifier: Apache-2.0
#include "cli/head_source.h"

#include <algorithm>
#include <vector>

#include "pipeline/segment_lines.h"

namespace hctail {

void HeadSource::Read(Chunk* chunk) {
  std::vector<Segment>& segments = chunk->segments();
  const size_t before = segments.size();
  const size_t last_size = before == 0 ? 0 : segments.back().size;
  inner_->Read(chunk);
  if (lines_ == 0) return;
  const std::set<FileKey> cut_before = cut_;
  std::vector<Segment> pauses;
  size_t kept = before;
  // What directly follows the last segment has joined it.
  for (size_t i = before == 0 ? 0 : before - 1; i < segments.size(); ++i) {
    Segment& segment = segments[i];
    if (i >= before && Enough(segment.file)) continue;
    const bool wanted = Count(*chunk, i < before ? last_size : 0, &segment);
    if (Enough(segment.file) && !cut_before.contains(segment.file)) {
      pauses.push_back({.file = segment.file,
                        .offset = segment.offset + (wanted ? segment.length : 0),
                        .kind = Segment::Kind::kPause,
                        .pause = Segment::Pause::kShutdown});
    }
    if (i >= before && wanted) segments[kept++] = segment;
  }
  segments.resize(kept);
  for (const Segment& pause : pauses) chunk->Append(pause);
}

// Counts the lines of `segment` behind its first `counted` bytes, and cuts it behind the last that
// is wanted.  False if none of it is.
bool HeadSource::Count(const Chunk& chunk, size_t counted, Segment* segment) {
  uint64_t& read = read_[segment->file];
  if (segment->kind == Segment::Kind::kUnended || segment->kind == Segment::Kind::kOverlong) {
    if (read < lines_)
      ++read;
    else
      cut_.insert(segment->file);
    return !Enough(segment->file);
  }
  if (segment->kind != Segment::Kind::kLines) return true;
  size_t size = 0;
  for (SegmentLines lines(chunk, *segment); lines.Next();) {
    if (size >= counted && read == lines_) {
      segment->size = size;
      segment->length = lines.begin() - segment->offset;
      cut_.insert(segment->file);
      return size > 0;
    }
    if (size >= counted) ++read;
    size += lines.bytes().size();
  }
  return true;
}

}  // namespace hctail
