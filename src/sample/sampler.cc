// SPDX-License-Identifier: Apache-2.0
#include "sample/sampler.h"

#include <algorithm>
#include <cmath>

#include "sample/goal_rates.h"

namespace hctail {
namespace {

constexpr uint64_t kPracticallyNever = 1'000'000'000;  // OnlyOnce's rate, as in dynsampler-go

}  // namespace

uint64_t FirstEstimate::Rate(double count, double total_now) const {
  switch (law) {
    case Law::kFlat:
      return rate;
    case Law::kLog: {
      // Where there are `growth` times as many events, so has each key, more or less.
      const double growth = std::max(1.0, total_now / std::max(1.0, total));
      const double events = per_event ? goal * growth : goal;
      return std::max(rate, ToRate(LogRate(count, events / (log_sum + keys * std::log10(growth)))));
    }
    case Law::kShare:
      return std::max(rate, ToRate(std::trunc(count / goal)));
    case Law::kOnce:
      return count <= 1 ? 1 : kPracticallyNever;
  }
  return rate;
}

double FirstEstimate::NextCount(double count) const {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  switch (law) {
    case Law::kFlat:
      return kNever;
    case Law::kLog:
    case Law::kShare:
      return std::max(count + 1, count * 1.25);
    case Law::kOnce:
      return count <= 1 ? 2 : kNever;
  }
  return kNever;
}

}  // namespace hctail
