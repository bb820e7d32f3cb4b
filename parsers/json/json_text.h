// SPDX-License-Identifier: Apache-2.0
// The small grammar inside JSON tokens: numbers, and escapes in strings; and how broken text is
// mended.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hctail::json {

enum class Number {
  kNone,        // not, or not only, a number by the grammar of RFC 8259
  kPlain,       // without an exponent
  kScientific,  // with one
};
Number ReadNumber(std::string_view text);

// `number` is not too large for a double, so that whoever decodes it can.
bool FitsDouble(std::string_view number);

enum class Escape { kBad, kGood, kLoneSurrogate };

// Reads the escape at the start of `text`, a backslash inside a string; `size` becomes its length,
// which for a pair of surrogates is that of both.
Escape ReadEscape(std::string_view text, size_t* size);

// Appends `text` with each byte that is no part of valid UTF-8 replaced by U+FFFD, as Go does.
void MendUtf8(std::string_view text, std::string* out);

// Replaces lone surrogate escapes by \ufffd, which is as long.
void MendSurrogates(std::string* text);

}  // namespace hctail::json
