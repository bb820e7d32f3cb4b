// SPDX-License-Identifier: Apache-2.0
#include "event/text_time.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/time_format.h"
#include "event/encode_json.h"

namespace hctail {
namespace {

constexpr Timestamp kNow{1709618828, 0};  // 2024-03-05T06:07:08Z

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

// "TIME|{fields}", with "-" for no time.
std::string Take(TextTime& time, const Fields& fields) {
  Event event;
  time.Begin();
  for (const auto& [name, text] : fields) {
    event.Add(name, Value::String(text));
    if (const int rank = time.Rank(name); rank != TextTime::kNone) time.Offer(rank, text);
  }
  time.Finish(&event);
  std::string out = event.time ? FormatRfc3339(*event.time) : "-";
  out += '|';
  AppendData(event, &out);
  return out;
}

TEST_CASE("TextTime: without a name the usual names are tried in honeytail's order, then others") {
  struct Case {
    Fields fields;
    std::string_view result;
  };
  const Case kCases[] = {
      {{{"a", "b"}}, R"(-|{"a":"b"})"},
      {{{"date", "2024-01-02T03:04:05Z"}, {"time", "2024-01-01T00:00:00Z"}},
       R"(2024-01-01T00:00:00Z|{"date":"2024-01-02T03:04:05Z"})"},
      {{{"time", "2024-01-01 00:00:00"}, {"date", "2024-01-02T03:04:05Z"}},
       R"(2024-01-02T03:04:05Z|{"time":"2024-01-01 00:00:00"})"},
      {{{"time", "2024-01-01 00:00:00"}}, R"(2024-01-01T00:00:00Z|{})"},
      {{{"ts", "2024-01-01T00:00:00.5Z"}, {"m", "x"}}, R"(2024-01-01T00:00:00.5Z|{"m":"x"})"},
      {{{"timestamp", "1709618828123"}}, R"(2024-03-05T06:07:08.123Z|{})"},
      {{{"time", "42"}}, R"(-|{"time":"42"})"},
      {{{"t", "5s"}}, R"(-|{"t":"5s"})"},
      {{{"t", "2024-01-01T00:00:00Z"}}, R"(2024-01-01T00:00:00Z|{})"},
      {{{"time", ""}}, R"(-|{"time":""})"},
      {{{"date", "2024-10-14"}, {"time", "13:46:40"}}, R"(2024-10-14T13:46:40Z|{})"},
      {{{"Date", "14/Oct/2024"}, {"time", "13:46:40"}},
       R"(-|{"Date":"14/Oct/2024","time":"13:46:40"})"},
      {{{"date", "2024-10-14"}, {"time", "13:46:40.5"}, {"tz", "-0700"}},
       R"(2024-10-14T20:46:40.5Z|{"tz":"-0700"})"},
      {{{"tz", "-0700"}, {"a", "b"}}, R"(-|{"tz":"-0700","a":"b"})"},
      {{{"date", "today"}, {"time", "noon"}}, R"(-|{"date":"today","time":"noon"})"},
  };
  for (const Case& c : kCases) {
    auto time = TextTime::Create("", "", "x", nullptr, kNow);
    REQUIRE(time.has_value());
    CHECK(Take(*time, c.fields) == c.result);
  }
}

TEST_CASE("TextTime: a named field is taken out whether it says a time or not") {
  auto time = TextTime::Create("when", "%d.%m.%Y", "x", nullptr, kNow);
  REQUIRE(time.has_value());
  CHECK(Take(*time, {{"when", "02.01.2024"}, {"time", "2023-01-01T00:00:00Z"}}) ==
        R"(2024-01-02T00:00:00Z|{"time":"2023-01-01T00:00:00Z"})");
  CHECK(Take(*time, {{"when", "soon"}, {"a", "b"}}) == R"(-|{"a":"b"})");
  CHECK(Take(*time, {{"a", "b"}}) == R"(-|{"a":"b"})");
}

TEST_CASE("TextTime: the year of a date follows the log over New Year") {
  auto time = TextTime::Create("when", "", "x", nullptr, {1735603200, 0});  // 2024-12-31T00:00:00Z
  REQUIRE(time.has_value());
  CHECK(Take(*time, {{"when", "Dec 31 23:00:00"}}) == "2024-12-31T23:00:00Z|{}");
  CHECK(Take(*time, {{"when", "Jan  1 22:00:00"}}) == "2025-01-01T22:00:00Z|{}");
  CHECK(Take(*time, {{"when", "Jan  2 21:00:00"}}) == "2025-01-02T21:00:00Z|{}");
  CHECK(Take(*time, {{"when", "Dec 31 23:00:00"}}) == "2024-12-31T23:00:00Z|{}");
}

TEST_CASE("TextTime: a bad format names its option") {
  const auto time = TextTime::Create("", "%Q", "csv.time-format", nullptr, kNow);
  REQUIRE(!time.has_value());
  CHECK(time.error().message.ends_with(" (from --csv.time-format)"));
}

}  // namespace
}  // namespace hctail
