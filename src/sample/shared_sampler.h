// SPDX-License-Identifier: Apache-2.0
// One sampler of one dataset, shared by all workers: counts come in, windows end, rates go out.
//
// A worker does not talk to it for each event but through a LocalSampler of its own, which mirrors
// the rates and hands its counts over now and then; shared_sampler.cc tells how, and what a lane
// is.
//
// Thread-safe.  What is said of a lane holds under the mutex.  Tested by shared_sampler_test.cc and
// tests/model/sampling_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sample/key_table.h"
#include "sample/sampler.h"

namespace hctail {

// For the status.  Counts are of this process; `window_` ones of the last window that ended.
struct SamplerReport {
  struct Key {
    std::string name;
    uint64_t rate;
    double expected;  // events in a window
  };
  std::string goal = {};
  uint64_t seen = 0;
  uint64_t kept = 0;
  uint64_t window_seen = 0;
  uint64_t window_kept = 0;
  size_t keys = 0;            // that have a slot
  size_t folded = 0;          // of these, that have the shared key's rate
  double shared = 0;          // events in a window of keys that have no slot
  uint64_t shared_rate = 0;   // 0: none yet
  std::vector<Key> top = {};  // most frequent first
};

// What survives a restart.
struct SamplerState {
  std::vector<double> sampler;  // Sampler::State
  std::vector<KeyState> keys;   // the shared one first; only name, average, expected and rate
};

class SharedSampler {
 public:
  static constexpr size_t kMaxLanes = 8;

  SharedSampler(std::unique_ptr<Sampler> sampler, size_t max_keys);

  SamplerReport Report(size_t top) const;
  SamplerState Save() const;
  // Before the first event.  False, and nothing changes, if the state is of another algorithm.
  bool Restore(const SamplerState& state);

 private:
  friend class LocalSampler;

  struct Lane {
    explicit Lane(size_t max_keys) : keys(max_keys) {}
    // With the rates of another, and no counts.
    Lane(const Lane& other, int64_t when);

    KeyTable keys;
    std::unique_ptr<Sampler> sampler;
    int64_t begin = 0;         // of its window
    uint64_t version = 1;      // windows ended
    double total = 0;          // events in its window
    double expected_kept = 0;  // WindowEnd::kept
    uint64_t kept = 0;
    uint64_t used = 0;  // when it was last asked for, in calls
    bool closed = false;
  };

  // The lane for an event of `when`, moved to its window.
  std::shared_ptr<Lane> LaneAt(int64_t when);                // L >= mutex_
  std::shared_ptr<Lane> NearestLane(int64_t when);           // L >= mutex_
  std::shared_ptr<Lane> OpenLane(int64_t when, Lane* from);  // L >= mutex_
  void EndWindow(Lane* lane, int64_t windows, bool burst);   // L >= mutex_
  int64_t UntilOf(const Lane& lane) const;
  int64_t FromOf(const Lane& lane) const;
  const Lane& latest() const;  // L >= mutex_

  const size_t max_keys_;
  const int64_t window_;
  mutable std::mutex mutex_;
  // The first one exists from the start, but has no time before the first event.
  std::vector<std::shared_ptr<Lane>> lanes_;
  bool begun_ = false;
  uint64_t calls_ = 0;
  uint64_t opened_at_ = 0;  // `seen_` when a lane was last replaced
  uint64_t seen_ = 0;
  uint64_t kept_ = 0;
  uint64_t window_seen_ = 0;
  uint64_t window_kept_ = 0;
};

}  // namespace hctail
