// SPDX-License-Identifier: Apache-2.0
// ema: like avg, but from a moving average of each key's count, so that rates neither jump nor
// forget (emasamplerate.go).  ema-throughput: the same for a number of events in a second instead
// of one in so many (emathroughput.go).
//
// After a window, a key that came c times has average' = weight * c + (1 - weight) * average, and
// is forgotten below `age_out`.  A window without any event changes nothing.  When a window has had
// `burst_multiple` times as many events as the averages add up to, it ends at once, but not before
// `burst_delay` windows have passed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sample/goal_rates.h"
#include "sample/sampler.h"

namespace hctail {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

class Ema final : public Sampler {
 public:
  // `per_second` 0: the goal is a rate.
  Ema(const SamplerSettings& settings, double per_second)
      : Sampler(OrDefault(settings.window, std::chrono::seconds(15))),
        goal_(settings.goal_rate),
        per_second_(per_second),
        goal_is_(per_second > 0 ? GoalIs::kNumber : GoalIs::kPartOfEvents),
        weight_(OrDefault(settings.weight, 0.5)),
        age_out_(OrDefault(settings.age_out, weight_)),
        burst_multiple_(OrDefault(settings.burst_multiple, 2)),
        burst_delay_(OrDefault(settings.burst_delay, 3)) {}

  std::unique_ptr<Sampler> Clone() const override { return std::make_unique<Ema>(*this); }
  std::string Goal() const override {
    return per_second_ > 0 ? fmt::format("{:g} events/s", per_second_)
                           : fmt::format("1 in {}", goal_);
  }

  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    if (end.burst) correction_.Skip();
    Recompute(end.kept, keys);
    if (!end.burst) windows_ += static_cast<uint64_t>(end.windows);
  }

  FirstEstimate first_estimate() const override {
    if (!share_.has_data) return {.law = FirstEstimate::Law::kFlat, .rate = goal_};
    return share_.estimate;
  }
  double burst_threshold() const override {
    return burst_multiple_ > 0 && sum_ > 0 && windows_ >= burst_delay_ ? sum_ * burst_multiple_
                                                                       : kNever;
  }

  std::vector<double> State() const override {
    std::vector<double> state = GoalState(share_);
    state.push_back(sum_);
    state.push_back(static_cast<double>(windows_));
    return state;
  }
  bool SetState(std::span<const double> state) override {
    if (state.size() != kGoalNumbers + 2) return false;
    share_ = GoalOfState(state);
    sum_ = state[kGoalNumbers];
    windows_ = static_cast<uint64_t>(std::clamp(state[kGoalNumbers + 1], 0.0, 1e15));
    return true;
  }

 private:
  void Recompute(double kept, KeyTable* keys) {
    double events = 0;
    for (const KeyState& key : keys->slots()) events += key.count;
    if (events <= 0) return;
    std::vector<GoalKey> live;
    sum_ = 0;
    for (KeyState& key : keys->slots()) {
      if (key.serial == 0) continue;
      key.average = weight_ * key.count + (1 - weight_) * key.average;
      key.expected = std::max(key.average, key.count);
      const bool shared = &key == &keys->shared();
      if (key.average < age_out_) {
        key.average = 0;
        if (!shared) key.rate = 0;
        continue;
      }
      sum_ += std::max(1.0, key.average);
      if (!shared) live.push_back({&key, std::max(1.0, key.average)});
    }
    if (sum_ <= 0) return;  // all too rare to be remembered
    const double all = per_second_ > 0
                           ? per_second_ * std::chrono::duration<double>(window()).count()
                           : sum_ / static_cast<double>(goal_);
    share_ = ShareGoal(goal_is_, correction_.Correct(all, sum_, events, kept),
                       keys->shared().average, std::move(live));
    keys->shared().rate = share_.shared_rate;
  }

  const uint64_t goal_;      // 1 in so many; ema-throughput: before there is data
  const double per_second_;  // ema-throughput
  const GoalIs goal_is_;
  const double weight_;
  const double age_out_;
  const double burst_multiple_;
  const uint64_t burst_delay_;
  GoalShare share_;
  GoalCorrection correction_{goal_is_};
  double sum_ = 0;  // of the averages, none below 1
  uint64_t windows_ = 0;
};

}  // namespace

std::unique_ptr<Sampler> MakeEma(const SamplerSettings& settings) {
  return std::make_unique<Ema>(settings, 0);
}

std::unique_ptr<Sampler> MakeEmaThroughput(const SamplerSettings& settings) {
  return std::make_unique<Ema>(settings, OrDefault(settings.goal_per_second, 100));
}

}  // namespace hctail
