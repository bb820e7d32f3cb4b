// SPDX-License-Identifier: Apache-2.0
// Times written as a number since 1970: seconds, or milli-, micro- or nanoseconds by magnitude.
//
// All digits are taken as they stand; nothing goes through a double (honeytail turned
// 1709618828123 into .122999906).  Digits after the nanosecond are cut off.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace hctail {

// Decimal text, with an optional sign, fraction and exponent.
//  - An integer of 10 digits is seconds.  One of 11 to 19 has its decimal point after the tenth
//    digit, so 13 digits are ms, 16 us, 19 ns.  Fewer are no time: too many things are small
//    numbers.  (A sign and 9 digits are seconds too, as in honeytail, which counts characters.)
//  - Anything with a fraction or an exponent is seconds, of any length ("0.5" is 1970), unless
//    that is after the year 9999: then the point goes after the tenth digit.
std::optional<Timestamp> ParseEpoch(std::string_view text);

// True if `text` is a number whose size alone makes it likely to be a time: not negative, and 10
// to 19 digits before the decimal point.
bool IsPlausibleEpoch(std::string_view text);

// Seconds, of any length, because somebody said so.  Integers may be 0x, 0b, 0o or, with a leading
// 0, octal, as in Go; anything else is decimal.
std::optional<Timestamp> ParseEpochSeconds(std::string_view text);

}  // namespace hctail
