// SPDX-License-Identifier: Apache-2.0
#include "base/time_parse.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "base/civil.h"
#include "base/time_epoch.h"
#include "base/time_iso.h"

namespace hctail {
namespace {

// No time is longer; a field called "date" may hold a page of text.
constexpr size_t kMaxTextSize = 128;

// 29 February comes back after four or, around 2100, eight years.
constexpr int kYearsBack = 8;

template <size_t kCount>
std::vector<TimeLayout> CompileAll(const std::string_view (&texts)[kCount]) {
  std::vector<TimeLayout> layouts;
  for (const std::string_view text : texts) layouts.push_back(TimeLayout::FromGo(text));
  return layouts;
}

const std::vector<TimeLayout>& HoneytailLayouts() {
  static constexpr std::string_view kTexts[] = {
      "2006-01-02 15:04:05.999999999 -0700 MST",
      "2006-01-02T15:04:05Z07:00",  // for one-digit hours, which ParseIso refuses
      "Mon Jan 02 15:04:05 -0700 2006",
      "Mon Jan _2 15:04:05 MST 2006",
  };
  static const std::vector<TimeLayout> kLayouts = CompileAll(kTexts);
  return kLayouts;
}

const std::vector<TimeLayout>& ExtraLayouts() {
  static constexpr std::string_view kTexts[] = {
      "2006-01-02 15:04:05 -0700",        // Ruby
      "2006-01-02 15:04:05 MST",          // PostgreSQL
      "02/Jan/2006:15:04:05 -0700",       // Apache, nginx
      "02/Jan/2006:15:04:05",             //
      "2006/01/02 15:04:05",              // nginx's error log, Go's log
      "Mon Jan _2 15:04:05 2006",         // ctime
      "Mon, _2 Jan 2006 15:04:05 -0700",  // mail, HTTP
      "Mon, _2 Jan 2006 15:04:05 MST",    //
      "_2 Jan 2006 15:04:05 -0700",       //
      "Jan _2 15:04:05 2006",             // syslog of some routers
      "Jan _2 2006 15:04:05",             //
      "Jan _2 15:04:05",                  // syslog
  };
  static const std::vector<TimeLayout> kLayouts = CompileAll(kTexts);
  return kLayouts;
}

// The day of the year as month and day; false if the year has no such day, or it is another.
bool PlaceDayOfYear(int year, CivilTime* time) {
  if (time->day_of_year > (IsLeapYear(year) ? 366 : 365)) return false;
  const CivilDate date = CivilFromDays(DaysFromCivil(year, 1, 1) + time->day_of_year - 1);
  if (time->month >= 0 && time->month != date.month) return false;
  if (time->day >= 0 && time->day != date.day) return false;
  time->month = date.month;
  time->day = date.day;
  return true;
}

int32_t OffsetOf(const CivilTime& time, const date::time_zone* zone, int64_t wall) {
  if (time.offset) return *time.offset;
  if (time.zone.empty()) return OffsetAtWall(zone, wall);
  // What an abbreviation of another zone means cannot be known ("CST" is three): UTC, as in Go.
  return OffsetOfAbbreviation(zone, time.zone, wall).value_or(0);
}

// With the date complete.
std::optional<Timestamp> InstantOnDay(const CivilTime& time, int64_t day,
                                      const date::time_zone* zone) {
  const int64_t wall = day * kSecondsPerDay + time.hour * 3600 + time.minute * 60 + time.second;
  return InstantOf(wall, time.nanos, OffsetOf(time, zone, wall));
}

std::optional<Timestamp> InstantInYear(CivilTime time, int year, const date::time_zone* zone) {
  if (time.day_of_year >= 0 && !PlaceDayOfYear(year, &time)) return std::nullopt;
  const int month = std::max(time.month, 1);
  const int day = time.day < 0 ? 1 : time.day;
  if (day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  return InstantOnDay(time, DaysFromCivil(year, month, day), zone);
}

std::optional<Timestamp> InNearestYear(const CivilTime& time, const date::time_zone* zone,
                                       Timestamp now) {
  const Timestamp latest{now.seconds + kSecondsPerDay, now.nanos};
  const int this_year = CivilFromDays(FloorDays(now.seconds)).year;
  for (int year = this_year + 1; year >= this_year - kYearsBack; --year) {
    const std::optional<Timestamp> instant = InstantInYear(time, year, zone);
    if (instant && *instant <= latest) return instant;
  }
  return std::nullopt;
}

std::optional<Timestamp> OnNearestDay(const CivilTime& time, const date::time_zone* zone,
                                      Timestamp now) {
  const int64_t today = FloorDays(now.seconds + OffsetAt(zone, now.seconds));
  std::optional<Timestamp> nearest;
  for (const int64_t day : {today - 1, today, today + 1}) {
    const std::optional<Timestamp> instant = InstantOnDay(time, day, zone);
    const auto distance = [&](Timestamp t) { return std::abs(t.seconds - now.seconds); };
    if (instant && (!nearest || distance(*instant) < distance(*nearest))) nearest = instant;
  }
  return nearest;
}

// `text` with ',' as '.', in `buffer` if need be.
std::string_view WithPoints(std::string_view text, std::array<char, kMaxTextSize>* buffer) {
  if (text.find(',') == std::string_view::npos) return text;
  std::replace_copy(text.begin(), text.end(), buffer->begin(), ',', '.');
  return {buffer->data(), text.size()};
}

bool MeansEpochSeconds(std::string_view format) {
  return format == "unixepoch" || format == "%s(%L)?" || format == "%s(.%L)?";
}

std::optional<Timestamp> InstantOfIso(const IsoTime& iso, const date::time_zone* zone) {
  const int32_t offset = iso.offset ? *iso.offset : OffsetAtWall(zone, iso.wall_seconds);
  return InstantOf(iso.wall_seconds, iso.nanos, offset);
}

}  // namespace

std::optional<Timestamp> Resolve(const CivilTime& time, const date::time_zone* zone,
                                 Timestamp now) {
  if (time.epoch) {
    if (*time.epoch > kMaxTimestampSeconds) return std::nullopt;
    return InstantOf(*time.epoch, time.nanos, 0);
  }
  if (time.year >= 0) return InstantInYear(time, time.year, zone);
  const bool no_date = time.month < 0 && time.day < 0 && time.day_of_year < 0;
  return no_date ? OnNearestDay(time, zone, now) : InNearestYear(time, zone, now);
}

Result<TimeParser> TimeParser::Create(std::string_view format, const date::time_zone* zone) {
  TimeParser parser;
  parser.zone_ = zone;
  if (format.empty()) return parser;
  std::string points(format);
  std::ranges::replace(points, ',', '.');
  parser.epoch_seconds_ = MeansEpochSeconds(points);
  if (parser.epoch_seconds_) return parser;
  Result<TimeLayout> layout = TimeLayout::Compile(points);
  // The error shows the format as it was typed.
  if (!layout) return std::unexpected(TimeLayout::Compile(format).error());
  parser.layouts_.push_back(*std::move(layout));
  if (points.contains('%')) {
    TimeLayout as_go = TimeLayout::FromGo(points);
    if (!as_go.IsLiteral()) parser.layouts_.push_back(std::move(as_go));
  }
  return parser;
}

std::optional<Timestamp> TimeParser::Parse(std::string_view text, Timestamp now) const {
  if (text.size() > kMaxTextSize) return std::nullopt;
  if (const auto time = ParseAsHoneytail(text, now)) return time;
  return ParseExtra(text, now);
}

std::optional<Timestamp> TimeParser::ParseAsHoneytail(std::string_view text, Timestamp now) const {
  if (text.size() > kMaxTextSize) return std::nullopt;
  std::array<char, kMaxTextSize> buffer;
  text = WithPoints(text, &buffer);
  if (const auto time = ParseGiven(text, now)) return time;
  // RFC 3339 first, because it is the most frequent; none of the others can match what it does.
  if (const auto iso = ParseIso(text)) {
    return iso->strict ? InstantOfIso(*iso, zone_) : std::nullopt;
  }
  if (const auto time = ParseFirst(HoneytailLayouts(), text, now)) return time;
  return ParseEpoch(text);
}

std::optional<Timestamp> TimeParser::ParseGiven(std::string_view text, Timestamp now) const {
  return epoch_seconds_ ? ParseEpochSeconds(text) : ParseFirst(layouts_, text, now);
}

std::optional<Timestamp> TimeParser::ParseFirst(const std::vector<TimeLayout>& layouts,
                                                std::string_view text, Timestamp now) const {
  CivilTime civil;
  for (const TimeLayout& layout : layouts) {
    if (!layout.Parse(text, &civil)) continue;
    if (const auto time = Resolve(civil, zone_, now)) return time;
  }
  return std::nullopt;
}

std::optional<Timestamp> TimeParser::ParseExtra(std::string_view text, Timestamp now) const {
  if (const auto iso = ParseIso(text)) return InstantOfIso(*iso, zone_);
  // Mail dates have a comma, and layouts take one for a point before a fraction anyway.
  return ParseFirst(ExtraLayouts(), text, now);
}

}  // namespace hctail
