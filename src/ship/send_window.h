// SPDX-License-Identifier: Apache-2.0
// Keeps what a kill would send again small: knows the oldest chunk that is not wholly settled, the
// frontier, and lets requests start only for the `width` chunks from there on.
//
// Chunks arrive in any order, since workers finish in any order.  Not thread-safe.  Tested by
// sender_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "ship/batch.h"

namespace hctail {

class SendWindow {
 public:
  explicit SendWindow(size_t width) : width_(width) {}

  // May a request for a batch of `sequence` start?
  bool Allows(uint64_t sequence) const { return sequence < frontier_ + width_; }
  uint64_t frontier() const { return frontier_; }

  void Add(const Batch& batch) { chunks_[batch.sequence].parts = batch.parts; }
  // The batch, which was added, is settled.
  void Settle(const Batch& batch) {
    ++chunks_[batch.sequence].settled;
    for (auto it = chunks_.begin();
         it != chunks_.end() && it->first == frontier_ && it->second.settled == it->second.parts;
         it = chunks_.erase(it)) {
      ++frontier_;
    }
  }

 private:
  struct Chunk {
    uint32_t parts = 0;
    uint32_t settled = 0;
  };

  const size_t width_;
  uint64_t frontier_ = 0;
  std::map<uint64_t, Chunk> chunks_;  // by sequence, not before the frontier
};

}  // namespace hctail
