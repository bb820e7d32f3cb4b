// SPDX-License-Identifier: Apache-2.0
// The samplers that give each key an equal share of events: rate = trunc(max(1, count / share)).
//
// per-key-throughput: about so many events of each key in a second (perkeythroughput.go, which
// multiplies by whole seconds and so divides by 0 in windows of less than one).
//
// total-throughput: so many events in a second, an equal share for each key that came in the window
// before (totalthroughput.go).  What a rare key does not use of its share is not given to others,
// and rates are rounded down: what is kept is between the goal for the frequent keys and twice
// that.
//
// windowed-throughput: as total-throughput, but reckoned anew every `window` (1 s) from all that
// came within `lookback` (30 windows): quick to follow and yet steady (windowedthroughput.go,
// blocklist.go).  There a key that is not known has rate 0, and a full table turns even known keys
// away.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "sample/goal_rates.h"
#include "sample/sampler.h"

namespace hctail {
namespace {

class EqualShare : public Sampler {
 public:
  // The goal is that of so many windows together.
  EqualShare(Duration window, double per_second, int64_t windows = 1)
      : Sampler(window),
        per_second_(per_second),
        goal_(per_second * std::chrono::duration<double>(window * windows).count()),
        share_(goal_) {}

  std::string Goal() const override { return fmt::format("{:g} events/s", per_second_); }
  FirstEstimate first_estimate() const override {
    return {.law = FirstEstimate::Law::kShare, .goal = share_};
  }
  std::vector<double> State() const override { return {share_}; }
  bool SetState(std::span<const double> state) override {
    if (state.size() != 1) return false;
    if (state[0] > 0) share_ = state[0];
    return true;
  }

 protected:
  // Among the keys that have some of `count`.
  void SetShare(const KeyTable& keys, double KeyState::* count) {
    const auto has_some = [&](const KeyState& key) { return key.*count > 0; };
    const auto some = std::ranges::count_if(keys.slots(), has_some);
    if (some > 0) share_ = goal_ / static_cast<double>(some);
  }
  uint64_t RateOf(double count) const { return ToRate(std::trunc(count / share_)); }
  // Of each key from the window's count; keys that did not come fade.
  void SetRates(const WindowEnd& end, KeyTable* keys) const {
    for (KeyState& key : keys->slots()) {
      if (key.count > 0) {
        key.rate = RateOf(key.count);
        key.average = key.expected = key.count;
      } else {
        Fade(&key);
      }
      if (end.windows > 1) key.rate = 0;
    }
  }

 private:
  const double per_second_;
  const double goal_;  // events
  double share_;       // of each key; before there is data, as if there was one
};

class PerKeyThroughput final : public EqualShare {
 public:
  using EqualShare::EqualShare;

  std::unique_ptr<Sampler> Clone() const override {
    return std::make_unique<PerKeyThroughput>(*this);
  }
  std::string Goal() const override { return EqualShare::Goal() + " of each key"; }
  void EndWindow(const WindowEnd& end, KeyTable* keys) override { SetRates(end, keys); }
  // The share never changes.
  std::vector<double> State() const override { return {}; }
  bool SetState(std::span<const double> state) override { return state.empty(); }
};

class TotalThroughput final : public EqualShare {
 public:
  using EqualShare::EqualShare;

  std::unique_ptr<Sampler> Clone() const override {
    return std::make_unique<TotalThroughput>(*this);
  }
  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    SetShare(*keys, &KeyState::count);
    SetRates(end, keys);
  }
};

// The counts of a window are a block, and a key's average is the sum over the blocks that are young
// enough.  A block names keys by slot and serial: what a forgotten key counted is skipped when its
// block is dropped.
class WindowedThroughput final : public EqualShare {
 public:
  WindowedThroughput(Duration window, double per_second, int64_t lookback)
      : EqualShare(window, per_second, lookback), lookback_(lookback) {}

  std::unique_ptr<Sampler> Clone() const override {
    return std::make_unique<WindowedThroughput>(*this);
  }
  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    AddBlock(keys);
    now_ += std::min(end.windows, lookback_ + 1);  // more makes no difference
    DropBlocks(keys);
    SetShare(*keys, &KeyState::average);
    for (KeyState& key : keys->slots()) {
      key.rate = key.average > 0 ? RateOf(key.average) : 0;
      key.expected = std::max(key.average / static_cast<double>(lookback_), key.count);
    }
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

  const int64_t lookback_;  // windows
  int64_t now_ = 0;
  std::deque<Block> blocks_;  // oldest first
};

}  // namespace

std::unique_ptr<Sampler> MakePerKeyThroughput(const SamplerSettings& settings) {
  return std::make_unique<PerKeyThroughput>(OrDefault(settings.window, kDefaultWindow),
                                            OrDefault(settings.goal_per_second, 10));
}

std::unique_ptr<Sampler> MakeTotalThroughput(const SamplerSettings& settings) {
  return std::make_unique<TotalThroughput>(OrDefault(settings.window, kDefaultWindow),
                                           OrDefault(settings.goal_per_second, 100));
}

std::unique_ptr<Sampler> MakeWindowedThroughput(const SamplerSettings& settings) {
  const Duration window = OrDefault(settings.window, std::chrono::seconds(1));
  const int64_t lookback = OrDefault(settings.lookback, 30 * window) / window;
  return std::make_unique<WindowedThroughput>(window, OrDefault(settings.goal_per_second, 100),
                                              std::max<int64_t>(1, lookback));
}

}  // namespace hctail
