// SPDX-License-Identifier: Apache-2.0
#include "event/typed_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hctail {
namespace {

// Longer numbers are text: nobody measures so exactly.
constexpr size_t kMaxDecimalSize = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

size_t CountDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

// Most values are words; this sees it from their first bytes.
bool MayBeNumber(std::string_view text) {
  if (text.empty()) return false;
  if (IsDigit(text[0])) return true;
  return text.size() > 1 && (text[0] == '-' || text[0] == '+' || text[0] == '.');
}

// Digits, and underscores between them if `digits` wants that; a point; an exponent.
struct Shape {
  bool good = false;
  bool underscores = false;
};

template <typename IsDigitOfBase>
Shape ShapeOf(std::string_view text, IsDigitOfBase is_digit, char exponent) {
  Shape shape;
  size_t i = 0;
  size_t digits = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c)) {
      ++digits;
    } else if (c == '_') {
      const bool between =
          i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
      if (!between) return shape;
      shape.underscores = true;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (digits == 0) return shape;
  if (i == text.size()) {
    shape.good = exponent == 'e';  // a hexadecimal one must have it
    return shape;
  }
  if ((text[i] | 0x20) != exponent) return shape;
  ++i;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const std::string_view rest = text.substr(i);
  shape.good = !rest.empty() && CountDigits(rest) == rest.size();
  return shape;
}

std::optional<double> Convert(std::string_view digits, std::chars_format format, bool negative) {
  double value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto result = std::from_chars(begin, end, value, format);
  if (result.ptr != end) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) {
    // Too small is zero, as in Go; too large is no number.
    if (std::fabs(value) >= 1 || digits.find('-') == std::string_view::npos) return std::nullopt;
    value = 0;
  }
  return negative ? -value : value;
}

bool IsPlainInteger(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || CountDigits(text) != text.size()) return false;
  return text[0] != '0' || text.size() == 1;
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty() || !IsDigit(text[0])) return std::nullopt;
  }
  int64_t value = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto result = std::from_chars(begin, end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<double> ParseDecimal(std::string_view text) {
  if (!MayBeNumber(text) || text.size() > kMaxDecimalSize) return std::nullopt;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  const Shape shape = hex ? ShapeOf(text, IsHexDigit, 'p') : ShapeOf(text, IsDigit, 'e');
  if (!shape.good) return std::nullopt;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  if (!shape.underscores) return Convert(text, format, negative);
  std::array<char, kMaxDecimalSize> buffer;
  size_t size = 0;
  for (const char c : text) {
    if (c != '_') buffer[size++] = c;
  }
  return Convert({buffer.data(), size}, format, negative);
}

Value TypedText(std::string_view text) {
  if (!MayBeNumber(text)) return Value::String(text);
  if (const auto integer = ParseInteger(text)) return Value::Int(*integer);
  if (const auto decimal = ParseDecimal(text)) {
    return IsPlainInteger(text) ? Value::RawJson(text) : Value::Float(*decimal);
  }
  return Value::String(text);
}

Value PlainlyTypedText(std::string_view text) {
  if (text.empty() || (!IsDigit(text[0]) && text[0] != '-')) return Value::String(text);
  if (IsPlainInteger(text)) return TypedText(text);
  const size_t point = text.find('.');
  if (point == std::string_view::npos || !IsPlainInteger(text.substr(0, point)) ||
      point + 1 == text.size() || !IsDigit(text[point + 1])) {
    return Value::String(text);
  }
  if (text.find('_') != std::string_view::npos) return Value::String(text);
  const auto decimal = ParseDecimal(text);
  return decimal ? Value::Float(*decimal) : Value::String(text);
}

}  // namespace hctail
