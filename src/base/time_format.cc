// SPDX-License-Identifier: Apache-2.0
#include "base/time_format.h"

#include <cstring>

#include "base/civil.h"

namespace hctail {
namespace {

constexpr char kPairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495"
    "96979899";
static_assert(sizeof kPairs == 201);

char* WritePair(unsigned value, char* out) {
  std::memcpy(out, kPairs + 2 * value, 2);
  return out + 2;
}

// Writes '.' and up to nine digits, without trailing zeros; nothing for 0.
char* WriteFraction(unsigned nanos, char* out) {
  if (nanos == 0) return out;
  *out++ = '.';
  // Most times have milliseconds or microseconds: leave whole groups of zeros out first.
  int digits = 9;
  while (nanos % 1000 == 0) nanos /= 1000, digits -= 3;
  while (nanos % 10 == 0) nanos /= 10, --digits;
  for (int i = digits; i-- > 0;) {
    out[i] = static_cast<char>('0' + nanos % 10);
    nanos /= 10;
  }
  return out + digits;
}

}  // namespace

char* FormatRfc3339(Timestamp time, char* buffer) {
  if (time.seconds < kMinTimestampSeconds) time = {kMinTimestampSeconds, 0};
  if (time.seconds > kMaxTimestampSeconds) time = {kMaxTimestampSeconds, 999'999'999};
  const int64_t days = FloorDays(time.seconds);
  const auto second = static_cast<unsigned>(time.seconds - days * kSecondsPerDay);
  const CivilDate date = CivilFromDays(days);
  char* out = WritePair(static_cast<unsigned>(date.year) / 100, buffer);
  out = WritePair(static_cast<unsigned>(date.year) % 100, out);
  *out++ = '-';
  out = WritePair(static_cast<unsigned>(date.month), out);
  *out++ = '-';
  out = WritePair(static_cast<unsigned>(date.day), out);
  *out++ = 'T';
  out = WritePair(second / 3600, out);
  *out++ = ':';
  out = WritePair(second / 60 % 60, out);
  *out++ = ':';
  out = WritePair(second % 60, out);
  out = WriteFraction(static_cast<unsigned>(time.nanos), out);
  *out++ = 'Z';
  return out;
}

std::string FormatRfc3339(Timestamp time) {
  char buffer[kRfc3339Size];
  return {buffer, FormatRfc3339(time, buffer)};
}

}  // namespace hctail
