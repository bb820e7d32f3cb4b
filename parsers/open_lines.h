// SPDX-License-Identifier: Apache-2.0
// The lines that a FileParser around another has given to it and that are not complete, each with
// what is to be remembered of it until then.
//
// Whoever emits a record has called Complete at the record's beginning before (as all do whose
// records do not overlap), so that of a record being emitted First() is the first line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace hctail {

template <typename Note>
class OpenLines {
 public:
  bool empty() const { return lines_.empty(); }
  // Of the first line.
  uint64_t begin() const { return lines_.front().begin; }
  const Note& First() const { return lines_.front().note; }
  Note& First() { return lines_.front().note; }
  const Note& Last() const { return lines_.back().note; }

  void Add(uint64_t begin, uint64_t end, Note note) {
    lines_.push_back({begin, end, std::move(note)});
  }
  // Returns how many lines that completes.
  size_t Complete(uint64_t end) {
    size_t count = 0;
    for (; !lines_.empty() && lines_.front().end <= end; ++count) lines_.pop_front();
    return count;
  }

 private:
  struct Line {
    uint64_t begin = 0;
    uint64_t end = 0;
    Note note;
  };
  std::deque<Line> lines_;
};

}  // namespace hctail
