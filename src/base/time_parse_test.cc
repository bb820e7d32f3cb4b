// SPDX-License-Identifier: Apache-2.0
#include "base/time_parse.h"

#include <doctest/doctest.h>

#include <span>

#include "base/time_format.h"
#include "base/time_iso.h"

namespace hctail {
namespace {

constexpr Timestamp kNow{1709618828, 0};  // 2024-03-05T06:07:08Z

std::string Show(std::optional<Timestamp> time) { return time ? FormatRfc3339(*time) : "none"; }

TimeParser Make(std::string_view format, std::string_view zone) {
  return TimeParser::Create(format, FindZone(zone).value()).value();
}

struct Case {
  std::string text;
  std::string format;
  std::string zone;
  std::string time;
};

void CheckAll(std::span<const Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CAPTURE(c.format);
    CAPTURE(c.zone);
    CHECK(Show(Make(c.format, c.zone).Parse(c.text, kNow)) == c.time);
  }
}

TEST_CASE("TimeParser: the rows that were verified against honeytail") {
  const Case kCases[] = {
      {"2024-03-05 06:07:08,25", "%Y-%m-%d %H:%M:%S", "", "2024-03-05T06:07:08.25Z"},
      {"05/Mar/2024:06:07:08 +0530", "%d/%b/%Y:%H:%M:%S %z", "", "2024-03-05T00:37:08Z"},
      {"2024-07-05 06:07:08", "%Y-%m-%d %H:%M:%S", "America/New_York", "2024-07-05T10:07:08Z"},
      {"03/05/24 06:07:08 PM", "%m/%d/%y %I:%M:%S %p", "", "2024-03-05T18:07:08Z"},
      {"Tue Mar  5 06:07:08 EST 2024", "", "America/New_York", "2024-03-05T11:07:08Z"},
      {"1709618828.5", "", "", "2024-03-05T06:07:08.5Z"},
      {"12345", "", "", "none"},
      {"-5.5", "unixepoch", "", "1969-12-31T23:59:54.5Z"},
      {"", "", "", "none"},
      {"Tue Mar  5 06:07:08 PST 2024", "", "", "2024-03-05T06:07:08Z"},
      // Mended: honeytail sent year 0, rounded through a double, and knew no %j or %l.
      {"Mar  5 06:07:08", "%b %e %T", "", "2024-03-05T06:07:08Z"},
      {"1709618828123", "", "", "2024-03-05T06:07:08.123Z"},
      {"065 2024", "%j %Y", "", "2024-03-05T00:00:00Z"},
      {"2024-03-05  6:07 PM", "%Y-%m-%d %l:%M %p", "", "2024-03-05T18:07:00Z"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeParser: the built-in formats, also after a format that does not match") {
  const Case kCases[] = {
      {"2024-03-05T06:07:08.9+02:00", "", "", "2024-03-05T04:07:08.9Z"},
      {"2024-03-05T06:07:08.9+02:00", "%Y/%m/%d", "", "2024-03-05T04:07:08.9Z"},
      {"2024-03-05T06:07:08,9Z", "", "", "2024-03-05T06:07:08.9Z"},
      {"2024-03-05T6:07:08Z", "", "", "2024-03-05T06:07:08Z"},
      {"2024-03-05 06:07:08.5 +0200 CEST", "", "", "2024-03-05T04:07:08.5Z"},
      {"2024-03-05 06:07:08 +0000 UTC", "", "", "2024-03-05T06:07:08Z"},
      {"Tue Mar 05 06:07:08 +0100 2024", "", "", "2024-03-05T05:07:08Z"},
      {"1709618828", "%Y/%m/%d", "", "2024-03-05T06:07:08Z"},
      {"1709618828123456789", "", "", "2024-03-05T06:07:08.123456789Z"},
  };
  CheckAll(kCases);
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Show(Make(c.format, c.zone).ParseAsHoneytail(c.text, kNow)) == c.time);
  }
}

TEST_CASE("TimeParser: more is understood than by honeytail, but only after its own list") {
  const Case kCases[] = {
      {"2024-03-05 06:07:08", "", "", "2024-03-05T06:07:08Z"},
      {"2024-03-05 06:07:08,123", "", "", "2024-03-05T06:07:08.123Z"},
      {"2024-03-05 06:07:08.123456", "", "Asia/Tokyo", "2024-03-04T21:07:08.123456Z"},
      {"2024-07-05T06:07:08", "", "America/New_York", "2024-07-05T10:07:08Z"},
      {"2024-03-05T06:07:08+0900", "", "", "2024-03-04T21:07:08Z"},
      {"2024-03-05T06:07:08-05", "", "", "2024-03-05T11:07:08Z"},
      {"2024-03-05 06:07:08 -0500", "", "", "2024-03-05T11:07:08Z"},
      {"2024-03-05 06:07:08.123 UTC", "", "Asia/Tokyo", "2024-03-05T06:07:08.123Z"},
      {"05/Mar/2024:06:07:08 +0530", "", "", "2024-03-05T00:37:08Z"},
      {"2024/03/05 06:07:08", "", "", "2024-03-05T06:07:08Z"},
      {"Tue Mar  5 06:07:08 2024", "", "", "2024-03-05T06:07:08Z"},
      {"Tue Mar  5 06:07:08.123456 2024", "", "", "2024-03-05T06:07:08.123456Z"},
      {"Tue, 05 Mar 2024 06:07:08 GMT", "", "", "2024-03-05T06:07:08Z"},
      {"Tue, 5 Mar 2024 06:07:08 -0100", "", "", "2024-03-05T07:07:08Z"},
      {"Mar  5 06:07:08", "", "", "2024-03-05T06:07:08Z"},
      {"Mar  5 06:07:08.5", "", "", "2024-03-05T06:07:08.5Z"},
      {"2016-12-31T23:59:60Z", "", "", "2017-01-01T00:00:00Z"},
  };
  CheckAll(kCases);
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Show(Make(c.format, c.zone).ParseAsHoneytail(c.text, kNow)) == "none");
  }
}

TEST_CASE("TimeParser: epoch seconds on request, by magnitude where seconds cannot be meant") {
  const Case kCases[] = {
      {"1709618828", "unixepoch", "", "2024-03-05T06:07:08Z"},
      {"1709618828.25", "%s(%L)?", "", "2024-03-05T06:07:08.25Z"},
      {"1709618828,25", "%s(.%L)?", "", "2024-03-05T06:07:08.25Z"},
      {"1709618828", "%s(,%L)?", "", "2024-03-05T06:07:08Z"},
      {"12345", "unixepoch", "", "1970-01-01T03:25:45Z"},
      {"0x65e6b68c", "unixepoch", "", "2024-03-05T06:07:08Z"},
      {"017", "unixepoch", "", "1970-01-01T00:00:15Z"},
      {"1709618828123", "unixepoch", "", "2024-03-05T06:07:08.123Z"},
      {"12345", "%s", "", "1970-01-01T03:25:45Z"},
      {"1709618828123", "%s", "", "2024-03-05T06:07:08.123Z"},
      {"2024-03-05T06:07:08Z", "unixepoch", "", "2024-03-05T06:07:08Z"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeParser: what the text says of its zone beats the zone that was given") {
  const Case kCases[] = {
      {"2024-03-05T06:07:08Z", "", "Asia/Tokyo", "2024-03-05T06:07:08Z"},
      {"2024-03-05 06:07:08 +0200", "%F %T %z", "Asia/Tokyo", "2024-03-05T04:07:08Z"},
      {"2024-03-05 06:07:08 GMT+3", "%F %T %Z", "Asia/Tokyo", "2024-03-05T03:07:08Z"},
      {"2024-03-05 06:07:08 UTC", "%F %T %Z", "Asia/Tokyo", "2024-03-05T06:07:08Z"},
      {"2024-03-05 06:07:08 JST", "%F %T %Z", "Asia/Tokyo", "2024-03-04T21:07:08Z"},
      {"2024-07-05 06:07:08 EST", "%F %T %Z", "America/New_York", "2024-07-05T11:07:08Z"},
      {"2024-07-05 06:07:08 EDT", "%F %T %Z", "America/New_York", "2024-07-05T10:07:08Z"},
      {"2024-03-05 06:07:08 JST", "%F %T %Z", "", "2024-03-05T06:07:08Z"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeParser: clock changes, on purpose") {
  const Case kCases[] = {
      // 02:30 never came: an hour later by the new time.
      {"2024-03-10 02:30:00", "", "America/New_York", "2024-03-10T07:30:00Z"},
      // 01:30 came twice: the first.
      {"2024-11-03 01:30:00", "", "America/New_York", "2024-11-03T05:30:00Z"},
      {"2024-11-03 01:30:00 EST", "", "America/New_York", "2024-11-03T06:30:00Z"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeParser: a missing year is the one nearest to now, at most a day ahead of it") {
  struct YearCase {
    std::string now;
    std::string text;
    std::string time;
  } const kCases[] = {
      {"2024-03-05T06:07:08Z", "Mar  5 06:07:08", "2024-03-05T06:07:08Z"},
      {"2024-03-05T06:07:08Z", "Mar  6 06:07:08", "2024-03-06T06:07:08Z"},
      {"2024-03-05T06:07:08Z", "Mar  6 06:07:09", "2023-03-06T06:07:09Z"},
      {"2024-03-05T06:07:08Z", "Dec 31 23:59:59", "2023-12-31T23:59:59Z"},
      {"2024-12-31T23:59:58Z", "Jan  1 00:00:00", "2025-01-01T00:00:00Z"},
      {"2025-01-01T00:00:05Z", "Dec 31 23:59:59", "2024-12-31T23:59:59Z"},
      {"2024-03-05T06:07:08Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z"},
      {"2027-03-05T06:07:08Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z"},
      {"2103-03-05T06:07:08Z", "Feb 29 12:00:00", "2096-02-29T12:00:00Z"},
      {"2024-03-05T06:07:08Z", "Feb 30 12:00:00", "none"},
  };
  const TimeParser parser;
  for (const YearCase& c : kCases) {
    CAPTURE(c.now);
    CAPTURE(c.text);
    CHECK(Show(parser.Parse(c.text, ParseRfc3339(c.now).value())) == c.time);
  }
}

TEST_CASE("TimeParser: the year is that of the zone, not of UTC") {
  const Timestamp now = ParseRfc3339("2024-12-31T20:00:00Z").value();
  CHECK(Show(Make("", "Asia/Tokyo").Parse("Jan  1 05:00:00", now)) == "2024-12-31T20:00:00Z");
}

TEST_CASE("TimeParser: a time of day alone is on the day that brings it nearest to now") {
  const TimeParser parser = Make("%H:%M:%S", "");
  CHECK(Show(parser.Parse("06:07:08", kNow)) == "2024-03-05T06:07:08Z");
  CHECK(Show(parser.Parse("18:07:07", kNow)) == "2024-03-05T18:07:07Z");
  CHECK(Show(parser.Parse("23:00:00", kNow)) == "2024-03-04T23:00:00Z");
  CHECK(Show(Make("%H:%M:%S", "Asia/Tokyo").Parse("15:07:08", kNow)) == "2024-03-05T06:07:08Z");
}

TEST_CASE("TimeParser: a day that its month or year has not is no time") {
  const Case kCases[] = {
      {"2023-02-29", "%F", "", "none"},
      {"2024-02-29", "%F", "", "2024-02-29T00:00:00Z"},
      {"2024-04-31", "%F", "", "none"},
      {"2024-03-00", "%F", "", "none"},
      {"366 2023", "%j %Y", "", "none"},
      {"366 2024", "%j %Y", "", "2024-12-31T00:00:00Z"},
      {"065 04 2024", "%j %m %Y", "", "none"},
      {"0000-03-05", "%F", "", "none"},
      {"060 2023", "%j %Y", "", "2023-03-01T00:00:00Z"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeParser: text that is no time, and text too long to be one") {
  const Case kCases[] = {
      {"tomorrow", "", "", "none"},
      {"true", "", "", "none"},
      {"2024-03-05", "", "", "none"},
      {"06:07:08", "", "", "none"},
      {"2024-03-05T06:07:08Z!", "", "", "none"},
      {",", "", "", "none"},
  };
  CheckAll(kCases);
  const std::string page(100'000, ',');
  CHECK(Show(TimeParser().Parse(page, kNow)) == "none");
}

TEST_CASE("TimeParser: a strftime format is tried as a Go layout too, as in honeytail") {
  CHECK(Show(Make("2006%d", "").Parse("2024%d", kNow)) == "2024-01-01T00:00:00Z");
}

TEST_CASE("TimeParser: a bad format is an error that shows it as it was typed") {
  const auto parser = TimeParser::Create("%Y,%Q", nullptr);
  REQUIRE_FALSE(parser.has_value());
  CHECK(parser.error().message == "bad time format '%Y,%Q': unknown directive '%Q' at character 4");
}

}  // namespace
}  // namespace hctail
