// SPDX-License-Identifier: Apache-2.0
// The law.  Let `goal` events be kept of a window whose keys came c1, c2, ... times.  A key's share
// is goal * log10(ck) / sum of log10(ci), but at least one event; a key that has fewer events than
// its share keeps them all, and what it leaves over is spread over the keys after it, in the order
// of their names.  Rates are rounded up.  So 1,000 events of one key and 10 of another are kept as
// 3 to 1 instead of 100 to 1: the rare are kept, and the frequent still tell their number.
//
// Its trap.  "At least one event of each key" cannot be had with many keys: 5,000 keys that came
// twice each, at goal 1 in 20, may keep 500 events and the law keeps 5,000.  The key fields are
// then ill-chosen, but the volume is what was asked for, so:
//
//   * Keys beyond the table's limit share one key.  It is sampled at the rate of all events
//     together, and the keys with a slot share what remains of the goal.
//   * If at least one event each would still exceed the goal by a tenth, the rarest keys are folded
//     into the shared key, until those that remain have on average twice as many events as the
//     overall rate.  The sixteen most frequent are never folded: so few cannot do harm.
//   * While keys are folded or share a key, a key that was never seen is most likely one of the
//   many,
//     so it begins with their rate and not with 1.
//
// The promise that every key is seen in every window thus holds as long as the goal can pay for it;
// the status says how many keys are folded.
#include "sample/goal_rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hctail {
namespace {

constexpr size_t kNeverFolded = 16;
constexpr double kTooMany = 1.1;

// Go's math.Max: not a number if either is none.
double GoMax(double a, double b) { return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b); }

double LogSum(const std::vector<GoalKey>& keys) {
  double sum = 0;
  for (const GoalKey& key : keys) sum += std::log10(std::max(1.0, key.count));
  return sum;
}

// keyCalculation.go.  Returns how many events will be kept.
double SetRates(double ratio, const std::vector<GoalKey>& keys) {
  double extra = 0;
  double kept = 0;
  size_t remaining = keys.size();
  for (const GoalKey& key : keys) {
    const double count = std::max(1.0, key.count);
    double goal = GoMax(1, std::log10(count) * ratio);
    const double share = extra / static_cast<double>(remaining--);
    goal += share;
    extra -= share;
    if (count <= goal) {
      key.key->rate = 1;
      extra += goal - count;
    } else {
      key.key->rate = ToRate(std::ceil(count / goal));
      extra += goal - count / static_cast<double>(key.key->rate);
    }
    kept += count / static_cast<double>(key.key->rate);
  }
  return kept;
}

// How many of the most frequent keys have `least` events each on average.
size_t Affordable(const std::vector<GoalKey>& most_frequent_first, double least) {
  double sum = 0;
  size_t number = 0;
  for (const GoalKey& key : most_frequent_first) {
    sum += std::max(1.0, key.count);
    if (sum < least * static_cast<double>(number + 1)) break;
    ++number;
  }
  return std::max(number, std::min(kNeverFolded, most_frequent_first.size()));
}

void SortByName(std::vector<GoalKey>* keys) {
  std::ranges::sort(*keys, {}, [](const GoalKey& key) { return std::string_view(key.key->name); });
}

}  // namespace

uint64_t ToRate(double rate) {
  constexpr double kMost = 1e15;
  return rate >= 1 ? static_cast<uint64_t>(std::min(rate, kMost)) : 1;
}

double LogRate(double count, double ratio) {
  const double events = std::max(1.0, count);
  return std::ceil(events / GoMax(1, std::log10(events) * ratio));
}

double GoalCorrection::Correct(double goal, double total, double events, double kept) {
  const bool part = is_ == GoalIs::kPartOfEvents;
  const double excess = planned_ ? kept / (part ? events : 1) - *planned_ : 0;
  const double again = std::max(0.0, std::min(excess, excess_));
  excess_ = excess;
  const double corrected = std::max(goal / 2, goal - again * (part ? total : 1));
  planned_ = corrected / (part ? total : 1);
  return corrected;
}

GoalShare ShareGoal(GoalIs is, double goal, double shared_count, std::vector<GoalKey> keys) {
  double own_total = 0;
  for (const GoalKey& key : keys) own_total += std::max(1.0, key.count);
  GoalShare share{.has_data = true};
  share.shared_rate = ToRate(std::ceil((own_total + shared_count) / goal - 1e-9));
  const auto shared_rate = static_cast<double>(share.shared_rate);
  double rest = goal - shared_count / shared_rate;
  SortByName(&keys);
  for (const GoalKey& key : keys) key.key->folded = false;
  bool folded = shared_count > 0;
  const double kept = SetRates(rest / LogSum(keys), keys);
  if (kept > kTooMany * rest && keys.size() > kNeverFolded) {
    std::ranges::sort(keys, {}, [](const GoalKey& key) {
      return std::pair(-key.count, std::string_view(key.key->name));
    });
    const size_t own = Affordable(keys, 2 * shared_rate);
    for (size_t i = own; i < keys.size(); ++i) {
      const double count = std::max(1.0, keys[i].count);
      keys[i].key->rate = share.shared_rate;
      keys[i].key->folded = folded = true;
      rest -= count / shared_rate;
      own_total -= count;
    }
    keys.resize(own);
    SortByName(&keys);
    SetRates(rest / LogSum(keys), keys);
  }
  share.estimate = {.law = FirstEstimate::Law::kLog,
                    .rate = folded ? share.shared_rate : 1,
                    .goal = rest,
                    .per_event = is == GoalIs::kPartOfEvents,
                    .total = own_total,
                    .log_sum = LogSum(keys),
                    .keys = static_cast<double>(keys.size())};
  return share;
}

std::vector<double> GoalState(const GoalShare& share) {
  const FirstEstimate& estimate = share.estimate;
  return {static_cast<double>(share.shared_rate),
          static_cast<double>(estimate.rate),
          estimate.goal,
          estimate.per_event ? 1.0 : 0.0,
          estimate.total,
          estimate.log_sum,
          estimate.keys,
          share.has_data ? 1.0 : 0.0};
}

GoalShare GoalOfState(std::span<const double> numbers) {
  return {.has_data = numbers[7] != 0,
          .shared_rate = ToRate(numbers[0]),
          .estimate = {.law = FirstEstimate::Law::kLog,
                       .rate = ToRate(numbers[1]),
                       .goal = numbers[2],
                       .per_event = numbers[3] != 0,
                       .total = numbers[4],
                       .log_sum = numbers[5],
                       .keys = numbers[6]}};
}

void Fade(KeyState* key) {
  key->average /= 2;
  key->expected /= 2;
  key->rate /= 2;
  if (key->rate <= 1) key->rate = 0;
}

}  // namespace hctail
