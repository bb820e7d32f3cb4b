// SPDX-License-Identifier: Apache-2.0
#include "sample/read_number.h"

#include <charconv>
#include <cmath>

namespace hctail {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};
// A unit that another begins with comes after it.
constexpr Unit kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"\xC2\xB5s", 1e-6}, {"ms", 1e-3},
                           {"s", 1},     {"m", 60},    {"h", 3600},         {"d", 86400}};

template <typename Number>
std::optional<Number> Read(std::string_view text) {
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::optional<double> ReadDecimal(std::string_view text) {
  const auto number = Read<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<uint64_t> ReadCount(std::string_view text) { return Read<uint64_t>(text); }

std::optional<Duration> ReadTimeSpan(std::string_view text) {
  constexpr double kLongest = 100.0 * 365 * 86400;
  if (const auto seconds = ReadDecimal(text); seconds) {
    if (*seconds < 0 || *seconds > kLongest) return std::nullopt;
    return Duration(std::llround(*seconds * 1e9));
  }
  double sum = 0;
  while (!text.empty()) {
    const size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = ReadDecimal(text.substr(0, digits));
    text.remove_prefix(digits);
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (found == nullptr && text.starts_with(unit.name)) found = &unit;
    }
    if (!number || found == nullptr) return std::nullopt;
    sum += *number * found->seconds;
    text.remove_prefix(found->name.size());
  }
  if (sum > kLongest) return std::nullopt;
  return Duration(std::llround(sum * 1e9));
}

}  // namespace hctail
