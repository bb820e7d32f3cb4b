// SPDX-License-Identifier: Apache-2.0
// What one sampler knows of each key: how often it came in this window, and its rate.
//
// A bounded number of keys have a slot of their own; all others share slot 0, which has a count and
// a rate like any key.  (dynsampler-go keeps events beyond its limit 1:1 and does not count them.)
// A slot's number and serial name a key for as long as it stays, so that workers can mirror the
// table and add their counts without looking keys up.
//
// Not thread-safe: SharedSampler locks it.  Tested by key_table_test.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hctail {

struct KeyState {
  std::string name = {};
  uint64_t serial = 0;  // of this key's stay in the slot; 0: the slot is free
  double count = 0;     // events in this window so far
  double average = 0;   // what the algorithm remembers of earlier windows
  double expected = 0;  // events in a window like the last ones
  uint64_t rate = 0;    // 0: no window tells; see FirstEstimate
  bool folded = false;  // has the shared key's rate because the goal leaves no room for its own
};

class KeyTable {
 public:
  static constexpr uint32_t kShared = 0;

  // At most `limit` keys have slots.
  explicit KeyTable(size_t limit);
  KeyTable(const KeyTable& other);
  KeyTable& operator=(const KeyTable&) = delete;

  // The slot of `name`, which gets one if there is room; kShared if not.
  uint32_t FindOrAdd(std::string_view name);
  // Takes the key out of `slot` (not kShared).
  void Release(uint32_t slot);
  // The keys that windows have shown to be rare make room for others: a quarter of the limit, by
  // `average`.
  void ReleaseRarest();

  // Slots are never fewer, and a KeyState never moves.
  std::deque<KeyState>& slots() { return slots_; }
  const std::deque<KeyState>& slots() const { return slots_; }
  KeyState& shared() { return slots_.front(); }
  const KeyState& shared() const { return slots_.front(); }
  // Keys that have a slot; the shared one is not counted.
  size_t size() const { return index_.size(); }
  bool full() const { return index_.size() >= limit_; }

 private:
  const size_t limit_;
  std::deque<KeyState> slots_;
  std::vector<uint32_t> free_;
  std::unordered_map<std::string_view, uint32_t> index_;  // views of the slots' names
  uint64_t serials_ = 1;
};

}  // namespace hctail
