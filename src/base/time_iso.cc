// SPDX-License-Identifier: Apache-2.0
#include "base/time_iso.h"

#include "base/civil.h"

namespace hctail {
namespace {

constexpr size_t kDateTimeSize = 19;  // "2024-03-05T06:07:08"
constexpr int32_t kMaxOffsetHours = 24;

unsigned Digit(char c) { return static_cast<unsigned char>(c) - unsigned{'0'}; }

// The two digits at `p`; sets `bad` if they are none.
int Pair(const char* p, bool* bad) {
  const unsigned tens = Digit(p[0]);
  const unsigned ones = Digit(p[1]);
  *bad |= (tens > 9) | (ones > 9);
  return static_cast<int>(tens * 10 + ones);
}

// A fraction at `p`, if there is one; returns its end.
const char* ParseFraction(const char* p, const char* end, int32_t* nanos) {
  if (end - p < 2 || (*p != '.' && *p != ',') || Digit(p[1]) > 9) return p;
  ++p;
  unsigned value = 0;
  int digits = 0;
  for (; p < end && Digit(*p) <= 9; ++p) {
    if (digits < 9) value = value * 10 + Digit(*p), ++digits;
  }
  for (; digits < 9; ++digits) value *= 10;
  *nanos = static_cast<int32_t>(value);
  return p;
}

// What is left of the text from `p` on is nothing or one offset.
bool ParseOffset(const char* p, const char* end, IsoTime* time) {
  const auto size = end - p;
  if (size == 0) return true;
  if (size == 1 && (*p == 'Z' || *p == 'z')) {
    time->offset = 0;
    time->strict = *p == 'Z';
    return true;
  }
  if ((*p != '+' && *p != '-') || (size != 3 && size != 5 && size != 6)) return false;
  bool bad = size == 6 && p[3] != ':';
  const int hours = Pair(p + 1, &bad);
  const int minutes = size == 3 ? 0 : Pair(end - 2, &bad);
  if (bad || hours > kMaxOffsetHours || minutes > 59) return false;
  const int32_t offset = (hours * 60 + minutes) * 60;
  time->offset = *p == '-' ? -offset : offset;
  time->strict = size == 6;
  return true;
}

}  // namespace

std::optional<IsoTime> ParseIso(std::string_view text) {
  if (text.size() < kDateTimeSize) return std::nullopt;
  const char* p = text.data();
  bool bad = p[4] != '-' || p[7] != '-' || p[13] != ':' || p[16] != ':';
  bad |= p[10] != 'T' && p[10] != ' ' && p[10] != 't';
  const int year = Pair(p, &bad) * 100 + Pair(p + 2, &bad);
  const int month = Pair(p + 5, &bad);
  const int day = Pair(p + 8, &bad);
  const int hour = Pair(p + 11, &bad);
  const int minute = Pair(p + 14, &bad);
  const int second = Pair(p + 17, &bad);
  if (bad || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60 ||
      day > DaysInMonth(year, month)) {
    return std::nullopt;
  }
  IsoTime time;
  const char* const end = p + text.size();
  if (!ParseOffset(ParseFraction(p + kDateTimeSize, end, &time.nanos), end, &time)) {
    return std::nullopt;
  }
  time.strict = time.strict && p[10] == 'T' && second < 60;
  time.wall_seconds =
      DaysFromCivil(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + second;
  return time;
}

std::optional<Timestamp> InstantOf(int64_t wall_seconds, int32_t nanos, int64_t offset) {
  const int64_t seconds = wall_seconds - offset;
  if (seconds < kMinTimestampSeconds || seconds > kMaxTimestampSeconds) return std::nullopt;
  return Timestamp{seconds, nanos};
}

std::optional<Timestamp> ParseRfc3339(std::string_view text) {
  const std::optional<IsoTime> time = ParseIso(text);
  if (!time || !time->offset) return std::nullopt;
  return InstantOf(time->wall_seconds, time->nanos, *time->offset);
}

}  // namespace hctail
