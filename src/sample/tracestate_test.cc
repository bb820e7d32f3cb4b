// SPDX-License-Identifier: Apache-2.0
#include "sample/tracestate.h"

#include <cmath>

namespace hctail {
namespace {

TEST_CASE("RateOfTracestate: th is the threshold below which events were rejected") {
  const std::pair<const char*, double> cases[] = {
      {"ot=th:8", 2},
      {"ot=th:c", 4},
      {"ot=th:4", 4.0 / 3},
      {"ot=th:0", 1},
      {"ot=rv:12;th:fd", 256.0 / 3},
      {"vendor=x, ot=p:8;th:c", 4},
      {"ot=th:", 1},
      {"ot=th:xyz", 1},
      {"ot=rv:c", 1},
      {"th:c", 1},
      {"", 1},
      {"ot=th:123456789abcdef", 1},
      {"other=th:c", 1},
  };
  for (const auto& [text, rate] : cases) {
    CAPTURE(text);
    CHECK(RateOfTracestate(text) == doctest::Approx(rate));
  }
}

TEST_CASE("Equalise: the chances before and now multiply to one in the rate sent") {
  for (const double prior : {1.0, 4.0 / 3, 2.0, 10.0, 19.9, 100.5}) {
    for (const uint64_t rate : {1, 2, 7, 20, 1000}) {
      const Equalised equal = Equalise(prior, rate);
      CAPTURE(prior);
      CAPTURE(rate);
      CHECK(equal.rate >= rate);
      CHECK(static_cast<double>(equal.rate) < std::max(static_cast<double>(rate), prior) + 1);
      const double chance = equal.step == 0 ? 1 : std::ldexp(static_cast<double>(equal.step), -64);
      CHECK(chance / prior * static_cast<double>(equal.rate) == doctest::Approx(1));
    }
  }
}

TEST_CASE("RoundRate: a fraction is right on average") {
  Random random(1);
  uint64_t sum = 0;
  for (int i = 0; i < 30'000; ++i) sum += RoundRate(4.0 / 3, random);
  CHECK(static_cast<double>(sum) == doctest::Approx(40'000).epsilon(0.02));
  CHECK(RoundRate(7, random) == 7);
}

}  // namespace
}  // namespace hctail
