// SPDX-License-Identifier: Apache-2.0
// At each place where a word begins each shape is tried, in the order of the table.  A shape is a
// text in which each letter of kLetters stands for a part of a time; ' ' is one or more blanks, and
// anything else is itself.
#include "event/line_time.h"

#include <algorithm>
#include <cctype>

#include "base/civil.h"
#include "base/time_epoch.h"
#include "base/time_parse.h"

namespace hctail {
namespace {

constexpr size_t kFar = 160;  // bytes of a line that are looked at

// Y 2024  y 24  m 03  n 3 or 03  d 05  e 5 or 05  H 06  h 6 or 06  M 07  S 08
// b Mar or March  a Tue or Tuesday  t 'T' or a blank  f a fraction, perhaps  p AM or PM, perhaps
// z an offset, perhaps  w a zone's name, perhaps  L a level of klog
struct Shape {
  std::string_view text;
  bool only_first = false;  // it must be the first word, for digits may mean anything
};
constexpr Shape kShapes[] = {
    {"Y-m-dtH:M:Sfz"},    {"Y/m/d H:M:Sfz"},   {"d/b/Y:H:M:Sfz"},    {"b e H:M:Sf Y"},
    {"b e Y H:M:Sfz"},    {"b e H:M:Sfz"},     {"a b e H:M:Sfzw Y"}, {"a b e H:M:Sfz"},
    {"a, e b Y H:M:Sfz"}, {"e b Y H:M:Sfz"},   {"e-b-Y H:M:Sfz"},    {"b e, Y h:M:Sfpz"},
    {"n/e/Y h:M:Sfpz"},   {"e.n.Y H:M:Sfz"},   {"n/e/Y, h:M:Sfpz"},  {"Lmd H:M:Sf"},
    {"y/m/d H:M:Sf"},     {"YmdtHMSfz", true}, {"Ymd H:M:Sfz"},      {"ymd h:M:S"},
    {"ymd HMS", true},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Takes one shape off the front of a text.
class Taker {
 public:
  explicit Taker(std::string_view text) : text_(text) {}

  bool Take(std::string_view shape) {
    for (const char part : shape) {
      if (!TakePart(part)) return false;
    }
    // Nothing may go on with what was taken.
    return text_.empty() || !(IsDigit(text_[0]) || IsLetter(text_[0]));
  }
  const CivilTime& time() const { return time_; }

 private:
  bool TakePart(char part) {
    switch (part) {
      case 'Y':
        return TakeNumber(4, 4, 1, 9999, &time_.year);
      case 'y':
        if (!TakeNumber(2, 2, 0, 99, &time_.year)) return false;
        time_.year += time_.year < 69 ? 2000 : 1900;
        return true;
      case 'm':
        return TakeNumber(2, 2, 1, 12, &time_.month);
      case 'n':
        return TakeNumber(1, 2, 1, time_.day > 0 ? 12 : 31, &time_.month);
      case 'd':
        return TakeNumber(2, 2, 1, 31, &time_.day);
      case 'e':
        return TakeDay();
      case 'H':
        return TakeNumber(2, 2, 0, 23, &time_.hour);
      case 'h':
        return TakeNumber(1, 2, 0, 23, &time_.hour);
      case 'M':
        return TakeNumber(2, 2, 0, 59, &time_.minute);
      case 'S':
        return TakeNumber(2, 2, 0, 59, &time_.second);
      case 'L':
        return TakeOneOf("IWEFD");
      case 't':
        return TakeOneOf("Tt _");
      case ' ':
        return TakeBlanks();
      default:
        return TakeWord(part);
    }
  }

  // Names, and what need not be there.
  bool TakeWord(char part) {
    switch (part) {
      case 'b':
        return TakeName("janfebmaraprmayjunjulaugsepoctnovdec", &time_.month);
      case 'a': {
        int day_of_week = 0;
        return TakeName("montuewedthufrisatsun", &day_of_week);
      }
      case 'f':
        TakeFraction();
        return true;
      case 'p':
        return TakeHalf();
      case 'z':
        TakeOffset();
        return true;
      case 'w':
        TakeZoneName();
        return true;
      default:
        return TakeOneOf(std::string_view(&part, 1));
    }
  }

  bool TakeNumber(size_t least, size_t most, int low, int high, int* value) {
    size_t size = 0;
    int number = 0;
    while (size < most && size < text_.size() && IsDigit(text_[size])) {
      number = number * 10 + (text_[size++] - '0');
    }
    if (size < least || number < low || number > high) return false;
    text_.remove_prefix(size);
    *value = number;
    return true;
  }

  // Of "5/3" and "25/3" the day is that which can be none of a month.
  bool TakeDay() {
    if (!TakeNumber(1, 2, 1, 31, &time_.day)) return false;
    if (time_.month > 12) std::swap(time_.day, time_.month);
    return time_.month <= 12;
  }

  bool TakeOneOf(std::string_view chars) {
    if (text_.empty() || !chars.contains(text_[0])) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool TakeBlanks() {
    const size_t size = std::min(text_.find_first_not_of(' '), text_.size());
    text_.remove_prefix(size);
    return size > 0;
  }

  // One of `names`, three letters each; whatever letters come after these.
  bool TakeName(std::string_view names, int* number) {
    if (text_.size() < 3) return false;
    const char wanted[] = {Lower(text_[0]), Lower(text_[1]), Lower(text_[2])};
    for (size_t i = 0; i + 3 <= names.size(); i += 3) {
      if (names.substr(i, 3) != std::string_view(wanted, 3)) continue;
      *number = static_cast<int>(i / 3) + 1;
      text_.remove_prefix(3);
      while (!text_.empty() && IsLetter(text_[0])) text_.remove_prefix(1);
      return true;
    }
    return false;
  }

  void TakeFraction() {
    if (text_.size() < 2 || !std::string_view(".,:").contains(text_[0]) || !IsDigit(text_[1])) {
      return;
    }
    text_.remove_prefix(1);
    int digits = 0;
    for (; !text_.empty() && IsDigit(text_[0]); text_.remove_prefix(1)) {
      if (digits < 9) time_.nanos = time_.nanos * 10 + (text_[0] - '0'), ++digits;
    }
    for (; digits < 9; ++digits) time_.nanos *= 10;
  }

  bool TakeHalf() {
    const std::string_view rest = text_.substr(text_.starts_with(' ') ? 1 : 0);
    if (rest.size() < 2 || Lower(rest[1]) != 'm') return true;
    const char half = Lower(rest[0]);
    if (half != 'a' && half != 'p') return true;
    if (time_.hour < 1 || time_.hour > 12) return false;
    time_.hour = time_.hour % 12 + (half == 'p' ? 12 : 0);
    text_ = rest.substr(2);
    return true;
  }

  void TakeOffset() {
    std::string_view rest = text_.substr(text_.starts_with(' ') ? 1 : 0);
    const bool apart = rest.size() < text_.size();
    for (const std::string_view name : {"UTC", "GMT", "Z"}) {
      if (!rest.starts_with(name) || (apart && name == "Z")) continue;
      if (rest.size() > name.size() && IsLetter(rest[name.size()])) continue;
      time_.offset = 0;
      text_ = rest.substr(name.size());
      return;
    }
    if (rest.size() < 3 || (rest[0] != '+' && rest[0] != '-')) return;
    const int sign = rest[0] == '-' ? -1 : 1;
    Taker digits(rest.substr(1));
    int hours = 0;
    int minutes = 0;
    if (!digits.TakeNumber(2, 2, 0, 24, &hours)) return;
    const bool colon = digits.TakeOneOf(":");
    const bool whole = digits.TakeNumber(2, 2, 0, 59, &minutes);
    if (!whole && (apart || colon)) return;
    if (!digits.text_.empty() && IsDigit(digits.text_[0])) return;
    time_.offset = sign * (hours * 60 + minutes) * 60;
    text_ = digits.text_;
  }

  void TakeZoneName() {
    if (time_.offset || !text_.starts_with(' ')) return;
    size_t size = 1;
    while (size < text_.size() && text_[size] >= 'A' && text_[size] <= 'Z') ++size;
    if (size < 3 || size > 6) return;
    time_.zone = text_.substr(1, size - 1);
    text_.remove_prefix(size);
  }

  std::string_view text_;
  CivilTime time_;
};

// A number that is a word by itself and, as an epoch, of this century.
std::optional<Timestamp> TakeEpoch(std::string_view text) {
  const size_t size = std::min(text.find_first_not_of("0123456789."), text.size());
  if (size < text.size() && !std::string_view(" \t:,]|)\"").contains(text[size])) return {};
  std::string_view number = text.substr(0, size);
  if (number.ends_with('.')) return {};
  const size_t digits = std::min(number.find('.'), number.size());
  if (digits != 10 && digits != 13 && digits != 16 && digits != 19) return {};
  constexpr int64_t kFirst = 946'684'800;   // 2000
  constexpr int64_t kLast = 4'102'444'800;  // 2100
  const auto time = ParseEpoch(number);
  return time && time->seconds >= kFirst && time->seconds < kLast ? time : std::nullopt;
}

}  // namespace

std::optional<Timestamp> LineTime::Find(std::string_view text) {
  text = text.substr(0, std::min(text.find('\n'), kFar));
  bool first = true;
  for (size_t at = 0; at + 10 <= text.size(); ++at) {
    const bool word = IsDigit(text[at]) || IsLetter(text[at]);
    if (!word || (at > 0 && (IsDigit(text[at - 1]) || IsLetter(text[at - 1])))) continue;
    const std::string_view rest = text.substr(at);
    for (const Shape& shape : kShapes) {
      if (shape.only_first && !first) continue;
      Taker taker(rest);
      if (!taker.Take(shape.text)) continue;
      const std::optional<Timestamp> time = Resolve(taker.time(), zone_, now_);
      if (!time) continue;
      if (*time > now_ && time->seconds - now_.seconds <= kSecondsPerDay) now_ = *time;
      return time;
    }
    if (first && IsDigit(text[at])) {
      if (const auto time = TakeEpoch(rest)) return time;
    }
    first = false;
  }
  return std::nullopt;
}

}  // namespace hctail
