// SPDX-License-Identifier: Apache-2.0
// Date formats that a user writes, compiled once and then matched against text.
//
// Two notations are understood: strftime ("%d/%b/%Y:%H:%M:%S %z") and Go's reference time
// ("02/Jan/2006:15:04:05 -0700").  As in honeytail, a strftime format is translated into a Go
// layout, so Go's rules hold for both: a run of spaces matches a run of spaces, names match in any
// case, a fraction after the seconds needs no announcement.  Section 3.1 and 9.3 of the parity
// notes list what honeytail does; beyond it, %l, %j, %c, %x, %X, %s, %u, %w, %U, %V, %W and %% work
// here, %z takes "Z" and "+hh:mm" too, and %-d and its like take one or two digits.
//
// Immutable once made, so safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hctail {

// What a text said; -1 is "nothing".  Every field is in range; the day is not yet checked against
// month and year.
struct CivilTime {
  int year = -1;
  int month = -1;        // 1 to 12
  int day = -1;          // 1 to 31
  int day_of_year = -1;  // 1 to 366
  int hour = 0;
  int minute = 0;
  int second = 0;
  int nanos = 0;
  std::optional<int32_t> offset;  // seconds east of UTC
  std::string_view zone;          // "EST"; into the text; empty if offset is set
  std::optional<int64_t> epoch;   // seconds since 1970, and then only nanos counts besides
};

class TimeLayout {
 public:
  // `format` is strftime if it has a '%', else a Go layout.  Errors: "bad time format 'X': ..." for
  // an unknown directive, and for a text with none.
  static Result<TimeLayout> Compile(std::string_view format);
  // A Go layout, whatever is in it.
  static TimeLayout FromGo(std::string_view layout);

  // True if all of `text` matches.
  bool Parse(std::string_view text, CivilTime* time) const;

  // True if it is literal text only.
  bool IsLiteral() const;

  enum class Kind : uint8_t {
    kLiteral,
    kNumber,          // one or two digits of `field`
    kSecond,          // kNumber, and then perhaps an unannounced fraction
    kYear,            // four digits
    kShortYear,       // two digits, 69 to 99 are 19xx
    kDayOfYear,       // one to three digits
    kMonthName,       // January
    kShortMonthName,  // Jan
    kDayName,
    kShortDayName,
    kAmPm,            // in upper or lower case
    kOffset,          // in the notation `offset`
    kZoneName,        // an abbreviation
    kFraction,        // '.' or ',' and exactly `count` digits
    kAnyFraction,     // the same with any number of digits, or nothing
    kFractionDigits,  // digits alone
    kEpoch,           // seconds since 1970
    kIgnoredDigits,   // up to `count` digits that say nothing new: a week's number
  };
  enum class Offset : uint8_t { kHours, kPlain, kColon, kPlainSeconds, kColonSeconds, kAny };

  struct Token {
    Kind kind = Kind::kLiteral;
    int CivilTime::* field = nullptr;
    uint8_t low = 0;
    uint8_t high = 0;
    bool two_digits = false;  // both are needed; for kDayOfYear three
    uint8_t pad = 0;          // up to so many spaces may stand before it
    Offset offset = Offset::kPlain;
    bool z_is_utc = false;
    uint8_t count = 0;
    std::string literal = {};
  };

 private:
  std::vector<Token> tokens_;
};

}  // namespace hctail
