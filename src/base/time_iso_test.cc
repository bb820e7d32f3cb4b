// SPDX-License-Identifier: Apache-2.0
#include "base/time_iso.h"

#include <doctest/doctest.h>

#include "base/time_format.h"

namespace hctail {
namespace {

std::string Read(std::string_view text) {
  const auto time = ParseRfc3339(text);
  return time ? FormatRfc3339(*time) : "none";
}

TEST_CASE("ParseRfc3339: the spellings that logs use") {
  struct Case {
    std::string text;
    std::string time;
  } const kCases[] = {
      {"2024-03-05T06:07:08Z", "2024-03-05T06:07:08Z"},
      {"2024-03-05t06:07:08z", "2024-03-05T06:07:08Z"},
      {"2024-03-05 06:07:08Z", "2024-03-05T06:07:08Z"},
      {"2024-03-05T06:07:08.9+02:00", "2024-03-05T04:07:08.9Z"},
      {"2024-03-05T06:07:08,25-0530", "2024-03-05T11:37:08.25Z"},
      {"2024-03-05T06:07:08+09", "2024-03-04T21:07:08Z"},
      {"2024-03-05T06:07:08-00:00", "2024-03-05T06:07:08Z"},
      {"2024-03-05T06:07:08.1234567891234Z", "2024-03-05T06:07:08.123456789Z"},
      {"2024-03-05T06:07:08.000000000Z", "2024-03-05T06:07:08Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Read(c.text) == c.time);
  }
}

TEST_CASE("ParseRfc3339: a leap second is second 0 of the next minute") {
  CHECK(Read("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00Z");
  CHECK(Read("2017-01-01T05:29:60.5+05:30") == "2017-01-01T00:00:00.5Z");
  CHECK(Read("2016-12-31T23:59:61Z") == "none");
  CHECK_FALSE(ParseIso("2016-12-31T23:59:60Z")->strict);
}

TEST_CASE("ParseRfc3339: refuses what is no time, and what names no zone") {
  for (const std::string text : {"",
                                 "2024",
                                 "2024-03-05T06:07:08",
                                 "2024-03-05T06:07Z",
                                 "2024-03-05T06:07:08.Z",
                                 "2024-03-05T06:07:08 Z",
                                 "2024-03-05T06:07:08ZZ",
                                 "2024-03-05T06:07:08Z ",
                                 " 2024-03-05T06:07:08Z",
                                 "2024-13-05T06:07:08Z",
                                 "2024-00-05T06:07:08Z",
                                 "2024-03-00T06:07:08Z",
                                 "2024-03-32T06:07:08Z",
                                 "2023-02-29T06:07:08Z",
                                 "1900-02-29T06:07:08Z",
                                 "2024-04-31T06:07:08Z",
                                 "2024-03-05T24:07:08Z",
                                 "2024-03-05T06:60:08Z",
                                 "2024-03-05T06:07:08+2",
                                 "2024-03-05T06:07:08+02:0",
                                 "2024-03-05T06:07:08+02-00",
                                 "2024-03-05T06:07:08+25:00",
                                 "2024-03-05T06:07:08+02:60",
                                 "2024-03-05T06:07:08*02:00",
                                 "2024/03/05T06:07:08Z",
                                 "2024-03-05_06:07:08Z",
                                 "2024-3-05T06:07:08Z",
                                 "2O24-03-05T06:07:08Z",
                                 "2024-03-05T06:07:0xZ",
                                 "2024-03-05T06:07:08.1x",
                                 "0000-03-05T06:07:08Z",
                                 "0001-01-01T00:00:00+01:00",
                                 "9999-12-31T23:59:59-01:00",
                                 "\xb2\x30\x32\x34-03-05T06:07:08Z"}) {
    CAPTURE(text);
    CHECK(Read(text) == "none");
  }
}

TEST_CASE("ParseIso: strict is what Go's RFC 3339 layout would accept") {
  CHECK(ParseIso("2024-03-05T06:07:08Z")->strict);
  CHECK(ParseIso("2024-03-05T06:07:08.25+02:00")->strict);
  for (const std::string text :
       {"2024-03-05 06:07:08Z", "2024-03-05t06:07:08Z", "2024-03-05T06:07:08z",
        "2024-03-05T06:07:08+0200", "2024-03-05T06:07:08+02", "2024-03-05T06:07:08"}) {
    CAPTURE(text);
    REQUIRE(ParseIso(text).has_value());
    CHECK_FALSE(ParseIso(text)->strict);
  }
}

}  // namespace
}  // namespace hctail
