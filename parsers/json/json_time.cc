// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json_time.h"

#include <array>
#include <bit>

#include "base/civil.h"
#include "base/option_value.h"
#include "base/time_epoch.h"
#include "event/json_string.h"

namespace hctail::json {
namespace {

constexpr uint8_t kNamedMark = 1;
// "instant" and "t", the last ones.
constexpr uint8_t kFirstObjectMark = std::size(kTimeNames) - 1;
constexpr uint32_t kHoneytailMarks = (2u << kHoneytailTimeNames) - 2;

// The place of `name` in kTimeNames plus one, or 0.  Runs for every field of every record.
uint8_t MarkOf(std::string_view name) {
  static constexpr uint32_t kSizes =
      1u << 1 | 1u << 2 | 1u << 4 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 10 | 1u << 20;
  if (name.size() > 20 || (kSizes >> name.size() & 1) == 0) return 0;
  switch (name[0]) {
    case 't':
    case 'T':
    case 'd':
    case 'D':
    case 'm':
    case 'i':
    case '@':
    case '_':
      break;
    default:
      return 0;
  }
  for (size_t i = 0; i < std::size(kTimeNames); ++i) {
    if (name[0] == kTimeNames[i][0] && name == kTimeNames[i]) return static_cast<uint8_t>(i + 1);
  }
  return 0;
}

bool IsString(std::string_view value) { return value.starts_with('"'); }

bool IsNumber(std::string_view value) {
  return value[0] == '-' || (value[0] >= '0' && value[0] <= '9');
}

// Go's zero time is how its programs write "not set", in whatever zone they are.
void DropZero(std::optional<Timestamp>* time) {
  constexpr int64_t kYear2 = kMinTimestampSeconds + int64_t{365} * 86400;
  if (*time && (*time)->seconds < kYear2) time->reset();
}

std::string_view TrimSpaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

// The value of the object `value` if `quoted_name` is its only member, else "".
std::string_view OnlyMember(std::string_view value, std::string_view quoted_name) {
  std::string_view inside = TrimSpaces(value.substr(1, value.size() - 2));
  if (!inside.starts_with(quoted_name)) return {};
  inside = TrimSpaces(inside.substr(quoted_name.size()));
  if (!inside.starts_with(':')) return {};
  inside = TrimSpaces(inside.substr(1));
  // More members would have more names, and so more quotes.
  if (inside.starts_with('"') && inside.find('"', 1) != inside.size() - 1) return {};
  return inside;
}

// MongoDB's extended JSON: {"$date": "2024-..."}, {"$date": {"$numberLong": "1709618828123"}}.
std::optional<Timestamp> ReadMongoDate(std::string_view value, const TimeParser& parser,
                                       Timestamp now) {
  std::string_view date = OnlyMember(value, R"("$date")");
  if (date.starts_with('{')) date = OnlyMember(date, R"("$numberLong")");
  if (IsString(date)) return parser.Parse(date.substr(1, date.size() - 2), now);
  return IsPlausibleEpoch(date) ? parser.Parse(date, now) : std::nullopt;
}

// Log4j 2: {"epochSecond": 1709618828, "nanoOfSecond": 123000000}.
std::optional<Timestamp> ReadInstant(std::string_view value) {
  constexpr int64_t kYear10000 = 253'402'300'800;
  const std::string_view inside = value.substr(1, value.size() - 2);
  const size_t comma = inside.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view member, std::string_view name) {
    member = TrimSpaces(member);
    if (!member.starts_with(name)) return std::optional<int64_t>();
    member = TrimSpaces(member.substr(name.size()));
    if (!member.starts_with(':')) return std::optional<int64_t>();
    return ReadInteger(TrimSpaces(member.substr(1)));
  };
  const auto seconds = number(inside.substr(0, comma), R"("epochSecond")");
  const auto nanos = number(inside.substr(comma + 1), R"("nanoOfSecond")");
  if (!seconds || *seconds < 0 || *seconds >= kYear10000) return std::nullopt;
  if (!nanos || *nanos < 0 || *nanos > 999'999'999) return std::nullopt;
  return Timestamp{*seconds, static_cast<int32_t>(*nanos)};
}

// 12345.0 is the integer 12345, as it is for Go.
std::string_view WithoutZeroFraction(std::string_view number) {
  const size_t point = number.find('.');
  if (point == std::string_view::npos) return number;
  const bool zero = number.find_first_not_of('0', point + 1) == std::string_view::npos;
  return zero ? number.substr(0, point) : number;
}

}  // namespace

std::optional<Timestamp> ReadTime(std::string_view value, const TimeParser& parser, Timestamp now) {
  std::optional<Timestamp> time;
  std::string scratch;
  if (value.starts_with('{')) {
    time = ReadMongoDate(value, parser, now);
    if (!time) time = ReadInstant(value);
  } else if (IsString(value)) {
    time = parser.Parse(UnquoteJson(value, &scratch), now);
  } else if (IsPlausibleEpoch(value)) {
    time = parser.Parse(WithoutZeroFraction(value), now);
  }
  DropZero(&time);
  return time;
}

uint8_t TimeField::FindNamed(std::span<Member> members, Timestamp now,
                             std::optional<Timestamp>* time) const {
  std::string_view value;
  for (Member& member : members) {
    if (member.name != name_) continue;
    member.mark = kNamedMark;
    value = member.value;
  }
  if (value.empty()) return 0;
  // A number need not be plausible if it was named.
  *time = IsNumber(value) ? parser_.Parse(WithoutZeroFraction(value), now)
                          : ReadTime(value, parser_, now);
  return kNamedMark;
}

uint8_t TimeField::Find(std::span<Member> members, Timestamp now,
                        std::optional<Timestamp>* time) const {
  if (!name_.empty()) return FindNamed(members, now, time);
  const Member* by_mark[std::size(kTimeNames) + 1];  // set where `present` says so
  uint32_t present = 0;
  for (Member& member : members) {
    const uint8_t mark = MarkOf(member.name);
    if (mark == 0) continue;
    member.mark = mark;
    by_mark[mark] = &member;
    present |= 1u << mark;
  }
  std::string scratch;
  for (uint32_t left = present & kHoneytailMarks; left != 0; left &= left - 1) {
    const int mark = std::countr_zero(left);
    const std::string_view value = by_mark[mark]->value;
    if (!IsString(value)) continue;
    *time = parser_.ParseAsHoneytail(UnquoteJson(value, &scratch), now);
    if (!*time) continue;
    DropZero(time);
    return static_cast<uint8_t>(mark);
  }
  for (uint32_t left = present; left != 0; left &= left - 1) {
    const int mark = std::countr_zero(left);
    const std::string_view value = by_mark[mark]->value;
    if (mark >= kFirstObjectMark && !value.starts_with('{')) continue;
    *time = ReadTime(value, parser_, now);
    if (*time) return static_cast<uint8_t>(mark);
  }
  return 0;
}

}  // namespace hctail::json
