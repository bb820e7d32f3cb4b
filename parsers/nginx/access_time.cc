// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/access_time.h"

#include <cstdlib>

#include "base/civil.h"
#include "base/time_iso.h"
#include "base/time_zone.h"

namespace hctail::nginx {
namespace {

// The number that `count` digits from `at` on are, or -1.
int ReadDigits(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!IsDigit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int64_t> DayOf(int year, int month, int day) {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) {
    return std::nullopt;
  }
  return DaysFromCivil(year, month, day);
}

// The day of "07/Feb/2020".
std::optional<int64_t> ReadDate(std::string_view text) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const size_t month = kMonths.find(text.substr(3, 3));
  if (text[2] != '/' || text[6] != '/' || month % 3 != 0) return std::nullopt;
  return DayOf(ReadDigits(text, 7, 4), static_cast<int>(month / 3) + 1, ReadDigits(text, 0, 2));
}

// The second of the day of "11:48:51", or -1.
int ReadClock(std::string_view text) {
  const int hour = ReadDigits(text, 0, 2);
  const int minute = ReadDigits(text, 3, 2);
  const int second = ReadDigits(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  return text[2] == ':' && text[5] == ':' ? hour * 3600 + minute * 60 + second : -1;
}

}  // namespace

std::optional<Timestamp> AccessTime::ReadLocal(std::string_view text) {
  if (text.size() != 26 || text[11] != ':' || text[20] != ' ') return std::nullopt;
  if (text.substr(0, sizeof date_) != std::string_view(date_, sizeof date_)) {
    const auto day = ReadDate(text);
    if (!day) return std::nullopt;
    text.copy(date_, sizeof date_);
    day_ = *day;
  }
  const int second = ReadClock(text.substr(12));
  const int hours = ReadDigits(text, 22, 2);
  const int minutes = ReadDigits(text, 24, 2);
  const bool west = text[21] == '-';
  if (second < 0 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  if (!west && text[21] != '+') return std::nullopt;
  const int offset = (hours * 60 + minutes) * 60;
  return InstantOf(day_ * kSecondsPerDay + second, 0, west ? -offset : offset);
}

std::optional<Timestamp> AccessTime::ReadWithoutZone(std::string_view text) const {
  if (text.size() < 20 || text[11] != ':') return std::nullopt;
  const auto day = ReadDate(text);
  const int second = ReadClock(text.substr(12));
  if (!day || second < 0) return std::nullopt;
  int32_t nanos = 0;
  if (text.size() > 20) {
    if (text[20] != '.' || text.size() > 30) return std::nullopt;
    int32_t unit = 100'000'000;
    for (const char c : text.substr(21)) {
      if (!IsDigit(c)) return std::nullopt;
      nanos += (c - '0') * unit;
      unit /= 10;
    }
  }
  const int64_t wall = *day * kSecondsPerDay + second;
  return InstantOf(wall, nanos, OffsetAtWall(zone_, wall));
}

std::optional<Timestamp> AccessTime::ReadError(std::string_view text,
                                               std::optional<Timestamp> instant) const {
  constexpr int64_t kZoneStep = 900;  // seconds: zones differ by quarters of an hour
  constexpr int64_t kFarthestZone = 14 * 3600;
  if (text.size() != 19 || text[4] != '/' || text[7] != '/' || text[10] != ' ') return std::nullopt;
  const auto day = DayOf(ReadDigits(text, 0, 4), ReadDigits(text, 5, 2), ReadDigits(text, 8, 2));
  const int second = ReadClock(text.substr(11));
  if (!day || second < 0) return std::nullopt;
  const int64_t wall = *day * kSecondsPerDay + second;
  if (instant) {
    const int64_t east = wall - instant->seconds + kZoneStep / 2;
    const int64_t offset = east - (east % kZoneStep + kZoneStep) % kZoneStep;
    if (std::abs(offset) <= kFarthestZone) return InstantOf(wall, 0, offset);
  }
  return InstantOf(wall, 0, OffsetAtWall(zone_, wall));
}

}  // namespace hctail::nginx
