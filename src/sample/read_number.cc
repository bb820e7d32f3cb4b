// SPDX-License-Identifier: Apache-2.0
#include "sample/read_number.h"

#include <charconv>
#include <cmath>

namespace hctail {
namespace {

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

}  // namespace hctail
