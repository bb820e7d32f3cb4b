// SPDX-License-Identifier: Apache-2.0
// avg: one in `goal` events on average, shared out by the logarithm of each key's count in the
// window before (avgsamplerate.go).
//
// avg-with-min: the same, but all are kept while fewer than `minimum` events come in a second
// (avgsamplewithmin.go).  There such a window does not count as data, so quiet traffic is sampled
// at the goal from the start until one window is busy; here the first window ends that.
#include <cmath>

#include "sample/goal_rates.h"
#include "sample/sampler.h"

namespace hctail {
namespace {

class Avg final : public Sampler {
 public:
  Avg(const SamplerSettings& settings, double minimum_per_second)
      : Sampler(OrDefault(settings.window, kDefaultWindow)),
        goal_(settings.goal_rate),
        minimum_(minimum_per_second * std::chrono::duration<double>(window()).count()) {}

  std::unique_ptr<Sampler> Clone() const override { return std::make_unique<Avg>(*this); }
  std::string Goal() const override { return "1 in " + std::to_string(goal_); }

  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    Recompute(end.kept, keys);
    for (int64_t i = 1; i < std::min<int64_t>(end.windows, kForgotten); ++i) {
      for (KeyState& key : keys->slots()) Fade(&key);
    }
    if (share_.has_data) keys->shared().rate = share_.shared_rate;
  }

  FirstEstimate first_estimate() const override {
    if (!share_.has_data) return {.law = FirstEstimate::Law::kFlat, .rate = goal_};
    return share_.estimate;
  }

  std::vector<double> State() const override { return GoalState(share_); }
  bool SetState(std::span<const double> state) override {
    if (state.size() != kGoalNumbers) return false;
    share_ = GoalOfState(state);
    return true;
  }

 private:
  static constexpr int64_t kForgotten = 64;  // windows after which no rate is left

  void Recompute(double kept, KeyTable* keys) {
    std::vector<GoalKey> seen;
    double total = keys->shared().count;
    for (KeyState& key : keys->slots()) {
      if (&key == &keys->shared()) continue;
      if (key.count > 0) {
        key.average = key.expected = key.count;
        total += key.count;
        seen.push_back({&key, key.count});
      } else {
        Fade(&key);
      }
    }
    keys->shared().expected = keys->shared().count;
    if (total <= 0) return;
    if (total < minimum_) {
      for (const GoalKey& key : seen) key.key->rate = 1, key.key->folded = false;
      share_ = {.has_data = true, .estimate = {.law = FirstEstimate::Law::kFlat, .rate = 1}};
      return;
    }
    const double goal = correction_.Correct(total / static_cast<double>(goal_), total, total, kept);
    share_ = ShareGoal(GoalIs::kPartOfEvents, goal, keys->shared().count, std::move(seen));
  }

  const uint64_t goal_;
  const double minimum_;  // events in a window
  GoalShare share_;
  GoalCorrection correction_{GoalIs::kPartOfEvents};
};

}  // namespace

std::unique_ptr<Sampler> MakeAvg(const SamplerSettings& settings) {
  return std::make_unique<Avg>(settings, 0);
}

std::unique_ptr<Sampler> MakeAvgWithMin(const SamplerSettings& settings) {
  return std::make_unique<Avg>(settings, OrDefault(settings.minimum_per_second, 50));
}

}  // namespace hctail
