// SPDX-License-Identifier: Apache-2.0
#include "sample/goal_rates.h"

#include <algorithm>
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
  const GoalShare share = ShareGoal(GoalIs::kPartOfEvents, 0.2, 0, keys.goals);
  CHECK(keys.states[0].rate == 1);
  CHECK(keys.states[1].rate == 1);
  CHECK(share.estimate.Rate(1, 1) == 1);
}

TEST_CASE("ShareGoal: where one event of each key is too many, the rarest are folded") {
  std::vector<double> counts(5000, 2);
  for (int i = 0; i < 20; ++i) counts.push_back(1000);
  Keys keys(counts);
  const double total = 5000 * 2 + 20 * 1000;
  const GoalShare share = ShareGoal(GoalIs::kPartOfEvents, total / 20, 0, keys.goals);
  CHECK(share.shared_rate == 20);
  CHECK(std::ranges::count_if(keys.states, &KeyState::folded) > 4000);
  CHECK(share.estimate.Rate(1, 1) == 20);
  CHECK_FALSE(keys.states.back().folded);
  CHECK(keys.Kept() == doctest::Approx(total / 20).epsilon(0.1));
}

TEST_CASE("ShareGoal: sixteen keys are never folded") {
  Keys keys(std::vector<double>(16, 3));
  ShareGoal(GoalIs::kPartOfEvents, 1, 0, keys.goals);
  CHECK(std::ranges::none_of(keys.states, &KeyState::folded));
  for (const KeyState& state : keys.states) CHECK(state.rate == 3);
}

TEST_CASE("ShareGoal: the shared key has the rate of all together and the others share the rest") {
  Keys keys({1000, 9000});
  const GoalShare share = ShareGoal(GoalIs::kPartOfEvents, 1000, 10'000, keys.goals);
  CHECK(share.shared_rate == 20);
  CHECK(keys.Kept() == doctest::Approx(500).epsilon(0.1));
  CHECK(share.estimate.Rate(1, 1) == 20);
}

TEST_CASE("FirstEstimate: a new key is kept at first and sampled as it becomes frequent") {
  // After the window a1 b10 c100 d1000 at goal 10.
  const FirstEstimate log{.law = FirstEstimate::Law::kLog,
                          .goal = 111,
                          .per_event = true,
                          .total = 1111,
                          .log_sum = 6,
                          .keys = 4};
  CHECK(log.Rate(1, 1) == 1);
  CHECK(log.Rate(10, 10) == 1);
  CHECK(log.Rate(1000, 1000) == 19);
  double kept = 0;
  for (int count = 1; count <= 1000; ++count) {
    kept += 1.0 / static_cast<double>(log.Rate(count, count));
  }
  CHECK(kept < 200);
  const FirstEstimate share{.law = FirstEstimate::Law::kShare, .goal = 60};
  CHECK(share.Rate(119, 119) == 1);
  CHECK(share.Rate(6000, 6000) == 100);
}

TEST_CASE("FirstEstimate: a window with next to no events does not mislead the next one") {
  for (const bool per_event : {true, false}) {
    for (const double before : {1.0, 2.0, 10.0}) {
      Keys keys({before});
      const double goal = per_event ? before / 10 : 1000;
      const GoalShare share =
          ShareGoal(per_event ? GoalIs::kPartOfEvents : GoalIs::kNumber, goal, 0, keys.goals);
      CHECK(share.estimate.Rate(1, 1) == 1);
      CHECK(share.estimate.Rate(10'000, 10'000) >= 10);
      CHECK(share.estimate.Rate(10'000, 10'000) <= 15);
    }
  }
}

}  // namespace
}  // namespace hctail
