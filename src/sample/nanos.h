// SPDX-License-Identifier: Apache-2.0
// Timestamps as 64-bit nanoseconds since 1970, for arithmetic on windows of time.
//
// What lies outside the years 1678 to 2261 is moved to the nearest end: a log line may claim any
// year, and all that matters of such a time is that it is before or after.  Functions only.
#pragma once

#include <cstdint>
#include <limits>

#include "base/time.h"

namespace hctail {

inline int64_t ToNanos(Timestamp time) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / kSecond - 1;
  if (time.seconds > kMost) return kMost * kSecond;
  if (time.seconds < -kMost) return -kMost * kSecond;
  return time.seconds * kSecond + time.nanos;
}

}  // namespace hctail
