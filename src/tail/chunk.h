// SPDX-License-Identifier: Apache-2.0
// What one round of reading found: whole lines of one or several files, in one buffer.
//
// A Chunk is the unit of hand-over and of batching: the reader gathers into it for as long as
// batches may wait (--send-frequency-ms), and one worker turns it into one batch per dataset.
// It has one owner at a time: it moves from the reader to a worker and dies there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"
#include "base/time.h"

namespace hctail {

// Readable bytes after the last one used, so that simdjson may parse in place.
inline constexpr size_t kChunkPadding = 64;

struct Segment {
  enum class Kind : uint8_t {
    kLines,     // whole lines, each with its terminator
    kUnended,   // the last line of a file that ended without a terminator
    kOverlong,  // the first bytes of a line longer than --max-line
    kHole,      // NUL bytes before a line: what a sparse file or a crash left
    kHead,      // the file's first lines, when reading begins in its middle: stands for no bytes
    kPause,     // no bytes: nothing more comes for now, or ever
  };
  enum class Pause : uint8_t {
    kIdle,      // for `quiet`
    kShutdown,  // hctail stops
    kEnd,       // nothing more will ever come
  };
  static constexpr size_t kRaw = SIZE_MAX;

  FileKey file = 0;
  uint64_t offset = 0;  // of the first byte, in the file
  uint64_t length = 0;  // bytes of the file it stands for
  size_t begin = 0;     // in the chunk
  size_t size = 0;
  Kind kind = Kind::kLines;
  Pause pause = Pause::kIdle;  // kPause only
  Duration quiet = {};         // kPause, kIdle only
  // Index in Chunk::line_lengths() of its first line, if its text is not the file's bytes but what
  // they were decoded to.
  size_t lengths = kRaw;
  // Where Chunk's ends of its lines begin, if its text is not the file's bytes.
  size_t ends = kRaw;
  // kUnended: it may grow.  It is a record only if it is a whole one; if it grows, or is the last
  // after all, it comes again.
  bool tentative = false;
  // Up to here its first line came before, as tentative; 0: it did not.
  uint64_t came_to = 0;
  uint32_t mended = 0;  // of these lines: how many had bytes that are no text
  uint64_t turn = 0;    // of this segment among those of its file: dense from 0
};

class Chunk {
 public:
  explicit Chunk(size_t capacity) { Reserve(capacity); }

  size_t capacity() const { return capacity_; }
  size_t used() const { return used_; }
  size_t room() const { return capacity_ - used_; }
  bool empty() const { return segments_.empty(); }
  char* end() { return buffer_.get() + used_; }
  const std::vector<Segment>& segments() const { return segments_; }
  std::vector<Segment>& segments() { return segments_; }
  // Of decoded lines: the bytes of the file that each stands for.  Filled by whoever appends.
  std::vector<uint32_t>& line_lengths() { return line_lengths_; }
  const std::vector<uint32_t>& line_lengths() const { return line_lengths_; }
  // Notes, of each line that `raw` was decoded to, the last of the bytes that it stands for: the
  // lines are those from line_lengths()[first] on.  Returns their Segment::ends.
  size_t AddEnds(std::string_view raw, size_t first);
  // The same for a segment of no lines: `last` are its last kTailLimit bytes, or all.
  size_t AddEnd(std::string_view last);
  // What was noted.
  const char* ends(const Segment& segment) const {
    return segment.ends == Segment::kRaw ? nullptr : ends_.data() + segment.ends;
  }
  // The bytes of `segment`; followed by at least kChunkPadding readable ones.
  std::string_view text(const Segment& segment) const {
    return {buffer_.get() + segment.begin, segment.size};
  }

  // Makes room for at least `capacity` bytes.  Only for an empty chunk: nothing is kept.
  void Reserve(size_t capacity);
  // Takes the `segment.size` bytes at end() as `segment`; its `begin` is set here.  Lines that
  // directly continue the last segment join it.
  void Append(Segment segment);
  void Clear() {
    used_ = 0;
    segments_.clear();
    line_lengths_.clear();
    ends_.clear();
  }

  uint64_t sequence = 0;  // dense from 0, in order of reading
  Timestamp read_time;

 private:
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t used_ = 0;
  std::vector<Segment> segments_;
  std::vector<uint32_t> line_lengths_;
  std::string ends_;
};

// The end of the last of the whole lines that `text` begins with, up to the first whose content
// (without its newline) is longer than `max_line`.
size_t EndOfShortLines(std::string_view text, size_t max_line);

// Keeps a few buffers for reuse, so that steady reading does not fault in fresh pages.
// Thread-safe.
class ChunkPool {
 public:
  ChunkPool(size_t capacity, size_t keep);
  ~ChunkPool();
  std::unique_ptr<Chunk> Take();
  // Chunks that grew beyond the pool's capacity are freed instead.
  void Return(std::unique_ptr<Chunk> chunk);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace hctail
