// SPDX-License-Identifier: Apache-2.0
// Equalising.  An event that was kept with chance 1/a before it came here, and that is to be kept
// at rate r, need only survive with chance a/r to stand for r events; sampling it once more at r
// would make it stand for a*r.  So events from a service that samples 1 in 10 and from one that
// does not end at the same rate, which is what the sampler meant.  If a exceeds r, r is raised to
// the next whole number from a, and the chance makes up for the difference: a = 4/3 is sent at
// weight 2 with chance 2/3.
#include "sample/tracestate.h"

#include <charconv>
#include <cmath>
#include <string>

namespace hctail {
namespace {

// The value of `name` in "name:value;..." or "name=value,...".
std::string_view Part(std::string_view list, std::string_view name, char separator, char equals) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(separator), list.size());
    std::string_view part = list.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.size() > name.size() && part[name.size()] == equals) {
      return part.substr(name.size() + 1);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return {};
}

}  // namespace

double RateOfTracestate(std::string_view tracestate) {
  constexpr size_t kDigits = 14;
  const std::string_view digits = Part(Part(tracestate, "ot", ',', '='), "th", ';', ':');
  if (digits.empty() || digits.size() > kDigits) return 1;
  uint64_t threshold = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), threshold, 16);
  if (error != std::errc() || stop != digits.data() + digits.size()) return 1;
  threshold <<= 4 * (kDigits - digits.size());
  constexpr uint64_t kAll = uint64_t{1} << 56;
  return static_cast<double>(kAll) / static_cast<double>(kAll - threshold);
}

uint64_t RoundRate(double prior, Random& random) {
  const double whole = std::floor(std::min(prior, 9e18));
  return static_cast<uint64_t>(whole) + (random.Fraction() < prior - whole ? 1 : 0);
}

Equalised Equalise(double prior, uint64_t rate) {
  const double weight = std::max(static_cast<double>(rate), std::ceil(prior));
  const auto whole = static_cast<uint64_t>(std::min(weight, 9e18));
  if (prior >= weight) return {whole, 0};
  return {whole, static_cast<uint64_t>(std::ldexp(prior / weight, 64))};
}

}  // namespace hctail
