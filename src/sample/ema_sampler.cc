// SPDX-License-Identifier: Apache-2.0
// ema: like avg, but from a moving average of each key's count, so that rates neither jump nor
// forget (emasamplerate.go).  ema-throughput: the same for a number of events in a second instead
// of one in so many (emathroughput.go).
//
// After a window, a key that came c times has average' = weight * c + (1 - weight) * average, and
// is forgotten below `age_out`.  A window without any event changes nothing.  When a window has had
// `burst_multiple` times as many events as the averages add up to, it ends at once, but not before
// `burst_delay` windows have passed.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sample/goal_rates.h"
#include "sample/sampler.h"

namespace hctail {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double Or(double value, double otherwise) { return value != 0 ? value : otherwise; }

class Ema final : public Sampler {
 public:
  // `per_second` 0: the goal is a rate.
  Ema(const SamplerSettings& settings, double per_second)
      : window_(settings.window > Duration(0) ? settings.window : std::chrono::seconds(15)),
        goal_(settings.goal_rate),
        per_second_(per_second),
        goal_is_(per_second > 0 ? GoalIs::kNumber : GoalIs::kPartOfEvents),
        weight_(Or(settings.weight, 0.5)),
        age_out_(Or(settings.age_out, weight_)),
        burst_multiple_(Or(settings.burst_multiple, 2)),
        burst_delay_(settings.burst_delay == 0 ? 3 : settings.burst_delay) {}

  std::unique_ptr<Sampler> Clone() const override { return std::make_unique<Ema>(*this); }
  std::string_view name() const override { return per_second_ > 0 ? "ema-throughput" : "ema"; }
  std::string Goal() const override {
    if (per_second_ <= 0) return "1 in " + std::to_string(goal_);
    char text[48];
    std::snprintf(text, sizeof text, "%g events/s", per_second_);
    return text;
  }
  Duration window() const override { return window_; }

  void EndWindow(const WindowEnd& end, KeyTable* keys) override {
    if (end.burst) correction_.Skip();
    Recompute(end.kept, keys);
    if (!end.burst) windows_ += static_cast<uint64_t>(end.windows);
  }

  FirstEstimate first_estimate() const override {
    if (!have_data_) return {.law = FirstEstimate::Law::kFlat, .rate = goal_};
    return share_.estimate;
  }
  double burst_threshold() const override {
    return burst_multiple_ > 0 && sum_ > 0 && windows_ >= burst_delay_ ? sum_ * burst_multiple_
                                                                       : kNever;
  }

  std::vector<double> State() const override {
    std::vector<double> state = GoalState(share_);
    for (const double number : {have_data_ ? 1.0 : 0.0, sum_, static_cast<double>(windows_)}) {
      state.push_back(number);
    }
    return state;
  }
  bool SetState(std::span<const double> state) override {
    if (state.size() != kGoalNumbers + 3) return false;
    share_ = GoalOfState(state);
    have_data_ = state[kGoalNumbers] != 0;
    sum_ = state[kGoalNumbers + 1];
    windows_ = static_cast<uint64_t>(std::clamp(state[kGoalNumbers + 2], 0.0, 1e15));
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
                           ? per_second_ * std::chrono::duration<double>(window_).count()
                           : sum_ / static_cast<double>(goal_);
    share_ = ShareGoal(goal_is_, correction_.Correct(all, sum_, events, kept),
                       keys->shared().average, std::move(live));
    keys->shared().rate = share_.shared_rate;
    have_data_ = true;
  }

  const Duration window_;
  const uint64_t goal_;      // 1 in so many; ema-throughput: before there is data
  const double per_second_;  // ema-throughput
  const GoalIs goal_is_;
  const double weight_;
  const double age_out_;
  const double burst_multiple_;
  const uint64_t burst_delay_;
  bool have_data_ = false;
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
  return std::make_unique<Ema>(settings, Or(settings.goal_per_second, 100));
}

}  // namespace hctail
