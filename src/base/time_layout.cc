// SPDX-License-Identifier: Apache-2.0
// Matching.  time_layout_compile.cc makes the tokens.
#include "base/time_layout.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace hctail {
namespace {

using Kind = TimeLayout::Kind;
using Token = TimeLayout::Token;

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
constexpr size_t kShortName = 3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
char Lower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// The rest of the text, and what has been read from it.
struct Reader {
  std::string_view text;
  CivilTime* time;
  bool am = false;
  bool pm = false;

  bool DigitAt(size_t i) const { return i < text.size() && IsDigit(text[i]); }
  size_t Digits() const {
    size_t n = 0;
    while (DigitAt(n)) ++n;
    return n;
  }
  // Takes `count` digits, which must be there.
  int Take(size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; ++i) value = value * 10 + (text[i] - '0');
    text.remove_prefix(count);
    return value;
  }
  void SkipSpaces(size_t most) {
    while (most-- > 0 && text.starts_with(' ')) text.remove_prefix(1);
  }
};

bool ReadLiteral(std::string_view literal, Reader* r) {
  while (!literal.empty()) {
    if (literal[0] == ' ') {
      if (!r->text.empty() && r->text[0] != ' ') return false;
      while (literal.starts_with(' ')) literal.remove_prefix(1);
      r->SkipSpaces(r->text.size());
      continue;
    }
    if (!r->text.starts_with(literal[0])) return false;
    literal.remove_prefix(1);
    r->text.remove_prefix(1);
  }
  return true;
}

bool ReadNumber(const Token& token, Reader* r) {
  r->SkipSpaces(token.pad);
  if (!r->DigitAt(0) || (token.two_digits && !r->DigitAt(1))) return false;
  const int value = r->Take(r->DigitAt(1) ? 2 : 1);
  r->time->*token.field = value;
  return value >= token.low && value <= token.high;
}

bool ReadYear(const Token& token, Reader* r) {
  const size_t size = token.kind == Kind::kYear ? 4 : 2;
  if (r->Digits() < size) return false;
  int year = r->Take(size);
  if (token.kind == Kind::kShortYear) year += year >= 69 ? 1900 : 2000;
  r->time->year = year;
  return true;
}

bool ReadDayOfYear(const Token& token, Reader* r) {
  r->SkipSpaces(token.pad);
  const size_t digits = std::min<size_t>(r->Digits(), 3);
  if (digits == 0 || (token.two_digits && digits != 3)) return false;
  r->time->day_of_year = r->Take(digits);
  return r->time->day_of_year >= 1 && r->time->day_of_year <= 366;
}

// The index of the name that the text begins with, or -1.
int ReadName(std::span<const std::string_view> names, size_t size, Reader* r) {
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names[i].substr(0, size);
    if (r->text.size() < name.size()) continue;
    const auto same = [](char a, char b) { return Lower(a) == Lower(b); };
    if (std::equal(name.begin(), name.end(), r->text.begin(), same)) {
      r->text.remove_prefix(name.size());
      return static_cast<int>(i);
    }
  }
  return -1;
}

bool ReadMonth(size_t size, Reader* r) {
  const int index = ReadName(kMonths, size, r);
  r->time->month = index + 1;
  return index >= 0;
}

bool ReadAmPm(Reader* r) {
  r->am = r->text.starts_with("AM") || r->text.starts_with("am");
  r->pm = r->text.starts_with("PM") || r->text.starts_with("pm");
  if (r->am || r->pm) r->text.remove_prefix(2);
  return r->am || r->pm;
}

// Takes `size` digits as nanoseconds; the ones after the ninth do not count.
void TakeFraction(size_t size, Reader* r) {
  int nanos = 0;
  for (size_t i = 0; i < 9; ++i) nanos = nanos * 10 + (i < size ? r->text[i] - '0' : 0);
  r->time->nanos = nanos;
  r->text.remove_prefix(size);
}

bool AtFraction(const Reader& r) {
  return (r.text.starts_with('.') || r.text.starts_with(',')) && r.DigitAt(1);
}

// A fraction of any length, or nothing.
bool ReadAnyFraction(Reader* r) {
  if (!AtFraction(*r)) return true;
  r->text.remove_prefix(1);
  TakeFraction(r->Digits(), r);
  return true;
}

bool ReadFraction(size_t size, Reader* r) {
  if (!AtFraction(*r)) return false;
  r->text.remove_prefix(1);
  if (r->Digits() < size) return false;
  TakeFraction(size, r);
  return true;
}

bool ReadFractionDigits(Reader* r) {
  if (!r->DigitAt(0)) return false;
  TakeFraction(r->Digits(), r);
  return true;
}

// The parts of an offset after its sign: how many pairs of digits, and whether ':' parts them.
struct OffsetShape {
  int pairs;
  bool colons;
};

OffsetShape ShapeOf(TimeLayout::Offset offset, std::string_view text) {
  switch (offset) {
    case TimeLayout::Offset::kHours:
      return {1, false};
    case TimeLayout::Offset::kPlain:
      return {2, false};
    case TimeLayout::Offset::kColon:
      return {2, true};
    case TimeLayout::Offset::kPlainSeconds:
      return {3, false};
    case TimeLayout::Offset::kColonSeconds:
      return {3, true};
    case TimeLayout::Offset::kAny:
      break;
  }
  if (text.size() > 3 && text[3] == ':') return {2, true};
  return {text.size() > 3 && IsDigit(text[3]) ? 2 : 1, false};
}

bool ReadOffset(const Token& token, Reader* r) {
  if (token.z_is_utc && r->text.starts_with('Z')) {
    r->time->offset = 0;
    r->text.remove_prefix(1);
    return true;
  }
  const OffsetShape shape = ShapeOf(token.offset, r->text);
  const bool negative = r->text.starts_with('-');
  if (!negative && !r->text.starts_with('+')) return false;
  r->text.remove_prefix(1);
  // Go lets 24 hours and 60 minutes pass, as some people do write them.
  constexpr int kMost[] = {24, 60, 60};
  int32_t seconds = 0;
  for (int i = 0, unit = 3600; i < shape.pairs; ++i, unit /= 60) {
    if (i > 0 && shape.colons) {
      if (!r->text.starts_with(':')) return false;
      r->text.remove_prefix(1);
    }
    if (r->Digits() < 2) return false;
    const int value = r->Take(2);
    if (value > kMost[i]) return false;
    seconds += value * unit;
  }
  r->time->offset = negative ? -seconds : seconds;
  return true;
}

// "+3", "-03", as in "GMT+3" or the zones that are called so; its size, or 0.
size_t SignedHours(std::string_view text, int32_t* seconds) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  int hours = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, hours);
  if (error != std::errc() || text[1] == '-' || hours > 23) return 0;
  *seconds = (text[0] == '-' ? -hours : hours) * 3600;
  return static_cast<size_t>(rest - text.data());
}

// How many letters of `text` are an abbreviation; the rule is Go's.
size_t AbbreviationSize(std::string_view text) {
  if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
  size_t upper = 0;
  while (upper < 6 && upper < text.size() && IsUpper(text[upper])) ++upper;
  if (upper == 3) return 3;
  if (upper == 4 && (text[3] == 'T' || text.starts_with("WITA"))) return 4;
  if (upper == 5 && text[4] == 'T') return 5;
  return 0;
}

bool ReadZoneName(Reader* r) {
  size_t size = 3;
  int32_t seconds = 0;
  if (r->text.starts_with("UTC")) {
    r->time->offset = 0;
  } else if (r->text.starts_with("GMT")) {
    size += SignedHours(r->text.substr(3), &seconds);
    r->time->offset = seconds;
  } else if (const size_t hours = SignedHours(r->text, &seconds); hours != 0) {
    size = hours;
    r->time->offset = seconds;
  } else {
    size = AbbreviationSize(r->text);
    if (size == 0) return false;
    r->time->zone = r->text.substr(0, size);
  }
  r->text.remove_prefix(size);
  return true;
}

bool ReadEpoch(Reader* r) {
  int64_t value = 0;
  const char* const begin = r->text.data();
  const auto [rest, error] = std::from_chars(begin, begin + r->text.size(), value);
  if (error != std::errc()) return false;
  r->time->epoch = value;
  r->text.remove_prefix(static_cast<size_t>(rest - begin));
  return true;
}

bool ReadIgnored(size_t most, Reader* r) {
  const size_t size = std::min(r->Digits(), most);
  r->text.remove_prefix(size);
  return size != 0;
}

// A fraction follows the seconds although the layout does not say so.
bool HasUnannouncedFraction(const Token* next, const Token* end, const Reader& r) {
  while (next != end && next->kind == Kind::kLiteral) ++next;
  const bool announced =
      next != end && (next->kind == Kind::kFraction || next->kind == Kind::kAnyFraction);
  return !announced && AtFraction(r);
}

bool ReadToken(const Token* token, const Token* end, Reader* r) {
  switch (token->kind) {
    case Kind::kLiteral:
      return ReadLiteral(token->literal, r);
    case Kind::kNumber:
      return ReadNumber(*token, r);
    case Kind::kSecond:
      if (!ReadNumber(*token, r)) return false;
      return HasUnannouncedFraction(token + 1, end, *r) ? ReadAnyFraction(r) : true;
    case Kind::kYear:
    case Kind::kShortYear:
      return ReadYear(*token, r);
    case Kind::kDayOfYear:
      return ReadDayOfYear(*token, r);
    case Kind::kMonthName:
      return ReadMonth(std::string_view::npos, r);
    case Kind::kShortMonthName:
      return ReadMonth(kShortName, r);
    case Kind::kDayName:
      return ReadName(kDays, std::string_view::npos, r) >= 0;
    case Kind::kShortDayName:
      return ReadName(kDays, kShortName, r) >= 0;
    case Kind::kAmPm:
      return ReadAmPm(r);
    case Kind::kOffset:
      return ReadOffset(*token, r);
    case Kind::kZoneName:
      return ReadZoneName(r);
    case Kind::kFraction:
      return ReadFraction(token->count, r);
    case Kind::kAnyFraction:
      return ReadAnyFraction(r);
    case Kind::kFractionDigits:
      return ReadFractionDigits(r);
    case Kind::kEpoch:
      return ReadEpoch(r);
    case Kind::kIgnoredDigits:
      return ReadIgnored(token->count, r);
  }
  return false;
}

}  // namespace

bool TimeLayout::Parse(std::string_view text, CivilTime* time) const {
  *time = CivilTime();
  Reader reader{text, time};
  const Token* const end = tokens_.data() + tokens_.size();
  for (const Token* token = tokens_.data(); token != end; ++token) {
    if (!ReadToken(token, end, &reader)) return false;
  }
  if (!reader.text.empty()) return false;
  if (reader.pm && time->hour < 12) time->hour += 12;
  if (reader.am && time->hour == 12) time->hour = 0;
  return true;
}

bool TimeLayout::IsLiteral() const {
  return std::ranges::all_of(tokens_, [](const Token& t) { return t.kind == Kind::kLiteral; });
}

}  // namespace hctail
