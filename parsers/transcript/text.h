// SPDX-License-Identifier: Apache-2.0
// Small looks at text that all of this folder needs.  Functions only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace date {
class time_zone;
}

namespace hctail::transcript {

constexpr bool IsBlank(char c) { return c == ' ' || c == '\t'; }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Without blanks at its ends; a no-break space counts as one.
std::string_view Trim(std::string_view text);
std::string_view TrimRight(std::string_view text);

std::string Lowered(std::string_view text);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// Without any white space: two texts that differ only in how they were wrapped become equal.
std::string Squeezed(std::string_view text);
// Appends `text` with each run of white space as one space, at most up to `limit` bytes in all.
void AppendCollapsed(std::string_view text, size_t limit, std::string* out);

// The first `limit` bytes of `text`, or less so as not to cut a character.
std::string_view CutAt(std::string_view text, size_t limit);

// A line of a file, without the mark that some begin with.
std::string_view WithoutByteOrderMark(std::string_view line);

// 22 asterisks.
bool IsSeparator(std::string_view line);

// "Start time: 20240305060708", in whatever language.
struct Stamp {
  std::string_view label;   // "Start time"
  std::string_view digits;  // 14 of them
};
std::optional<Stamp> ReadStamp(std::string_view line);

// The instant of 14 digits on a clock in `zone`; empty if they are no time.  A Buddhist year
// (a Thai Windows) is understood.
std::optional<Timestamp> ReadTime(std::string_view digits, const date::time_zone* zone);

// The value of a header line "name: value".
std::string_view ValueOf(std::string_view line);

}  // namespace hctail::transcript
