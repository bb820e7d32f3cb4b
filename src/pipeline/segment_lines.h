// SPDX-License-Identifier: Apache-2.0
// The lines of a segment, one after the other, and where each stands in the file.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/fingerprint.h"
#include "tail/chunk.h"

namespace hctail {

class SegmentLines {
 public:
  SegmentLines(const Chunk& chunk, const Segment& segment)
      : rest_(chunk.text(segment)),
        end_(segment.offset),
        segment_(segment),
        ends_(chunk.ends(segment)) {
    if (segment.lengths != Segment::kRaw) length_ = chunk.line_lengths().data() + segment.lengths;
  }

  bool Next() {
    if (rest_.empty()) return false;
    const void* const newline = segment_.kind == Segment::Kind::kLines
                                    ? std::memchr(rest_.data(), '\n', rest_.size())
                                    : nullptr;
    const size_t size =
        newline == nullptr
            ? rest_.size()
            : static_cast<size_t>(static_cast<const char*>(newline) - rest_.data()) + 1;
    bytes_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    begin_ = end_;
    if (segment_.kind == Segment::Kind::kOverlong) {
      end_ += segment_.length;
    } else {
      end_ += length_ == nullptr ? size : *length_++;
    }
    if (ends_ != nullptr) ends_ += std::min<uint64_t>(end_ - begin_, kTailLimit);
    return true;
  }

  // The line without its terminator, a byte order mark at the beginning of the file, and NUL bytes
  // before it (the hole that a copytruncate leaves under a writer that does not append).
  std::string_view text() const;
  // With its terminator, as it stands in the chunk.
  std::string_view bytes() const { return bytes_; }
  // The file's bytes before end(), the line's or the last of them; empty if they are not known.
  std::string_view raw_end() const {
    if (ends_ != nullptr) {
      const auto size = static_cast<size_t>(std::min<uint64_t>(end_ - begin_, kTailLimit));
      return {ends_ - size, size};
    }
    const bool raw = length_ == nullptr && segment_.kind != Segment::Kind::kOverlong;
    return raw ? bytes_ : std::string_view();
  }
  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }

 private:
  std::string_view rest_;
  std::string_view bytes_;
  uint64_t begin_ = 0;
  uint64_t end_;
  const Segment& segment_;
  const uint32_t* length_ = nullptr;
  const char* ends_;  // of the next line
};

inline std::string_view SegmentLines::text() const {
  std::string_view text = bytes_;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (begin_ == 0 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with('\0'))
    text.remove_prefix(std::min(text.find_first_not_of('\0'), text.size()));
  return text;
}

}  // namespace hctail
