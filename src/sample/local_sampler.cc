// SPDX-License-Identifier: Apache-2.0
// See shared_sampler.cc for how the two work together.
#include "sample/local_sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#include "base/fingerprint.h"

namespace hctail {
namespace {

constexpr uint64_t kHandOverAfter = 1024;
constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

// Of an index for so many slots: a power of two, at most half full.
size_t IndexSize(size_t slots) { return std::bit_ceil(std::max<size_t>(64, slots * 2)); }

// Events until `next` is reached from `count`.
uint64_t Left(double next, double count) {
  const double left = std::ceil(next - count);
  if (!(left > 1)) return 1;
  return left < 1e18 ? static_cast<uint64_t>(left) : kNever;
}

}  // namespace

LocalSampler::LocalSampler(std::shared_ptr<SharedSampler> shared, uint64_t seed)
    : shared_(std::move(shared)), random_(seed) {}

LocalSampler::LocalKey* LocalSampler::Find(LocalLane* lane, uint64_t hash, std::string_view key) {
  const size_t mask = lane->index.size() - 1;
  for (size_t at = hash & mask; lane->index[at] != 0; at = (at + 1) & mask) {
    LocalKey& found = lane->keys[lane->index[at]];
    if (found.hash == hash && found.name == key) return &found;
  }
  return nullptr;
}

uint64_t LocalSampler::Rate(std::string_view key, int64_t when) {
  LocalLane* lane = current_;
  if (when >= lane->until || when < lane->from || lane->budget == 0) lane = MoveTo(when);
  --lane->budget;
  ++lane->seen;
  const uint64_t hash = HashBytes(key);
  LocalKey* found = Find(lane, hash, key);
  if (found == nullptr) {
    found = lane->complete ? &lane->keys[KeyTable::kShared] : Introduce(lane, key, hash);
  }
  const auto slot = static_cast<uint32_t>(found - lane->keys.data());
  if (found->pending++ == 0) lane->touched.push_back(slot);
  if (--found->left == 0) Reckon(lane, found, slot);
  lane->expected_kept += found->chance;
  last_ = found;
  return found->rate;
}

bool LocalSampler::Toss(Coin coin, uint64_t hash) {
  if (coin != Coin::kHoneytailHash) return TossAt(last_->step, coin, hash);
  const bool keep = TossHoneytailHash(last_->rate, hash);
  current_->kept += keep ? 1 : 0;
  return keep;
}

bool LocalSampler::TossAt(uint64_t step, Coin coin, uint64_t hash) {
  bool keep = false;
  switch (coin) {
    case Coin::kStratified:
      keep = TossStratified(step, &last_->sum);
      break;
    case Coin::kRandom:
      keep = TossRandom(step, random_);
      break;
    case Coin::kHash:
    case Coin::kHoneytailHash:
      keep = TossHash(step, hash);
      break;
  }
  current_->kept += keep ? 1 : 0;
  return keep;
}

void LocalSampler::Flush() {
  if (std::ranges::all_of(lanes_, [](const auto& lane) { return lane->seen == 0; })) return;
  const std::lock_guard lock(shared_->mutex_);
  for (const auto& lane : lanes_) HandOver(lane.get());
}

// An event of `when` does not belong to the current lane as it is, or counts are due.
LocalSampler::LocalLane* LocalSampler::MoveTo(int64_t when) {
  if (current_->budget != 0) {
    for (const auto& lane : lanes_) {
      if (when >= lane->begin && when < lane->until && lane->budget > 0) {
        return current_ = lane.get();
      }
    }
  }
  const std::lock_guard lock(shared_->mutex_);
  // All of them: what is pending belongs to windows that may be about to end.
  for (const auto& lane : lanes_) HandOver(lane.get());
  current_ = LocalOf(shared_->LaneAt(when));
  if (current_->version != current_->lane->version) Mirror(current_);
  SetBudget(current_);
  // An event that found no lane of its own time must not ask again each time.
  current_->from = std::min(current_->from, when);
  return current_;
}

LocalSampler::LocalLane* LocalSampler::LocalOf(const std::shared_ptr<Lane>& lane) {
  std::erase_if(lanes_, [](const auto& local) { return local->lane->closed; });
  for (const auto& local : lanes_) {
    if (local->lane == lane) return local.get();
  }
  lanes_.push_back(std::make_unique<LocalLane>());
  lanes_.back()->lane = lane;
  return lanes_.back().get();
}

void LocalSampler::SetBudget(LocalLane* lane) {
  lane->total = lane->lane->total;
  const double until_burst = lane->lane->sampler->burst_threshold() - lane->lane->total;
  lane->budget = until_burst < static_cast<double>(kHandOverAfter)
                     ? static_cast<uint64_t>(std::max(1.0, std::ceil(until_burst)))
                     : kHandOverAfter;
}

// A key that is not in the mirror, while there may be room.
LocalSampler::LocalKey* LocalSampler::Introduce(LocalLane* lane, std::string_view key,
                                                uint64_t hash) {
  const std::lock_guard lock(shared_->mutex_);
  if (lane->version != lane->lane->version) {
    HandOver(lane);
    Mirror(lane);
    if (LocalKey* const found = Find(lane, hash, key); found != nullptr) return found;
  }
  const uint32_t slot = lane->lane->keys.FindOrAdd(key);
  if (slot == KeyTable::kShared) {
    HandOver(lane);
    Mirror(lane);
    lane->complete = true;
    return &lane->keys[KeyTable::kShared];
  }
  if (slot >= lane->keys.size() && IndexSize(slot + 1) != lane->index.size()) {
    HandOver(lane);
    Mirror(lane);  // into a larger index
    return &lane->keys[slot];
  }
  if (slot >= lane->keys.size()) lane->keys.resize(slot + 1);
  MirrorKey(lane, slot);
  Insert(lane, slot);
  return &lane->keys[slot];
}

// The rate of a key that no window tells of, or that comes much oftener than expected.
void LocalSampler::Reckon(LocalLane* lane, LocalKey* key, uint32_t slot) {
  if (key->rate == 0) {
    const std::lock_guard lock(shared_->mutex_);
    KeyState& state = lane->lane->keys.slots()[slot];
    if (state.serial == key->serial) {
      state.count += static_cast<double>(key->pending);
      lane->lane->total += static_cast<double>(key->pending);
      key->pending = 0;
      key->base = state.count;
    }
  }
  const double count = key->base + static_cast<double>(key->pending);
  const double total = lane->total + static_cast<double>(lane->seen);
  SetRate(std::max(key->rate, lane->first.Rate(count, total)), key);
  key->left = Left(lane->first.NextCount(count), count);
}

void LocalSampler::SetRate(uint64_t rate, LocalKey* key) {
  key->rate = rate;
  key->step = KeepStep(rate);
  key->chance = rate == 0 ? 0 : 1 / static_cast<double>(rate);
}

void LocalSampler::HandOver(LocalLane* lane) {
  Lane& shared = *lane->lane;
  for (const uint32_t slot : lane->touched) {
    LocalKey& key = lane->keys[slot];
    const auto pending = static_cast<double>(key.pending);
    KeyState& state = shared.keys.slots()[slot];
    const bool same = state.serial == key.serial;
    (same ? state : shared.keys.shared()).count += pending;
    shared.total += pending;
    key.base = same ? state.count : key.base + pending;
    key.pending = 0;
  }
  lane->touched.clear();
  shared.kept += lane->kept;
  shared_->seen_ += lane->seen;
  shared_->kept_ += lane->kept;
  lane->seen = lane->kept = 0;
  shared.expected_kept += lane->expected_kept;
  lane->expected_kept = 0;
}

void LocalSampler::MirrorKey(LocalLane* lane, uint32_t slot) {
  const KeyState& state = lane->lane->keys.slots()[slot];
  LocalKey& key = lane->keys[slot];
  if (key.serial != state.serial) {
    key.serial = state.serial;
    key.name = state.name;
    key.hash = HashBytes(key.name);
    key.sum = random_.Next64();
  }
  key.base = state.count;
  SetRate(state.rate, &key);
  const bool many = slot == KeyTable::kShared && lane->first.law == FirstEstimate::Law::kLog;
  if (state.rate == 0) {
    key.left = 1;
  } else if (many || state.expected <= 0) {
    key.left = kNever;
  } else {
    key.left = Left(2 * state.expected + 16, state.count);
  }
}

void LocalSampler::Mirror(LocalLane* lane) {
  const Lane& shared = *lane->lane;
  lane->version = shared.version;
  lane->begin = shared.begin;
  lane->from = shared_->FromOf(shared);
  lane->until = shared_->UntilOf(shared);
  lane->total = shared.total;
  lane->first = shared.sampler->first_estimate();
  lane->complete = false;
  if (lane->keys.size() < shared.keys.slots().size()) lane->keys.resize(shared.keys.slots().size());
  for (uint32_t slot = 0; slot < lane->keys.size(); ++slot) MirrorKey(lane, slot);
  lane->index.assign(IndexSize(lane->keys.size()), 0);
  for (uint32_t slot = 1; slot < lane->keys.size(); ++slot) {
    if (lane->keys[slot].serial != 0) Insert(lane, slot);
  }
}

// Puts a key that is not there yet into the index.
void LocalSampler::Insert(LocalLane* lane, uint32_t slot) {
  const size_t mask = lane->index.size() - 1;
  size_t at = lane->keys[slot].hash & mask;
  while (lane->index[at] != 0) at = (at + 1) & mask;
  lane->index[at] = slot;
}

}  // namespace hctail
