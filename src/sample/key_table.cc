// SPDX-License-Identifier: Apache-2.0
#include "sample/key_table.h"

#include <algorithm>
#include <cstddef>

#include "base/check.h"

namespace hctail {

KeyTable::KeyTable(size_t limit) : limit_(limit) { slots_.push_back({.serial = 1}); }

KeyTable::KeyTable(const KeyTable& other)
    : limit_(other.limit_), slots_(other.slots_), free_(other.free_), serials_(other.serials_) {
  for (uint32_t slot = 1; slot < slots_.size(); ++slot) {
    if (slots_[slot].serial != 0) index_.emplace(slots_[slot].name, slot);
  }
}

uint32_t KeyTable::FindOrAdd(std::string_view name) {
  if (const auto it = index_.find(name); it != index_.end()) return it->second;
  if (full()) return kShared;
  uint32_t slot = static_cast<uint32_t>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  slots_[slot] = {.name = std::string(name), .serial = ++serials_};
  index_.emplace(slots_[slot].name, slot);
  return slot;
}

void KeyTable::Release(uint32_t slot) {
  HC_CHECK(slot != kShared && slots_[slot].serial != 0);
  index_.erase(slots_[slot].name);
  slots_[slot] = {};
  free_.push_back(slot);
}

void KeyTable::ReleaseRarest() {
  std::vector<uint32_t> taken;
  for (uint32_t slot = 1; slot < slots_.size(); ++slot) {
    if (slots_[slot].serial != 0) taken.push_back(slot);
  }
  const size_t leaving = std::min(taken.size(), std::max<size_t>(limit_ / 4, 1));
  // Of equal averages the slot decides, so that a run can be repeated.
  const auto rarer = [this](uint32_t a, uint32_t b) {
    return std::pair(slots_[a].average, a) < std::pair(slots_[b].average, b);
  };
  std::ranges::partial_sort(taken, taken.begin() + static_cast<ptrdiff_t>(leaving), rarer);
  for (size_t i = 0; i < leaving; ++i) Release(taken[i]);
}

}  // namespace hctail
