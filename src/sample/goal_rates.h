// SPDX-License-Identifier: Apache-2.0
// How avg, avg-with-min, ema and ema-throughput share out the events that may be kept: each key in
// proportion to the logarithm of its count, and at least one.
//
// The core is calculateSampleRates of dynsampler-go's keyCalculation.go, rate for rate.  Around it
// goal_rates.cc sees to it that the goal is reached where there are many keys.
//
// Functions only.  Tested by goal_rates_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sample/key_table.h"
#include "sample/sampler.h"

namespace hctail {

struct GoalKey {
  KeyState* key;
  double count;  // what its rate is to be reckoned from
};

// What the goal does when more events come.
enum class GoalIs : uint8_t { kPartOfEvents, kNumber };

// How the goal was shared out.
struct GoalShare {
  bool has_data = false;     // it was: some window had events
  uint64_t shared_rate = 1;  // of the shared key and of folded ones: that of all events together
  FirstEstimate estimate = {.law = FirstEstimate::Law::kLog};
};

// Sets `rate` and `folded` of every key such that about `goal` events are kept of all that are
// counted, `shared_count` of them under the shared key.
GoalShare ShareGoal(GoalIs is, double goal, double shared_count, std::vector<GoalKey> keys);

// For Sampler::State.
constexpr size_t kGoalNumbers = 8;
std::vector<double> GoalState(const GoalShare& share);
GoalShare GoalOfState(std::span<const double> numbers);

// Corrects a goal that is overrun again and again.  The rates of known keys add up to the goal, but
// keys that are new in each window are kept beside them.  If a window kept more than was planned,
// and so did the one before, the smaller excess is expected in the next, too, and taken off its
// goal, of which at least half remains.  (An excess that comes once is not answered: it may be the
// onset of a change that the rates already follow.)
class GoalCorrection {
 public:
  explicit GoalCorrection(GoalIs is) : is_(is) {}
  // The goal for the next window, after one in which `kept` of `events` were kept.  `total`: the
  // events that `goal` is reckoned from.
  double Correct(double goal, double total, double events, double kept);
  // The last window is no measure.
  void Skip() { excess_ = 0; }

 private:
  const GoalIs is_;
  // Per event with GoalIs::kPartOfEvents.
  std::optional<double> planned_;
  double excess_ = 0;
};

// As a rate: whole, at least 1, and 1 for what is no number.
uint64_t ToRate(double rate);

// A key that did not come in a window keeps half its rate, so that it does not begin anew with the
// next event, until nothing is left of it.  (dynsampler-go forgets it at once.)
void Fade(KeyState* key);

// FirstEstimate's law kLog.
double LogRate(double count, double ratio);

}  // namespace hctail
