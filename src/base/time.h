// SPDX-License-Identifier: Apache-2.0
// Points in time, and the clock that hands them out.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace hctail {

// A wall-clock instant: seconds since 1970-01-01T00:00:00Z (negative before) plus
// 0..999'999'999 nanoseconds.  Covers the years 1 to 9999, which 64-bit nanoseconds do not.
struct Timestamp {
  int64_t seconds = 0;
  int32_t nanos = 0;

  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// For waiting and measuring; never jumps.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// Given to whoever needs the time, so that a test can turn it by hand.  Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Wall() const = 0;
  virtual Instant Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp Wall() const override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    return {seconds.count(),
            static_cast<int32_t>(std::chrono::duration_cast<Duration>(now - seconds).count())};
  }
  Instant Now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace hctail
