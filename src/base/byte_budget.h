// SPDX-License-Identifier: Apache-2.0
// Bounds what has been read and is not settled yet.  The reader charges each Chunk it hands over
// and stops reading when the budget is spent; whoever settles the chunk releases it.  Everything
// between them may therefore queue without bounds of its own, and no wait can form a cycle.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <mutex>

#include "base/wakeup.h"

namespace hctail {

class ByteBudget {
 public:
  // `released` is notified by each Release.
  ByteBudget(size_t limit, const Wakeup& released) : limit_(limit), released_(released) {}

  void Charge(size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    ++chunks_;
  }
  void Release(size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      bytes_ -= bytes;
      --chunks_;
    }
    released_.Notify();
  }
  bool spent() const {
    const std::lock_guard lock(mutex_);
    return bytes_ >= limit_;
  }
  // Chunks charged and not released.
  size_t chunks() const {
    const std::lock_guard lock(mutex_);
    return chunks_;
  }

 private:
  const size_t limit_;
  const Wakeup& released_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;   // guarded by mutex_
  size_t chunks_ = 0;  // guarded by mutex_
};

}  // namespace hctail
