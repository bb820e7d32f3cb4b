// SPDX-License-Identifier: Apache-2.0
// Times written as RFC 3339 or near it, which is how nearly every structured log writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace hctail {

// What an ISO 8601 date and time of day says, before its zone is known.
struct IsoTime {
  int64_t wall_seconds = 0;       // the wall clock's reading, as if it were UTC
  int32_t nanos = 0;              // digits after the ninth are cut off
  std::optional<int32_t> offset;  // seconds east of UTC; empty: the text names no zone
  bool strict = false;  // exactly RFC 3339 as Go reads it: 'T', 'Z' or +hh:mm, no second 60
};

// `2024-03-05T06:07:08`, with 'T', 't' or a space between, then perhaps a fraction (after '.' or
// ',', any number of digits), then perhaps 'Z', 'z', +hh:mm, +hhmm or +hh.  The day is checked
// against month and year.  Second 60 is accepted in any minute and means second 0 of the next one:
// the clocks that count to 60 show the leap second so, and POSIX time has no place for it.
std::optional<IsoTime> ParseIso(std::string_view text);

// The same with a zone in the text; empty too if the instant is outside the years 1 to 9999.
std::optional<Timestamp> ParseRfc3339(std::string_view text);

// wall - offset, if that is in the years 1 to 9999.
std::optional<Timestamp> InstantOf(int64_t wall_seconds, int32_t nanos, int64_t offset);

}  // namespace hctail
