// SPDX-License-Identifier: Apache-2.0
// A blocking queue between threads.  It has no bound of its own: what may be in it is bounded by
// the ByteBudget that every Chunk is charged to, so a push never waits and no cycle can form.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace hctail {

template <typename T>
class HandOff {
 public:
  void Push(T item) {
    {
      const std::lock_guard lock(mutex_);
      items_.push_back(std::move(item));
    }
    filled_.notify_one();
  }

  // Waits for an item; nothing once the queue is closed and drained.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
    return TakeLocked();
  }

  std::optional<T> TryPop() {
    const std::lock_guard lock(mutex_);
    return TakeLocked();
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  // No more pushes; Pop returns what is left and then nothing.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
  }

 private:
  std::optional<T> TakeLocked() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<T> items_;  // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace hctail
