// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.h"

#include <doctest/doctest.h>

#include "base/time_iso.h"

namespace hctail {
namespace {

int64_t Wall(std::string_view text) { return ParseIso(text)->wall_seconds; }

TEST_CASE("FindZone: names of the system's database, and UTC, which needs none") {
  CHECK(FindZone("America/New_York").value() != nullptr);
  CHECK(FindZone("US/Eastern").value() != nullptr);
  CHECK(FindZone("UTC").value() == nullptr);
  CHECK(FindZone("").value() == nullptr);
}

TEST_CASE("ZoneName: as it was asked for") {
  CHECK(ZoneName(FindZone("America/New_York").value()) == "America/New_York");
  CHECK(ZoneName(nullptr) == "UTC");
}

TEST_CASE("FindZone: an unknown name is an error that says where names come from") {
  for (const std::string name :
       {"Mars/Olympus", "../../../etc/passwd", "America/New_York/", "EuropeBerlin"}) {
    CAPTURE(name);
    const auto zone = FindZone(name);
    REQUIRE_FALSE(zone.has_value());
    CHECK(zone.error().message == "unknown time zone '" + std::string(name) + "'");
    CHECK(zone.error().hint.contains("Europe/Berlin"));
  }
}

TEST_CASE("OffsetAtWall: summer and winter, and both sides of a clock change") {
  const date::time_zone* const zone = FindZone("America/New_York").value();
  struct Case {
    std::string wall;
    int hours;
  } const kCases[] = {
      {"2024-07-05T06:07:08", -4}, {"2024-03-05T06:07:08", -5},
      {"2024-03-10T01:59:59", -5}, {"2024-03-10T02:30:00", -5},  // never came: 03:30 summer time
      {"2024-03-10T03:00:00", -4}, {"2024-11-03T01:30:00", -4},  // came twice: the first
      {"2024-11-03T02:00:00", -5}, {"2036-07-05T06:07:08", -4},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.wall);
    CHECK(OffsetAtWall(zone, Wall(c.wall)) == c.hours * 3600);
  }
  CHECK(OffsetAtWall(nullptr, Wall("2024-07-05T06:07:08")) == 0);
  CHECK(OffsetAt(zone, 1709618828) == -5 * 3600);
  CHECK(OffsetAt(nullptr, 1709618828) == 0);
}

TEST_CASE("OffsetOfAbbreviation: what the zone itself calls its hours, all year round") {
  const date::time_zone* const zone = FindZone("America/New_York").value();
  const int64_t july = Wall("2024-07-05T06:07:08");
  const int64_t march = Wall("2024-03-05T06:07:08");
  CHECK(OffsetOfAbbreviation(zone, "EDT", july) == -4 * 3600);
  CHECK(OffsetOfAbbreviation(zone, "EST", july) == -5 * 3600);
  CHECK(OffsetOfAbbreviation(zone, "EST", march) == -5 * 3600);
  CHECK(OffsetOfAbbreviation(zone, "EDT", march) == -4 * 3600);
  CHECK_FALSE(OffsetOfAbbreviation(zone, "PST", march).has_value());
  CHECK_FALSE(OffsetOfAbbreviation(nullptr, "EST", march).has_value());
}

}  // namespace
}  // namespace hctail
