// SPDX-License-Identifier: Apache-2.0
// total-throughput: so many events in a second, an equal share for each key that came in the window
// before (totalthroughput.go).  What a rare key does not use of its share is not given to others,
// and rates are rounded down: what is kept is between the goal for the frequent keys and twice
// that.
#include "sample/sampler.h"
#include "sample/throughput_samplers.h"

namespace hctail {
namespace {

class TotalThroughput final : public Sampler {
 public:
  explicit TotalThroughput(const SamplerSettings& settings)
      : window_(settings.window > Duration(0) ? settings.window : std::chrono::seconds(30)),
        per_second_(settings.goal_per_second > 0 ? settings.goal_per_second : 100),
        share_(per_second_ * Seconds(window_)) {}

  std::unique_ptr<Sampler> Clone() const override {
    return std::make_unique<TotalThroughput>(*this);
  }
  std::string_view name() const override { return "total-throughput"; }
  std::string Goal() const override { return PerSecond(per_second_); }
  Duration window() const override { return window_; }
  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    const size_t seen = KeysSeen(*keys);
    if (seen > 0) share_ = per_second_ * Seconds(window_) / static_cast<double>(seen);
    SetShareRates(share_, keys);
    if (end.windows > 1) {
      for (KeyState& key : keys->slots()) key.rate = 0;
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
  const Duration window_;
  const double per_second_;
  double share_;  // of each key; before there is data, as if there was one
};

}  // namespace

std::unique_ptr<Sampler> MakeTotalThroughput(const SamplerSettings& settings) {
  return std::make_unique<TotalThroughput>(settings);
}

}  // namespace hctail
