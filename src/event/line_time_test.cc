// SPDX-License-Identifier: Apache-2.0
#include "event/line_time.h"

#include <doctest/doctest.h>

#include <string>

#include "base/time_format.h"
#include "base/time_zone.h"

namespace hctail {
namespace {

constexpr Timestamp kNow = {.seconds = 1709618828};  // 2024-03-05T06:07:08Z

std::string TimeIn(std::string_view line, const date::time_zone* zone = nullptr) {
  LineTime times(zone, kNow);
  const auto time = times.Find(line);
  if (!time) return "";
  return FormatRfc3339(*time);
}

struct Case {
  const char* line;
  const char* time;
};

TEST_CASE("LineTime: the usual ways to write a time") {
  const Case cases[] = {
      {"2024-03-05T06:07:08Z started", "2024-03-05T06:07:08Z"},
      {"2024-03-05T06:07:08.123456789+01:00 x", "2024-03-05T05:07:08.123456789Z"},
      {"2024-03-05 06:07:08,123 [main] INFO c.e.App - up", "2024-03-05T06:07:08.123Z"},
      {"2024-03-05 06:07:08.5 -0700 x", "2024-03-05T13:07:08.5Z"},
      {"2024-03-05 06:07:08 UTC [20]: LOG:  ready", "2024-03-05T06:07:08Z"},
      {"[2024-03-05 06:07:08] prod.ERROR: no", "2024-03-05T06:07:08Z"},
      {"2024/03/05 06:07:08.000001 main.go:7: up", "2024-03-05T06:07:08.000001Z"},
      {"Mar  5 06:07:07 web app[7]: up", "2024-03-05T06:07:07Z"},
      {"<13>Dec 31 23:59:59 web app: up", "2023-12-31T23:59:59Z"},
      {"1.2.3.4 - - [05/Mar/2024:06:07:08 +0100] \"GET /", "2024-03-05T05:07:08Z"},
      {"[Sun Dec 04 04:47:44.123456 2005] [notice] up", "2005-12-04T04:47:44.123456Z"},
      {"Tue Mar  5 06:07:08 UTC 2024 up", "2024-03-05T06:07:08Z"},
      {"Tue Mar  5 06:07:08.001 [init] up", "2024-03-05T06:07:08.001Z"},
      {"Tue, 05 Mar 2024 06:07:08 GMT up", "2024-03-05T06:07:08Z"},
      {"7:M 05 Mar 2024 06:07:08.123 * Ready", "2024-03-05T06:07:08.123Z"},
      {"[05-Mar-2024 06:07:08 UTC] PHP Warning", "2024-03-05T06:07:08Z"},
      {"Mar 05, 2024 6:07:08 PM org.x.Y start", "2024-03-05T18:07:08Z"},
      {"3/5/2024 12:07:08 AM up", "2024-03-05T00:07:08Z"},
      {"25/3/2024 12:07:08 up", "2024-03-25T12:07:08Z"},
      {"05.03.2024 06:07:08 los", "2024-03-05T06:07:08Z"},
      {"I0305 06:07:08.123456       1 main.go:7] up", "2024-03-05T06:07:08.123456Z"},
      {"17/06/09 20:10:40 INFO x", "2017-06-09T20:10:40Z"},
      {"081109 203615 148 INFO dfs", "2008-11-09T20:36:15Z"},
      {"240305  6:07:08 [Note] up", "2024-03-05T06:07:08Z"},
      {"# Time: 240305  6:07:08", "2024-03-05T06:07:08Z"},
      {"20240305T060708Z up", "2024-03-05T06:07:08Z"},
      {"1709618828 up", "2024-03-05T06:07:08Z"},
      {"1709618828123 up", "2024-03-05T06:07:08.123Z"},
      {"[1709618828.25] up", "2024-03-05T06:07:08.25Z"},
      {"INFO  2024-03-05 06:07:08 up", "2024-03-05T06:07:08Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.line);
    CHECK(TimeIn(c.line) == c.time);
  }
}

TEST_CASE("LineTime: what only looks like a time is none") {
  for (const char* line :
       {"", "    at org.x.Y(Y.java:12)", "took 12:30 minutes", "version 2024.03.05 build 12345678",
        "2024-13-05 06:07:08 x", "2024-02-30 06:07:08 x", "2024-03-05 06:07:088 x",
        "order 1709618828 paid", "17096188281 up", "0000000001 up", "marching 5 06:07:08x",
        "13/13/2024 06:07:08", "3/5/2024 0:07:08 PM"}) {
    CAPTURE(line);
    CHECK(TimeIn(line).empty());
  }
}

TEST_CASE("LineTime: far into the line, and on later lines, nothing is sought") {
  CHECK(TimeIn(std::string(200, 'x') + " 2024-03-05T06:07:08Z").empty());
  CHECK(TimeIn("Error\n2024-03-05T06:07:08Z").empty());
}

TEST_CASE("LineTime: the zone is that of times without one") {
  const auto oslo = FindZone("Europe/Oslo");
  REQUIRE(oslo);
  CHECK(TimeIn("2024-03-05 06:07:08 x", *oslo) == "2024-03-05T05:07:08Z");
  CHECK(TimeIn("2024-03-05T06:07:08Z x", *oslo) == "2024-03-05T06:07:08Z");
}

TEST_CASE("LineTime: a log that is followed over new year's eve") {
  LineTime times(nullptr, {.seconds = 1704067190});  // 2023-12-31T23:59:50Z
  CHECK(times.Find("Dec 31 23:59:59 x")->seconds == 1704067199);
  CHECK(times.Find("Jan  1 00:00:01 x")->seconds == 1704067201);
}

}  // namespace
}  // namespace hctail
