// SPDX-License-Identifier: Apache-2.0
#include "base/time_epoch.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/civil.h"

namespace hctail {
namespace {

constexpr int kKeptDigits = 40;        // more than the 12 of 9999-12-31 and 9 of a fraction
constexpr int kSecondsDigits = 10;     // of every time from 2001 to 2286
constexpr int kMaxIntegerDigits = 19;  // of 64 bits
constexpr int kMaxExponent = 1000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// 0.DIGITS * 10^point, exactly (but for digits that are too small to matter).
struct Decimal {
  bool negative = false;
  bool integer = true;     // neither '.' nor exponent
  int written_digits = 0;  // of an integer, with leading zeros
  int count = 0;           // of digits
  int point = 0;
  char digits[kKeptDigits];

  int At(int position) const {
    return position >= 0 && position < count ? digits[position] - '0' : 0;
  }
};

// Takes the digits from `p`; returns their end.
const char* TakeDigits(const char* p, const char* end, bool after_point, Decimal* d) {
  for (; p < end && IsDigit(*p); ++p) {
    ++d->written_digits;
    const bool leading_zero = d->count == 0 && *p == '0';
    if (!leading_zero && d->count < kKeptDigits) d->digits[d->count++] = *p;
    if (leading_zero && after_point) --d->point;
    if (!leading_zero && !after_point) ++d->point;
  }
  return p;
}

// An exponent at `p`; null if it is none.
const char* TakeExponent(const char* p, const char* end, Decimal* d) {
  ++p;
  if (p < end && *p == '+') {
    ++p;
    if (p < end && *p == '-') return nullptr;
  }
  int exponent = 0;
  const auto [rest, error] = std::from_chars(p, end, exponent);
  if (error != std::errc() || exponent > kMaxExponent || exponent < -kMaxExponent) return nullptr;
  d->point += exponent;
  return rest;
}

std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal d;
  const char* p = text.data();
  const char* const end = p + text.size();
  if (p < end && (*p == '-' || *p == '+')) d.negative = *p++ == '-';
  p = TakeDigits(p, end, /*after_point=*/false, &d);
  if (p < end && *p == '.') {
    d.integer = false;
    p = TakeDigits(p + 1, end, /*after_point=*/true, &d);
  }
  if (d.written_digits == 0) return std::nullopt;
  if (p < end && (*p == 'e' || *p == 'E')) {
    d.integer = false;
    p = TakeExponent(p, end, &d);
  }
  if (p != end) return std::nullopt;
  return d;
}

// The value with its decimal point after digit `point`, in seconds.
std::optional<Timestamp> Seconds(const Decimal& d, int point) {
  if (d.count != 0 && point > 12) return std::nullopt;  // after 9999
  int64_t seconds = 0;
  for (int i = 0; i < std::min(point, 12); ++i) seconds = seconds * 10 + d.At(i);
  int32_t nanos = 0;
  for (int i = 0; i < 9; ++i) nanos = nanos * 10 + d.At(point + i);
  if (d.negative) {
    seconds = -seconds - (nanos != 0 ? 1 : 0);
    nanos = nanos != 0 ? 1'000'000'000 - nanos : 0;
  }
  if (seconds < kMinTimestampSeconds || seconds > kMaxTimestampSeconds) return std::nullopt;
  return Timestamp{seconds, nanos};
}

int BaseOf(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  switch (digits[1]) {
    case 'x':
    case 'X':
      return 16;
    case 'b':
    case 'B':
      return 2;
    case 'o':
    case 'O':
      return 8;
    default:
      return IsDigit(digits[1]) ? 8 : 10;  // "017", but "0.5"
  }
}

// An integer that is written in another base than ten.
std::optional<int64_t> ParseOtherBase(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const int base = BaseOf(text);
  if (base == 10) return std::nullopt;
  text.remove_prefix(IsDigit(text[1]) ? 1 : 2);
  int64_t value = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, value, base);
  if (error != std::errc() || rest != end || text.front() == '-') return std::nullopt;
  return negative ? -value : value;
}

}  // namespace

std::optional<Timestamp> ParseEpoch(std::string_view text) {
  const std::optional<Decimal> d = ParseDecimal(text);
  if (!d) return std::nullopt;
  if (!d->integer) {
    if (const auto seconds = Seconds(*d, d->point)) return seconds;
    return d->point <= kMaxIntegerDigits ? Seconds(*d, kSecondsDigits) : std::nullopt;
  }
  const int digits = d->written_digits;
  const bool seconds = digits == kSecondsDigits || (d->negative && digits == kSecondsDigits - 1);
  if (seconds) return Seconds(*d, d->point);
  if (digits < kSecondsDigits || digits > kMaxIntegerDigits) return std::nullopt;
  return Seconds(*d, d->point - (digits - kSecondsDigits));
}

bool IsPlausibleEpoch(std::string_view text) {
  const std::optional<Decimal> d = ParseDecimal(text);
  return d && !d->negative && d->point >= kSecondsDigits && d->point <= kMaxIntegerDigits;
}

std::optional<Timestamp> ParseEpochSeconds(std::string_view text) {
  if (const auto value = ParseOtherBase(text)) {
    if (*value < kMinTimestampSeconds || *value > kMaxTimestampSeconds) return std::nullopt;
    return Timestamp{*value, 0};
  }
  const std::optional<Decimal> d = ParseDecimal(text);
  return d ? Seconds(*d, d->point) : std::nullopt;
}

}  // namespace hctail
