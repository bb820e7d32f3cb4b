// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629) and the \u escapes that stand for it.
//
// No state.  Tested by utf8_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hctail {

// All of `text` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

// Appends the code point `code`, which is at most U+10FFFF.
void AppendUtf8(uint32_t code, std::string* out);

// The number that the first `count` bytes of `text` are in hexadecimal, or -1.
int ReadHex(std::string_view text, size_t count);

// Reads "\uXXXX", or two of them that are a surrogate pair, at the start of `text`, and appends
// what they stand for; half a pair is U+FFFD.  Returns how many bytes were read, 0 if it is no such
// escape.
size_t ReadUnicodeEscape(std::string_view text, std::string* out);

}  // namespace hctail
