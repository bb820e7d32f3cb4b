// SPDX-License-Identifier: Apache-2.0
// Timestamps as text.
#pragma once

#include <cstddef>
#include <string>

#include "base/time.h"

namespace hctail {

// The longest text: "2024-03-05T06:07:08.123456789Z".
inline constexpr size_t kRfc3339Size = 30;

// Writes `time` as RFC 3339 in UTC to `buffer`, which has room for kRfc3339Size bytes, and returns
// the end of the text.  Trailing zeros of the fraction are left out, as in Go's RFC3339Nano.  Times
// outside the years 1 to 9999 are written as the nearest time inside.  Runs for every event: no
// allocation, no locale.
char* FormatRfc3339(Timestamp time, char* buffer);

// The same as a string.
std::string FormatRfc3339(Timestamp time);

}  // namespace hctail
