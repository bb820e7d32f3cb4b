// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/text.h"

#include <algorithm>

#include "base/civil.h"
#include "base/time_iso.h"
#include "base/time_zone.h"

namespace hctail::transcript {
namespace {

constexpr std::string_view kNoBreakSpace = "\xc2\xa0";
constexpr std::string_view kWideColon = "\xef\xbc\x9a";
constexpr std::string_view kSeparator = "**********************";
constexpr int kBuddhistYears = 543;

bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r'; }

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

// Where the label's colon is, and how long it is; npos if there is none.
std::pair<size_t, size_t> FindColon(std::string_view line) {
  const size_t plain = line.find(':');
  const size_t wide = line.find(kWideColon);
  return plain < wide ? std::pair(plain, size_t{1}) : std::pair(wide, kWideColon.size());
}

}  // namespace

std::string_view TrimRight(std::string_view text) {
  for (;;) {
    if (!text.empty() && IsSpace(text.back())) {
      text.remove_suffix(1);
    } else if (text.ends_with(kNoBreakSpace)) {
      text.remove_suffix(kNoBreakSpace.size());
    } else {
      return text;
    }
  }
}

std::string_view Trim(std::string_view text) {
  for (;;) {
    if (!text.empty() && IsSpace(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with(kNoBreakSpace)) {
      text.remove_prefix(kNoBreakSpace.size());
    } else {
      return TrimRight(text);
    }
  }
}

std::string Lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), Lower);
  return out;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

std::string Squeezed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return !IsSpace(c); });
  return out;
}

void AppendCollapsed(std::string_view text, size_t limit, std::string* out) {
  bool space = false;
  for (const char c : text) {
    if (out->size() >= limit) break;
    if (IsSpace(c)) {
      space = !out->empty();
      continue;
    }
    if (space && out->back() != ' ') out->push_back(' ');
    space = false;
    out->push_back(c);
  }
}

std::string_view CutAt(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

std::string_view WithoutByteOrderMark(std::string_view line) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  return line.substr(line.starts_with(kMark) ? kMark.size() : 0);
}

bool IsSeparator(std::string_view line) {
  return line.starts_with(kSeparator) && TrimRight(line).size() == kSeparator.size();
}

std::optional<Stamp> ReadStamp(std::string_view line) {
  constexpr size_t kDigits = 14;
  line = TrimRight(line);
  if (line.size() <= kDigits) return std::nullopt;
  const std::string_view digits = line.substr(line.size() - kDigits);
  if (!std::ranges::all_of(digits, IsDigit)) return std::nullopt;
  std::string_view label = TrimRight(line.substr(0, line.size() - kDigits));
  if (label.ends_with(':')) {
    label.remove_suffix(1);
  } else if (label.ends_with(kWideColon)) {
    label.remove_suffix(kWideColon.size());
  } else {
    return std::nullopt;
  }
  label = Trim(label);
  if (label.empty()) return std::nullopt;
  return Stamp{label, digits};
}

std::optional<Timestamp> ReadTime(std::string_view digits, const date::time_zone* zone) {
  int year = Number(digits.substr(0, 4));
  if (year >= 2400) year -= kBuddhistYears;
  const int month = Number(digits.substr(4, 2));
  const int day = Number(digits.substr(6, 2));
  const int hour = Number(digits.substr(8, 2));
  const int minute = Number(digits.substr(10, 2));
  const int second = Number(digits.substr(12, 2));
  // Before there was PowerShell: another calendar, of which the rest would be wrong too.
  if (year < 2000 || year > 2200 || month < 1 || month > 12) return std::nullopt;
  if (day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const int64_t wall = DaysFromCivil(year, month, day) * kSecondsPerDay + int64_t{hour} * 3600 +
                       int64_t{minute} * 60 + second;
  return InstantOf(wall, 0, OffsetAtWall(zone, wall));
}

std::string_view ValueOf(std::string_view line) {
  const auto [at, size] = FindColon(line);
  if (at != std::string_view::npos) return Trim(line.substr(at + size));
  // Italian has "Computer NAME (...)".
  const size_t space = line.find(' ');
  return space == std::string_view::npos ? std::string_view() : Trim(line.substr(space));
}

}  // namespace hctail::transcript
