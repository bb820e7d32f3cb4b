// SPDX-License-Identifier: Apache-2.0
// windowed-throughput: as total-throughput, but reckoned anew every `window` (1 s) from all that
// came within `lookback` (30 windows): quick to follow and yet steady (windowedthroughput.go,
// blocklist.go).  There a key that is not known has rate 0, and a full table turns even known keys
// away.
//
// The counts of a window are a block, and a key's average is the sum over the blocks that are young
// enough.  A block names keys by slot and serial: what a forgotten key counted is skipped when its
// block is dropped.
#include <algorithm>
#include <cmath>
#include <deque>

#include "sample/goal_rates.h"
#include "sample/sampler.h"
#include "sample/throughput_samplers.h"

namespace hctail {
namespace {

class WindowedThroughput final : public Sampler {
 public:
  explicit WindowedThroughput(const SamplerSettings& settings)
      : window_(settings.window > Duration(0) ? settings.window : std::chrono::seconds(1)),
        lookback_(std::max<int64_t>(
            1, (settings.lookback > Duration(0) ? settings.lookback : 30 * window_) / window_)),
        per_second_(settings.goal_per_second > 0 ? settings.goal_per_second : 100),
        share_(per_second_ * Seconds(window_ * lookback_)) {}

  std::unique_ptr<Sampler> Clone() const override {
    return std::make_unique<WindowedThroughput>(*this);
  }
  std::string_view name() const override { return "windowed-throughput"; }
  std::string Goal() const override { return PerSecond(per_second_); }
  Duration window() const override { return window_; }

  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    AddBlock(keys);
    now_ += std::min(end.windows, lookback_ + 1);  // more makes no difference
    DropBlocks(keys);
    const size_t live = static_cast<size_t>(
        std::ranges::count_if(keys->slots(), [](const KeyState& key) { return key.average > 0; }));
    if (live > 0) {
      share_ = per_second_ * Seconds(window_ * lookback_) / static_cast<double>(live);
    }
    for (KeyState& key : keys->slots()) {
      key.rate = key.average > 0 ? ToRate(std::trunc(key.average / share_)) : 0;
      key.expected = std::max(key.average / static_cast<double>(lookback_), key.count);
    }
  }
  FirstEstimate first_estimate() const override {
    return {.law = FirstEstimate::Law::kShare, .goal = share_};
  }
  std::vector<double> State() const override { return {share_}; }
  bool SetState(std::span<const double> state) override {
    if (state.size() != 1) return false;
    if (state[0] > 0) share_ = state[0];
    return true;
  }

 private:
  struct Count {
    uint32_t slot;
    uint64_t serial;
    double count;
  };
  struct Block {
    int64_t index;
    std::vector<Count> counts;
  };

  void AddBlock(KeyTable* keys) {
    Block block{now_, {}};
    auto& slots = keys->slots();
    for (uint32_t slot = 0; slot < slots.size(); ++slot) {
      KeyState& key = slots[slot];
      // After a restart the average is not covered by blocks; the rate was all there was to keep.
      if (blocks_.empty()) key.average = 0;
      if (key.count <= 0) continue;
      key.average += key.count;
      block.counts.push_back({slot, key.serial, key.count});
    }
    if (!block.counts.empty()) blocks_.push_back(std::move(block));
  }

  void DropBlocks(KeyTable* keys) {
    while (!blocks_.empty() && blocks_.front().index < now_ - lookback_) {
      for (const Count& count : blocks_.front().counts) {
        KeyState& key = keys->slots()[count.slot];
        if (key.serial == count.serial) key.average = std::max(0.0, key.average - count.count);
      }
      blocks_.pop_front();
    }
  }

  const Duration window_;
  const int64_t lookback_;  // windows
  const double per_second_;
  double share_;  // of each key, in all of the look-back
  int64_t now_ = 0;
  std::deque<Block> blocks_;  // oldest first
};

}  // namespace

std::unique_ptr<Sampler> MakeWindowedThroughput(const SamplerSettings& settings) {
  return std::make_unique<WindowedThroughput>(settings);
}

}  // namespace hctail
