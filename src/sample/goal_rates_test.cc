// SPDX-License-Identifier: Apache-2.0
#include "sample/goal_rates.h"

#include <cmath>

namespace hctail {
namespace {

struct Keys {
  std::vector<KeyState> states;
  std::vector<GoalKey> goals;

  explicit Keys(const std::vector<double>& counts) {
    states.resize(counts.size());
    for (size_t i = 0; i < counts.size(); ++i) {
      states[i].name = std::to_string(100'000 + i);
      goals.push_back({&states[i], counts[i]});
    }
  }
  double Kept() const {
    double kept = 0;
    for (const GoalKey& goal : goals) kept += goal.count / static_cast<double>(goal.key->rate);
    return kept;
  }
};

TEST_CASE("ShareGoal: keys that came once give no logarithm to share by and are all kept") {
  Keys keys({1, 1});
  const GoalShare share = ShareGoal(0.2, 0, keys.goals);
  CHECK(keys.states[0].rate == 1);
  CHECK(keys.states[1].rate == 1);
  CHECK(share.Estimate().Rate(1) == 1);
}

TEST_CASE("ShareGoal: where one event of each key is too many, the rarest are folded") {
  std::vector<double> counts(5000, 2);
  for (int i = 0; i < 20; ++i) counts.push_back(1000);
  Keys keys(counts);
  const double total = 5000 * 2 + 20 * 1000;
  const GoalShare share = ShareGoal(total / 20, 0, keys.goals);
  CHECK(share.folded);
  CHECK(share.shared_rate == 20);
  CHECK(keys.states[0].folded);
  CHECK_FALSE(keys.states.back().folded);
  CHECK(keys.Kept() == doctest::Approx(total / 20).epsilon(0.1));
}

TEST_CASE("ShareGoal: sixteen keys are never folded") {
  Keys keys(std::vector<double>(16, 3));
  CHECK_FALSE(ShareGoal(1, 0, keys.goals).folded);
  for (const KeyState& state : keys.states) CHECK(state.rate == 3);
}

TEST_CASE("ShareGoal: the shared key has the rate of all together and the others share the rest") {
  Keys keys({1000, 9000});
  const GoalShare share = ShareGoal(1000, 10'000, keys.goals);
  CHECK(share.shared_rate == 20);
  CHECK(share.folded);
  CHECK(keys.Kept() == doctest::Approx(500).epsilon(0.1));
  CHECK(share.Estimate().Rate(1) == 20);
}

TEST_CASE("FirstEstimate: a new key is kept at first and sampled as it becomes frequent") {
  const FirstEstimate log{FirstEstimate::Law::kLog, 1, 18.5};
  CHECK(log.Rate(1) == 1);
  CHECK(log.Rate(10) == 1);
  CHECK(log.Rate(1000) == 19);
  double kept = 0;
  for (int count = 1; count <= 10'000; ++count) kept += 1.0 / static_cast<double>(log.Rate(count));
  CHECK(kept < 500);
  const FirstEstimate share{FirstEstimate::Law::kShare, 1, 60};
  CHECK(share.Rate(119) == 1);
  CHECK(share.Rate(6000) == 100);
  const FirstEstimate infinite{FirstEstimate::Law::kLog, 1, INFINITY};
  CHECK(infinite.Rate(1) == 1);
  CHECK(infinite.Rate(1e9) == 1);
}

}  // namespace
}  // namespace hctail
