// SPDX-License-Identifier: Apache-2.0
// What a value that a log wrote as plain text means: an integer, a decimal number, or text.
//
// The grammar is that of Go's Atoi and ParseFloat, which is what honeytail's keyval, csv and nginx
// parsers use: +5, 007, .5, 5., 1e3, 1_000 and 0x1p4 are numbers.  Unlike there, inf and nan stay
// text (JSON has no such numbers and honeytail drops them), and integers that do not fit 64 bits
// keep their digits.
//
// No allocation, no locale.  Tested by typed_text_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "event/value.h"

namespace hctail {

// Decimal digits with an optional sign; empty if it does not fit.
std::optional<int64_t> ParseInteger(std::string_view text);

// A finite number; empty if it overflows.
std::optional<double> ParseDecimal(std::string_view text);

// Int, Float, RawJson (an integer of more than 64 bits) or String.  The value views `text`.
Value TypedText(std::string_view text);

// The same but for numbers only as programs print them: no '+', no leading zeros, digits on both
// sides of the point.  Telephone numbers, 08123 and version 1_0 stay text.
Value PlainlyTypedText(std::string_view text);

}  // namespace hctail
