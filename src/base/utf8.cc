// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <simdjson.h>

namespace hctail {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsHighSurrogate(uint32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool IsLowSurrogate(uint32_t code) { return code >= 0xDC00 && code < 0xE000; }

}  // namespace

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
    return;
  }
  const uint32_t tails = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr uint32_t kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  out->push_back(static_cast<char>(kLeads[tails] | code >> 6 * tails));
  for (uint32_t i = tails; i-- > 0;) {
    out->push_back(static_cast<char>(0x80 | (code >> 6 * i & 0x3F)));
  }
}

int ReadHex(std::string_view text, size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    const int digit = HexDigit(c);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

size_t ReadUnicodeEscape(std::string_view text, std::string* out) {
  if (!text.starts_with("\\u")) return 0;
  const int first = ReadHex(text.substr(2), 4);
  if (first < 0) return 0;
  auto code = static_cast<uint32_t>(first);
  if (IsHighSurrogate(code) && text.substr(6).starts_with("\\u")) {
    const int second = ReadHex(text.substr(8), 4);
    if (second >= 0 && IsLowSurrogate(static_cast<uint32_t>(second))) {
      code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<uint32_t>(second) - 0xDC00);
      AppendUtf8(code, out);
      return 12;
    }
  }
  if (IsHighSurrogate(code) || IsLowSurrogate(code)) code = 0xFFFD;
  AppendUtf8(code, out);
  return 6;
}

}  // namespace hctail
