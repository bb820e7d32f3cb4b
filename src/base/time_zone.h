// SPDX-License-Identifier: Apache-2.0
// Time zones by name, and what a wall clock in one of them means.
//
// The date library and its exceptions stay behind this door.  Zones have static lifetime and are
// read-only once found: all functions are thread-safe.  A null zone is UTC everywhere.
//
// Zones come from the system's compiled files (/usr/share/zoneinfo).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace date {
class time_zone;
}

namespace hctail {

// The zone called `name`, "Europe/Berlin"; null for "UTC" (and "").  Error: "unknown time zone
// 'X'".
Result<const date::time_zone*> FindZone(std::string_view name);

// The zone that this machine is set to (/etc/localtime).
Result<const date::time_zone*> LocalZone();

// "Europe/Berlin", or "UTC".
std::string_view ZoneName(const date::time_zone* zone);

// Seconds east of UTC when a wall clock in `zone` shows `wall_seconds` (its reading counted as if
// it were UTC).  A reading that comes twice, when clocks go back, is the first of the two; one
// that never comes, when they go forward, is read as if they had not: 02:30 becomes 03:30.
int32_t OffsetAtWall(const date::time_zone* zone, int64_t wall_seconds);

// Seconds east of UTC of the moment `seconds` since the epoch.
int32_t OffsetAt(const date::time_zone* zone, int64_t seconds);

// What "EST" means in `zone` around `wall_seconds`; empty if the zone does not use it there.
std::optional<int32_t> OffsetOfAbbreviation(const date::time_zone* zone,
                                            std::string_view abbreviation, int64_t wall_seconds);

}  // namespace hctail
