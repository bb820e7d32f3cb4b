// SPDX-License-Identifier: Apache-2.0
// One worker's end of a SharedSampler: the rate of each event, and whether it is kept.
//
// Rate and Toss are the hot path: no lock, no allocation and no clock but now and then (see
// shared_sampler.cc).  The sum of the stratified coin is kept here, per key.
//
// Not thread-safe: one per worker.  Tested by shared_sampler_test.cc and
// tests/model/sampling_test.cc; measured by tests/bench/sample_bench.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sample/coin.h"
#include "sample/shared_sampler.h"

namespace hctail {

// Nanoseconds since 1970, for arithmetic on windows of time.  What lies outside the years 1678 to
// 2261 is moved to the nearest end: a log line may claim any year, and all that matters of such a
// time is that it is before or after.
inline int64_t ToNanos(Timestamp time) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / kSecond - 1;
  if (time.seconds > kMost) return kMost * kSecond;
  if (time.seconds < -kMost) return -kMost * kSecond;
  return time.seconds * kSecond + time.nanos;
}

class LocalSampler {
 public:
  LocalSampler(std::shared_ptr<SharedSampler> shared, uint64_t seed);
  LocalSampler(const LocalSampler&) = delete;  // it points into itself
  LocalSampler& operator=(const LocalSampler&) = delete;

  // Counts an event of `key` at `when` (ToNanos) and says one in how many of them to keep.
  uint64_t Rate(std::string_view key, int64_t when);
  // Whether to keep the event that Rate was just asked for, with chance 1/rate.  `hash` is for the
  // hash coins.
  bool Toss(Coin coin, uint64_t hash);
  // The same with a chance of `step` / 2^64 instead (0: certain).
  bool TossAt(uint64_t step, Coin coin, uint64_t hash);
  // Hands over all counts: at the end of a chunk, and before the status is shown.
  void Flush();

 private:
  using Lane = SharedSampler::Lane;

  struct LocalKey {
    uint64_t hash = 0;
    uint64_t serial = 0;
    uint64_t rate = 0;     // 0: ask
    uint64_t step = 0;     // KeepStep(rate)
    uint64_t sum = 0;      // of the stratified coin
    uint64_t pending = 0;  // counted here and not handed over
    uint64_t left = 0;     // events until the rate is to be reckoned again
    double base = 0;       // the shared count when it was last seen
    double chance = 0;     // 1/rate
    std::string name;
  };
  struct LocalLane {
    std::shared_ptr<Lane> lane;
    uint64_t version = 0;
    int64_t begin = std::numeric_limits<int64_t>::max();
    int64_t from = std::numeric_limits<int64_t>::max();  // times that belong here
    int64_t until = std::numeric_limits<int64_t>::min();
    uint64_t budget = 0;    // events until counts are handed over
    bool complete = false;  // a key that is not here has no slot
    FirstEstimate first;
    double total = 0;   // the shared one when counts were last handed over
    uint64_t seen = 0;  // not handed over
    uint64_t kept = 0;
    double expected_kept = 0;       // WindowEnd::kept, not handed over
    std::vector<LocalKey> keys;     // by slot
    std::vector<uint32_t> index;    // slots by hash, open addressing; 0: none
    std::vector<uint32_t> touched;  // slots whose `pending` is not 0
  };

  LocalKey* Find(LocalLane* lane, uint64_t hash, std::string_view key);
  LocalLane* MoveTo(int64_t when);
  LocalLane* LocalOf(const std::shared_ptr<Lane>& lane);  // L >= shared_->mutex_
  LocalKey* Introduce(LocalLane* lane, std::string_view key, uint64_t hash);
  void Reckon(LocalLane* lane, LocalKey* key, uint32_t slot);
  static void SetRate(uint64_t rate, LocalKey* key);
  void HandOver(LocalLane* lane);                  // L >= shared_->mutex_
  void Mirror(LocalLane* lane);                    // L >= shared_->mutex_
  void MirrorKey(LocalLane* lane, uint32_t slot);  // L >= shared_->mutex_
  void Insert(LocalLane* lane, uint32_t slot);
  void SetBudget(LocalLane* lane);  // L >= shared_->mutex_

  const std::shared_ptr<SharedSampler> shared_;
  Random random_;
  std::vector<std::unique_ptr<LocalLane>> lanes_;
  LocalLane nowhere_;
  LocalLane* current_ = &nowhere_;
  LocalKey* last_ = nullptr;
};

}  // namespace hctail
