// SPDX-License-Identifier: Apache-2.0
#include "base/time_layout.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <span>

namespace hctail {
namespace {

// "year month day hour minute second nanos", what is missing as '-', then what else was said.
std::string Show(const CivilTime& t) {
  const auto part = [](int value) { return value < 0 ? std::string("-") : std::to_string(value); };
  std::string text = fmt::format("{} {} {} {}:{}:{}", part(t.year), part(t.month), part(t.day),
                                 t.hour, t.minute, t.second);
  if (t.nanos != 0) text += fmt::format(".{:09}", t.nanos);
  if (t.day_of_year >= 0) text += fmt::format(" day {}", t.day_of_year);
  if (t.offset) text += fmt::format(" {:+}", *t.offset);
  if (!t.zone.empty()) text += fmt::format(" {}", t.zone);
  if (t.epoch) text += fmt::format(" epoch {}", *t.epoch);
  return text;
}

std::string Match(std::string_view format, std::string_view text) {
  const Result<TimeLayout> layout = TimeLayout::Compile(format);
  if (!layout) return layout.error().message;
  CivilTime time;
  return layout->Parse(text, &time) ? Show(time) : "no";
}

struct Case {
  std::string format;
  std::string text;
  std::string said;
};

void CheckAll(std::span<const Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.format);
    CAPTURE(c.text);
    CHECK(Match(c.format, c.text) == c.said);
  }
}

TEST_CASE("TimeLayout: strftime directives mean what honeytail's table says") {
  const Case kCases[] = {
      {"%Y-%m-%d %H:%M:%S", "2024-03-05 06:07:08", "2024 3 5 6:7:8"},
      {"%a, %d %b %y", "Tue, 05 Mar 24", "2024 3 5 0:0:0"},
      {"%A %B %e %Y", "Tuesday March  5 2024", "2024 3 5 0:0:0"},
      {"%A %B %e %Y", "tuesday MARCH 5 2024", "2024 3 5 0:0:0"},
      {"%h %d %C", "Mar 05 24", "2024 3 5 0:0:0"},
      {"%D %T", "03/05/24 06:07:08", "2024 3 5 6:7:8"},
      {"%F %R", "2024-03-05 06:07", "2024 3 5 6:7:0"},
      {"%F %r", "2024-03-05 06:07:08 PM", "2024 3 5 18:7:8"},
      {"%F %I:%M %p", "2024-03-05 12:07 AM", "2024 3 5 0:7:0"},
      {"%F %I:%M %p", "2024-03-05 12:07 PM", "2024 3 5 12:7:0"},
      {"%F %I:%M %p", "2024-03-05 06:07 pm", "2024 3 5 18:7:0"},
      {"%F %I:%M %P", "2024-03-05 06:07 PM", "2024 3 5 18:7:0"},
      {"%F %I:%M %P", "2024-03-05 06:07 pm", "2024 3 5 18:7:0"},
      {"%F%n%t%H", "2024-03-05\n\t6", "2024 3 5 6:0:0"},
      {"%F %k:%M", "2024-03-05  6:07", "2024 3 5 6:7:0"},
      {"[%k:%M %F]", "[ 6:07 2024-03-05]", "2024 3 5 6:7:0"},
      {"%y", "69", "1969 - - 0:0:0"},
      {"%y", "68", "2068 - - 0:0:0"},
      {"%d/%b/%Y:%H:%M:%S %z", "05/Mar/2024:06:07:08 +0530", "2024 3 5 6:7:8 +19800"},
      {"%F %T %Z", "2024-03-05 06:07:08 EST", "2024 3 5 6:7:8 EST"},
      {"%+", "Tue Mar  5 06:07:08 EST 2024", "2024 3 5 6:7:8 EST"},
      {"%S.%f", "08.25", "- - - 0:0:8.250000000"},
      {"%S.%f", "08", "- - - 0:0:8"},
      {"%S.%L", "08.1234567899", "- - - 0:0:8.123456789"},
      {"%S", "08.5", "- - - 0:0:8.500000000"},
      {"%S", "08,25", "- - - 0:0:8.250000000"},
      {"%Sx%L", "08.5x", "no"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeLayout: directives that matched nothing in honeytail work") {
  const Case kCases[] = {
      {"%l:%M %p", " 6:07 PM", "- - - 18:7:0"},
      {"%F %l:%M %p", "2024-03-05 12:07 AM", "2024 3 5 0:7:0"},
      {"%j %Y", "065 2024", "2024 - - 0:0:0 day 65"},
      {"%-j %Y", "65 2024", "2024 - - 0:0:0 day 65"},
      {"%c", "Tue Mar  5 06:07:08 2024", "2024 3 5 6:7:8"},
      {"%x %X", "03/05/24 06:07:08", "2024 3 5 6:7:8"},
      {"%F %u %w", "2024-03-05 2 2", "2024 3 5 0:0:0"},
      {"%F week %V %U %W", "2024-03-05 week 10 09 10", "2024 3 5 0:0:0"},
      {"%s", "1709618828", "- - - 0:0:0 epoch 1709618828"},
      {"[%s.%L]", "[1709618828.25]", "- - - 0:0:0.250000000 epoch 1709618828"},
      {"%T:%f", "06:07:08:123", "- - - 6:7:8.123000000"},
      {"%F %T%z", "2024-03-05 06:07:08Z", "2024 3 5 6:7:8 +0"},
      {"%F %T%z", "2024-03-05 06:07:08+05:30", "2024 3 5 6:7:8 +19800"},
      {"%F %T%z", "2024-03-05 06:07:08-05", "2024 3 5 6:7:8 -18000"},
      {"%-d.%-m.%Y %-H:%-M:%-S", "5.3.2024 6:7:8", "2024 3 5 6:7:8"},
      {"%% %Y", "% 2024", "2024 - - 0:0:0"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeLayout: Go's layouts") {
  const Case kCases[] = {
      {"2006-01-02T15:04:05Z07:00", "2024-03-05T06:07:08+02:00", "2024 3 5 6:7:8 +7200"},
      {"2006-01-02T15:04:05Z07:00", "2024-03-05T06:07:08Z", "2024 3 5 6:7:8 +0"},
      {"2006-01-02T15:04:05-07:00", "2024-03-05T06:07:08Z", "no"},
      {"2006-01-02 15:04:05.000", "2024-03-05 06:07:08.123", "2024 3 5 6:7:8.123000000"},
      {"2006-01-02 15:04:05.000", "2024-03-05 06:07:08.12", "no"},
      {"2006-01-02 15:04:05.000", "2024-03-05 06:07:08.1234", "no"},
      {"2006-01-02 15:04:05.999", "2024-03-05 06:07:08.1234", "2024 3 5 6:7:8.123400000"},
      {"2006-01-02 15:04:05,000", "2024-03-05 06:07:08,123", "2024 3 5 6:7:8.123000000"},
      {"Monday, January 2, 2006 3:04pm", "TUESDAY, march 5, 2024 6:07pm", "2024 3 5 18:7:0"},
      {"Jan _2 15:04:05", "Mar  5 06:07:08", "- 3 5 6:7:8"},
      {"Jan _2 15:04:05", "Mar 15 06:07:08", "- 3 15 6:7:8"},
      {"1/2/06 3:4:5 PM", "3/5/24 6:7:8 AM", "2024 3 5 6:7:8"},
      {"2006 __2", "2024  65", "2024 - - 0:0:0 day 65"},
      {"2006.002", "2024.065", "2024 - - 0:0:0 day 65"},
      {"x_2006", "x_2024", "2024 - - 0:0:0"},
      {"15 -07", "06 -05", "- - - 6:0:0 -18000"},
      {"15 Z070000", "06 +053015", "- - - 6:0:0 +19815"},
      {"15 Z07:00:00", "06 -05:30:15", "- - - 6:0:0 -19815"},
      {"15 Z0700", "06 Z", "- - - 6:0:0 +0"},
      {"15 MST", "06 UTC", "- - - 6:0:0 +0"},
      {"15 MST", "06 GMT+3", "- - - 6:0:0 +10800"},
      {"15 MST", "06 GMT", "- - - 6:0:0 +0"},
      {"15 MST", "06 -03", "- - - 6:0:0 -10800"},
      {"15 MST", "06 CEST", "- - - 6:0:0 CEST"},
      {"15 MST", "06 ChST", "- - - 6:0:0 ChST"},
      {"15 MST", "06 CESX", "no"},
      {"15 MST", "06 ABCDEF", "no"},
      {"Janet 15", "Janet 06", "- - - 6:0:0"},
      {"a b 15", "a   b 6", "- - - 6:0:0"},
      {"15", "6", "- - - 6:0:0"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeLayout: out of range, cut short or longer than the layout is no match") {
  const Case kCases[] = {
      {"%Y-%m-%d", "2024-13-05", "no"},
      {"%Y-%m-%d", "2024-0-05", "no"},
      {"%Y-%m-%d", "2024-03-5", "no"},
      {"%Y-%m-%d", "2024-03", "no"},
      {"%Y-%m-%d", "2024-03-05x", "no"},
      {"%Y-%m-%d", "24-03-05", "no"},
      {"%H:%M:%S", "24:00:00", "no"},
      {"%H:%M:%S", "06:60:00", "no"},
      {"%H:%M:%S", "06:07:60", "no"},
      {"%I %p", "13 PM", "no"},
      {"%I %p", "06 P", "no"},
      {"%b", "Mrz", "no"},
      {"%a", "Tu", "no"},
      {"%j", "65", "no"},
      {"%j", "000", "no"},
      {"%j", "367", "no"},
      {"%z", "+25:00", "no"},
      {"%z", "+05:61", "no"},
      {"%z", "0530", "no"},
      {"%z", "+5", "no"},
      {"%s", "x", "no"},
      {"%s", "99999999999999999999", "no"},
      {"%T:%f", "06:07:08:", "no"},
  };
  CheckAll(kCases);
}

TEST_CASE("TimeLayout: a bad format is refused by name and place") {
  CHECK(Match("%Y-%Q", "") == "bad time format '%Y-%Q': unknown directive '%Q' at character 4");
  CHECK(Match("%E", "") == "bad time format '%E': unknown directive '%E' at character 1");
  CHECK(Match("%-Y", "") == "bad time format '%-Y': unknown directive '%-Y' at character 1");
  CHECK(Match("%-Yx", "") == "bad time format '%-Yx': unknown directive '%-Y' at character 1");
  CHECK(Match("%Y %", "") == "bad time format '%Y %': unknown directive '%' at character 4");
  CHECK(Match("yyyy-MM-dd", "") == "bad time format 'yyyy-MM-dd': nothing in it stands for a time");
  const auto layout = TimeLayout::Compile("%Y-%Q");
  REQUIRE_FALSE(layout.has_value());
  CHECK(layout.error().hint.starts_with("%Y-%Q\n   ^ here\nKnown are "));
}

}  // namespace
}  // namespace hctail
