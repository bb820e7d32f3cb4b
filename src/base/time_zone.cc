// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <chrono>
#include <exception>

namespace hctail {
namespace {

using std::chrono::seconds;

int32_t Count(seconds offset) { return static_cast<int32_t>(offset.count()); }

}  // namespace

Result<const date::time_zone*> FindZone(std::string_view name) {
  if (name.empty() || name == "UTC" || name == "Etc/UTC") return nullptr;
  try {
    const date::time_zone* zone = date::locate_zone(name);
    // Reads the file now, so that what is wrong with it is not found out in the middle of a log.
    zone->get_info(date::sys_seconds(seconds(0)));
    return zone;
  } catch (const std::exception&) {
    return Fail(fmt::format("unknown time zone '{}'", name),
                "Give a name from /usr/share/zoneinfo (package tzdata), such as Europe/Berlin,\n"
                "America/New_York or UTC; 'timedatectl list-timezones' lists them.");
  }
}

Result<const date::time_zone*> LocalZone() {
  try {
    const date::time_zone* zone = date::current_zone();
    zone->get_info(date::sys_seconds(seconds(0)));
    return zone;
  } catch (const std::exception&) {
    return Fail("cannot find this machine's time zone",
                "/etc/localtime should be a link into /usr/share/zoneinfo; or name the zone.");
  }
}

std::string_view ZoneName(const date::time_zone* zone) {
  return zone == nullptr ? std::string_view("UTC") : std::string_view(zone->name());
}

int32_t OffsetAtWall(const date::time_zone* zone, int64_t wall_seconds) {
  if (zone == nullptr) return 0;
  // `first` is the only period, the earlier of two, or the one before a gap: what we promise.
  return Count(zone->get_info(date::local_seconds(seconds(wall_seconds))).first.offset);
}

int32_t OffsetAt(const date::time_zone* zone, int64_t since_epoch) {
  if (zone == nullptr) return 0;
  return Count(zone->get_info(date::sys_seconds(seconds(since_epoch))).offset);
}

std::optional<int32_t> OffsetOfAbbreviation(const date::time_zone* zone,
                                            std::string_view abbreviation, int64_t wall_seconds) {
  if (zone == nullptr) return std::nullopt;
  const date::sys_info around = zone->get_info(date::sys_seconds(seconds(wall_seconds)));
  if (around.abbrev == abbreviation) return Count(around.offset);
  // Winter and summer time are neighbours; a log may name either all year.
  constexpr int64_t kCentury = int64_t{100} * 366 * 86400;
  if (around.begin.time_since_epoch().count() > wall_seconds - kCentury) {
    const date::sys_info before = zone->get_info(around.begin - seconds(1));
    if (before.abbrev == abbreviation) return Count(before.offset);
  }
  if (around.end.time_since_epoch().count() < wall_seconds + kCentury) {
    const date::sys_info after = zone->get_info(around.end);
    if (after.abbrev == abbreviation) return Count(after.offset);
  }
  return std::nullopt;
}

}  // namespace hctail
