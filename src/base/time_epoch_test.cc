// SPDX-License-Identifier: Apache-2.0
#include "base/time_epoch.h"

#include <doctest/doctest.h>

#include "base/time_format.h"

namespace hctail {
namespace {

struct Case {
  std::string text;
  std::string time;
};

std::string Show(std::optional<Timestamp> time) { return time ? FormatRfc3339(*time) : "none"; }

TEST_CASE("ParseEpoch: the magnitude of an integer says its unit, and every digit counts") {
  const Case kCases[] = {
      {"1709618828", "2024-03-05T06:07:08Z"},
      {"1709618828123", "2024-03-05T06:07:08.123Z"},
      {"1709618828123456", "2024-03-05T06:07:08.123456Z"},
      {"1709618828123456789", "2024-03-05T06:07:08.123456789Z"},
      {"+1709618828", "2024-03-05T06:07:08Z"},
      {"17096188281", "2024-03-05T06:07:08.1Z"},
      {"0000000001", "1970-01-01T00:00:01Z"},
      {"0000000000123", "1970-01-01T00:00:00.123Z"},
      {"-1709618828", "1915-10-29T17:52:52Z"},
      {"-1709618828123", "1915-10-29T17:52:51.877Z"},
      {"-123456789", "1966-02-02T02:26:51Z"},
      {"9999999999999999999", "2286-11-20T17:46:39.999999999Z"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Show(ParseEpoch(c.text)) == c.time);
  }
}

TEST_CASE("ParseEpoch: a fraction or an exponent makes it seconds, without rounding") {
  const Case kCases[] = {
      {"1709618828.5", "2024-03-05T06:07:08.5Z"},
      {"1709618828.123456789", "2024-03-05T06:07:08.123456789Z"},
      {"1709618828.9999999999", "2024-03-05T06:07:08.999999999Z"},
      {"1709618828.", "2024-03-05T06:07:08Z"},
      {".5", "1970-01-01T00:00:00.5Z"},
      {"0.001", "1970-01-01T00:00:00.001Z"},
      {"0.0000000001", "1970-01-01T00:00:00Z"},
      {"-5.5", "1969-12-31T23:59:54.5Z"},
      {"-0.25", "1969-12-31T23:59:59.75Z"},
      {"1.709618828123e9", "2024-03-05T06:07:08.123Z"},
      {"1.709618828E+9", "2024-03-05T06:07:08Z"},
      {"17096188285e-1", "2024-03-05T06:07:08.5Z"},
      {"1e9", "2001-09-09T01:46:40Z"},
      {"12345.0", "1970-01-01T03:25:45Z"},
      {"1709618828123.5", "2024-03-05T06:07:08.1235Z"},
      {"1709618828123456.75", "2024-03-05T06:07:08.12345675Z"},
      {"253402300799.999", "9999-12-31T23:59:59.999Z"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Show(ParseEpoch(c.text)) == c.time);
  }
}

TEST_CASE("ParseEpoch: small integers and what is no number are no times") {
  for (const std::string text : {"",
                                 "-",
                                 "+",
                                 ".",
                                 "-.",
                                 "e9",
                                 "12345",
                                 "999999999",
                                 "-12345678",
                                 "99999999999999999999",
                                 "1709618828x",
                                 "x1709618828",
                                 "1709618828 ",
                                 "1e",
                                 "1e+",
                                 "1e+-5",
                                 "1.5.5",
                                 "--1709618828",
                                 "1e99",
                                 "1e99999999999",
                                 "-1e99",
                                 "0x65e6b9cc",
                                 "inf",
                                 "nan",
                                 "1_709_618_828"}) {
    CAPTURE(text);
    CHECK(Show(ParseEpoch(text)) == "none");
  }
}

TEST_CASE("IsPlausibleEpoch: ten to nineteen digits before the point, and not negative") {
  for (const std::string text :
       {"1709618828", "1709618828123456789", "1709618828.5", "1.709618828e9"}) {
    CAPTURE(text);
    CHECK(IsPlausibleEpoch(text));
  }
  for (const std::string text :
       {"0", "200", "170961882", "170961882.5", "0.125", "-1709618828", "17096188281234567890",
        "1709618828e20", "true", "", "0000000001"}) {
    CAPTURE(text);
    CHECK_FALSE(IsPlausibleEpoch(text));
  }
}

TEST_CASE("ParseEpochSeconds: any length, and Go's integer prefixes") {
  const Case kCases[] = {
      {"1709618828", "2024-03-05T06:07:08Z"},
      {"12345", "1970-01-01T03:25:45Z"},
      {"0", "1970-01-01T00:00:00Z"},
      {"-5", "1969-12-31T23:59:55Z"},
      {"-5.5", "1969-12-31T23:59:54.5Z"},
      {"1709618828.25", "2024-03-05T06:07:08.25Z"},
      {"0x65e6b68c", "2024-03-05T06:07:08Z"},
      {"0X10", "1970-01-01T00:00:16Z"},
      {"-0x10", "1969-12-31T23:59:44Z"},
      {"0b101", "1970-01-01T00:00:05Z"},
      {"0o17", "1970-01-01T00:00:15Z"},
      {"017", "1970-01-01T00:00:15Z"},
      {"0.5", "1970-01-01T00:00:00.5Z"},
      {"09.5", "1970-01-01T00:00:09.5Z"},
      {"1709618828123", "none"},  // the year 56145
      {"0x7fffffffffffffff", "none"},
      {"0x", "none"},
      {"0x-5", "none"},
      {"0b2", "none"},
      {"tomorrow", "none"},
      {"", "none"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Show(ParseEpochSeconds(c.text)) == c.time);
  }
}

}  // namespace
}  // namespace hctail
