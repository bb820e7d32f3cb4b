// SPDX-License-Identifier: Apache-2.0
#include "base/time_format.h"

#include <doctest/doctest.h>

#include "base/civil.h"
#include "base/random.h"
#include "base/time_iso.h"

namespace hctail {
namespace {

TEST_CASE("FormatRfc3339: UTC, and no trailing zeros in the fraction") {
  struct Case {
    Timestamp time;
    std::string text;
  } const kCases[] = {
      {{0, 0}, "1970-01-01T00:00:00Z"},
      {{1709618828, 0}, "2024-03-05T06:07:08Z"},
      {{1709618828, 500'000'000}, "2024-03-05T06:07:08.5Z"},
      {{1709618828, 120'000'000}, "2024-03-05T06:07:08.12Z"},
      {{1709618828, 123'000'000}, "2024-03-05T06:07:08.123Z"},
      {{1709618828, 123'456'000}, "2024-03-05T06:07:08.123456Z"},
      {{1709618828, 123'456'789}, "2024-03-05T06:07:08.123456789Z"},
      {{1709618828, 1}, "2024-03-05T06:07:08.000000001Z"},
      {{1709618828, 1'000}, "2024-03-05T06:07:08.000001Z"},
      {{1709618828, 100'000}, "2024-03-05T06:07:08.0001Z"},
      {{-1, 999'999'999}, "1969-12-31T23:59:59.999999999Z"},
      {{951782400, 0}, "2000-02-29T00:00:00Z"},
      {{kMinTimestampSeconds, 0}, "0001-01-01T00:00:00Z"},
      {{kMaxTimestampSeconds, 999'999'999}, "9999-12-31T23:59:59.999999999Z"},
  };
  for (const Case& c : kCases) CHECK(FormatRfc3339(c.time) == c.text);
}

TEST_CASE("FormatRfc3339: what no four-digit year can say becomes the nearest that one can") {
  CHECK(FormatRfc3339({kMinTimestampSeconds - 1, 5}) == "0001-01-01T00:00:00Z");
  CHECK(FormatRfc3339({kMaxTimestampSeconds + 1, 0}) == "9999-12-31T23:59:59.999999999Z");
  CHECK(FormatRfc3339({INT64_MAX, 0}) == "9999-12-31T23:59:59.999999999Z");
}

TEST_CASE("FormatRfc3339 and ParseRfc3339 undo each other, whatever the time") {
  Random random(20240305);
  for (int i = 0; i < 100'000; ++i) {
    const auto span = static_cast<double>(kMaxTimestampSeconds - kMinTimestampSeconds);
    const Timestamp time{kMinTimestampSeconds + static_cast<int64_t>(random.Fraction() * span),
                         static_cast<int32_t>(random.Below(1'000'000'000))};
    REQUIRE(ParseRfc3339(FormatRfc3339(time)) == time);
  }
}

TEST_CASE("Civil dates: every day of the years 1 to 9999 comes back, one after the other") {
  int64_t days = DaysFromCivil(1, 1, 1);
  CHECK(days * kSecondsPerDay == kMinTimestampSeconds);
  bool same = true;
  for (int year = 1; year <= 9999; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= DaysInMonth(year, month); ++day, ++days) {
        same &= CivilFromDays(days) == CivilDate{year, month, day};
        same &= DaysFromCivil(year, month, day) == days;
      }
    }
  }
  CHECK(same);
  CHECK(days * kSecondsPerDay == kMaxTimestampSeconds + 1);
}

}  // namespace
}  // namespace hctail
