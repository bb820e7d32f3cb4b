// SPDX-License-Identifier: Apache-2.0
#include "base/option_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "base/utf8.h"

namespace hctail {
namespace {

struct Unit {
  std::string_view name;  // lower case
  double factor;
};

constexpr Unit kTimes[] = {{"ns", 1e-9}, {"us", 1e-6}, {"\xC2\xB5s", 1e-6}, {"ms", 1e-3},
                           {"s", 1},     {"m", 60},    {"h", 3600},         {"d", 86400}};
constexpr Unit kSizes[] = {{"", 1},     {"b", 1},    {"kb", 1e3},      {"kib", 1024},
                           {"mb", 1e6}, {"gb", 1e9}, {"mib", 1048576}, {"gib", 1073741824}};
constexpr double kLongest = 100.0 * 365 * 86400;
constexpr double kLargest = 1e18;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// "1.5MB" -> 1.5 and "MB"; a number here is digits with perhaps a fraction, nothing else.
std::optional<double> TakeNumber(std::string_view* text) {
  const std::string_view digits = text->substr(0, text->find_first_not_of("0123456789."));
  double number = 0;
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), number);
  if (error != std::errc() || stop != digits.end() || digits[0] == '.') return std::nullopt;
  text->remove_prefix(digits.size());
  if (text->starts_with(' ')) text->remove_prefix(1);
  return number;
}

const Unit* FindUnit(std::span<const Unit> units, std::string_view name) {
  const auto it = std::ranges::find(units, Lower(name), &Unit::name);
  return it == units.end() ? nullptr : &*it;
}

// The digits of a \x, \u or octal escape: exactly `count` of them.
std::optional<uint32_t> TakeDigits(std::string_view* rest, size_t count, int base) {
  uint32_t code = 0;
  if (rest->size() < count) return std::nullopt;
  const std::string_view digits = rest->substr(0, count);
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), code, base);
  if (error != std::errc() || stop != digits.end()) return std::nullopt;
  rest->remove_prefix(count);
  return code;
}

// A numbered escape whose letter has been taken.
bool UnescapeNumber(char letter, std::string_view* rest, std::string* out) {
  const bool octal = letter >= '0' && letter <= '7';
  if (octal || letter == 'x') {
    std::string_view from = octal ? std::string_view(rest->data() - 1, rest->size() + 1) : *rest;
    const auto code = TakeDigits(&from, octal ? 3 : 2, octal ? 8 : 16);
    if (!code || *code > 0xFF) return false;
    out->push_back(static_cast<char>(*code));
    *rest = from;
    return true;
  }
  if (letter != 'u' && letter != 'U') return false;
  const auto code = TakeDigits(rest, letter == 'u' ? 4 : 8, 16);
  if (!code || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) return false;
  AppendUtf8(*code, out);
  return true;
}

// The escape whose backslash has been taken.
bool Unescape(std::string_view* rest, std::string* out) {
  static constexpr std::string_view kLetters = "abfnrtv\\\"";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
  if (rest->empty()) return false;
  const char letter = rest->front();
  rest->remove_prefix(1);
  const size_t known = kLetters.find(letter);
  if (known == std::string_view::npos) return UnescapeNumber(letter, rest, out);
  out->push_back(kMeanings[known]);
  return true;
}

template <typename Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::optional<int64_t> ReadInteger(std::string_view text) { return ReadNumber<int64_t>(text); }

std::optional<uint64_t> ReadCount(std::string_view text) { return ReadNumber<uint64_t>(text); }

std::optional<double> ReadDecimal(std::string_view text) {
  const auto number = ReadNumber<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<Duration> ReadDuration(std::string_view text, std::string_view unit) {
  double seconds = 0;
  const std::string_view whole = text;
  do {
    const bool first = text.size() == whole.size();
    const auto number = TakeNumber(&text);
    if (!number) return std::nullopt;
    const std::string_view name = text.substr(0, text.find_first_of("0123456789."));
    const Unit* found = FindUnit(kTimes, first && text.empty() ? unit : name);
    if (found == nullptr) return std::nullopt;
    seconds += *number * found->factor;
    text.remove_prefix(name.size());
  } while (!text.empty());
  if (seconds > kLongest) return std::nullopt;
  return Duration(static_cast<int64_t>(std::llround(seconds * 1e9)));
}

std::optional<uint64_t> ReadBytes(std::string_view text) {
  const auto number = TakeNumber(&text);
  if (!number) return std::nullopt;
  const Unit* found = FindUnit(kSizes, text);
  if (found == nullptr || *number * found->factor > kLargest) return std::nullopt;
  return static_cast<uint64_t>(std::llround(*number * found->factor));
}

std::optional<bool> ReadGoBool(std::string_view text) {
  static constexpr std::string_view kTrue[] = {"", "1", "t", "T", "TRUE", "true", "True"};
  static constexpr std::string_view kFalse[] = {"0", "f", "F", "FALSE", "false", "False"};
  if (std::ranges::count(kTrue, text) > 0) return true;
  if (std::ranges::count(kFalse, text) > 0) return false;
  return std::nullopt;
}

std::optional<std::string> GoUnquote(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  if (text.size() < 2 || !text.ends_with('"')) return std::nullopt;
  std::string_view rest = text.substr(1, text.size() - 2);
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"' || c == '\n') return std::nullopt;
    if (c != '\\') {
      out.push_back(c);
    } else if (!Unescape(&rest, &out)) {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace hctail
