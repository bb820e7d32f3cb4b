// SPDX-License-Identifier: Apache-2.0
// A clock that a test turns by hand.  Starts at 2024-03-05T06:07:08Z.
#pragma once

#include "base/time.h"

namespace hctail::testing {

class FakeClock final : public Clock {
 public:
  Timestamp Wall() const override { return wall_; }
  Instant Now() const override { return now_; }

  void Advance(Duration by) {
    now_ += by;
    const int64_t nanos = wall_.nanos + by.count();
    wall_ = {wall_.seconds + nanos / 1'000'000'000, static_cast<int32_t>(nanos % 1'000'000'000)};
  }
  // A step of the wall clock alone, as NTP or an operator does it.
  void StepWall(int64_t seconds) { wall_.seconds += seconds; }

 private:
  Timestamp wall_{1709618828, 0};
  Instant now_{std::chrono::hours(1)};
};

}  // namespace hctail::testing
