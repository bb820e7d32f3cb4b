// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace hctail::json {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr size_t kUnicodeEscapeSize = 6;                   // "\u00e9"

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const char* SkipDigits(const char* p, const char* end) {
  while (p < end && IsDigit(*p)) ++p;
  return p;
}

// The four hexadecimal digits of a "\uXXXX" at the start of `text`, or -1.
int CodeUnit(std::string_view text) {
  return text.starts_with("\\u") ? ReadHex(text.substr(2), 4) : -1;
}

bool IsHighSurrogate(int unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(int unit) { return unit >= 0xdc00 && unit < 0xe000; }

// The size of the valid UTF-8 character at `p`, or 0.
size_t CharacterSize(const unsigned char* p, size_t left) {
  if (p[0] < 0x80) return 1;
  const auto continues = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < left && p[i] >= low && p[i] <= high;
  };
  if (p[0] < 0xc2) return 0;
  if (p[0] < 0xe0) return continues(1) ? 2 : 0;
  if (p[0] < 0xf0) {
    const unsigned low = p[0] == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = p[0] == 0xed ? 0x9f : 0xbf;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (p[0] > 0xf4) return 0;
  const unsigned low = p[0] == 0xf0 ? 0x90 : 0x80;
  const unsigned high = p[0] == 0xf4 ? 0x8f : 0xbf;
  return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
}

}  // namespace

Number ReadNumber(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  if (p < end && *p == '-') ++p;
  const char* const digits = p;
  p = SkipDigits(p, end);
  if (p == digits || (*digits == '0' && p - digits > 1)) return Number::kNone;
  if (p == end) return Number::kPlain;
  if (*p == '.') {
    const char* const fraction = ++p;
    p = SkipDigits(p, end);
    if (p == fraction) return Number::kNone;
    if (p == end) return Number::kPlain;
  }
  if (*p != 'e' && *p != 'E') return Number::kNone;
  ++p;
  if (p < end && (*p == '+' || *p == '-')) ++p;
  const char* const exponent = p;
  p = SkipDigits(p, end);
  return p != exponent && p == end ? Number::kScientific : Number::kNone;
}

bool FitsDouble(std::string_view number) {
  double value = 0;
  const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc::result_out_of_range) return true;
  // Too small is as good as 0; only too large is out of range.
  const size_t exponent = std::min(number.find_last_of("eE"), number.size());
  return number.substr(exponent).contains('-');
}

Escape ReadEscape(std::string_view text, size_t* size) {
  *size = 2;
  if (text.size() < 2) return Escape::kBad;
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  if (text[1] != 'u') return kLetters.contains(text[1]) ? Escape::kGood : Escape::kBad;
  *size = kUnicodeEscapeSize;
  const int unit = CodeUnit(text);
  if (unit < 0) return Escape::kBad;
  if (IsLowSurrogate(unit)) return Escape::kLoneSurrogate;
  if (!IsHighSurrogate(unit)) return Escape::kGood;
  if (!IsLowSurrogate(CodeUnit(text.substr(kUnicodeEscapeSize)))) return Escape::kLoneSurrogate;
  *size = 2 * kUnicodeEscapeSize;
  return Escape::kGood;
}

void MendUtf8(std::string_view text, std::string* out) {
  size_t good = 0;  // where the valid run began
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  for (size_t i = 0; i < text.size();) {
    if (const size_t size = CharacterSize(bytes + i, text.size() - i)) {
      i += size;
      continue;
    }
    *out += text.substr(good, i - good);
    *out += kReplacement;
    good = ++i;
  }
  *out += text.substr(good);
}

void MendSurrogates(std::string* text) {
  size_t at = text->find('\\');
  while (at != std::string::npos) {
    size_t size = 0;
    if (ReadEscape(std::string_view(*text).substr(at), &size) == Escape::kLoneSurrogate) {
      std::memcpy(text->data() + at, "\\ufffd", kUnicodeEscapeSize);
    }
    at = text->find('\\', at + size);
  }
}

}  // namespace hctail::json
