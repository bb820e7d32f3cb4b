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
#include <vector>

#include "sample/key_table.h"
#include "sample/sampler.h"

namespace hctail {

struct GoalKey {
  KeyState* key;
  double count;  // what its rate is to be reckoned from
};

// How the goal was shared out.
struct GoalShare {
  double ratio = 0;          // events kept per log10 of a count; may be infinite
  uint64_t shared_rate = 1;  // of the shared key and of folded ones: that of all events together
  bool folded = false;       // some keys have it

  FirstEstimate Estimate() const;
};

// Sets `rate` and `folded` of every key such that about `goal` events are kept of all that are
// counted, `shared_count` of them under the shared key.
GoalShare ShareGoal(double goal, double shared_count, std::vector<GoalKey> keys);

// As a rate: whole, at least 1, and 1 for what is no number.
uint64_t ToRate(double rate);

// A key that did not come in a window keeps half its rate, so that it does not begin anew with the
// next event, until nothing is left of it.  (dynsampler-go forgets it at once.)
void Fade(KeyState* key);

// FirstEstimate's law kLog.
double LogRate(double count, double ratio);

}  // namespace hctail
