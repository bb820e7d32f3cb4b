// SPDX-License-Identifier: Apache-2.0
#include "ship/retry_policy.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace hctail {
namespace {

using namespace std::chrono_literals;
using Trouble = EndpointGate::Trouble;

constexpr RetryOptions kOptions{.base = 100ms, .cap = 1s, .hold = 30s};

TEST_CASE("RetryPolicy: delays are anywhere below a bound that doubles up to the cap") {
  Random random(1);
  struct Case {
    uint32_t attempt;
    Duration bound;
  };
  const Case cases[] = {{1, 100ms}, {2, 200ms}, {3, 400ms}, {4, 800ms}, {5, 1s}, {1000000, 1s}};
  for (const Case& c : cases) {
    Duration least = 1h;
    Duration most = 0s;
    for (int i = 0; i < 2000; ++i) {
      const Duration delay = RetryDelay(kOptions, c.attempt, std::nullopt, random);
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    CHECK(least < c.bound / 20);
    CHECK(most < c.bound);
    CHECK(most > c.bound - c.bound / 20);
  }
}

TEST_CASE("RetryPolicy: the server's wish is a lower bound, with the jitter on top") {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = RetryDelay(kOptions, 1, 7s, random);
    CHECK(delay >= 7s);
    CHECK(delay < 7100ms);
    const Duration hold = HoldDelay(kOptions, std::nullopt, random);
    CHECK(hold >= 15s);
    CHECK(hold <= 30s);
    CHECK(HoldDelay(kOptions, 60s, random) == 60s);
  }
}

struct Fixture {
  EndpointGate gate{kOptions, 4};
  Random random{1};
  Instant now{1h};

  bool Fail(Trouble trouble, bool was_probe = false) {
    return gate.Failed(trouble, was_probe, std::nullopt, now, random);
  }
};

TEST_CASE_FIXTURE(Fixture, "EndpointGate: one failure among successes closes nothing") {
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(Fail(Trouble::kEndpoint));
    CHECK_FALSE(Fail(Trouble::kOwn));
    CHECK_FALSE(Fail(Trouble::kEndpoint));
    CHECK(gate.Allows(now, 3));
    CHECK_FALSE(gate.Succeeded());
  }
  CHECK_FALSE(gate.Allows(now, 4));
}

TEST_CASE_FIXTURE(Fixture,
                  "EndpointGate: it closes after three in a row and sends one probe at a time") {
  CHECK_FALSE(Fail(Trouble::kEndpoint));
  CHECK_FALSE(Fail(Trouble::kEndpoint));
  CHECK(Fail(Trouble::kEndpoint));
  CHECK(gate.paused());
  for (int i = 0; i < 5; ++i) {
    REQUIRE(gate.NextProbe().has_value());
    CHECK(*gate.NextProbe() >= now);
    CHECK(*gate.NextProbe() <= now + 1s);
    now = *gate.NextProbe();
    CHECK(gate.Allows(now, 0));
    CHECK(gate.Started());
    CHECK_FALSE(gate.NextProbe().has_value());
    CHECK_FALSE(gate.Allows(now + 1h, 1));
    CHECK_FALSE(Fail(Trouble::kEndpoint));  // a late one from before the pause
    CHECK_FALSE(gate.Allows(now + 1h, 1));
    CHECK_FALSE(Fail(Trouble::kOwn, true));  // the probe; a 500 is no success either
  }
  now = *gate.NextProbe();
  CHECK(gate.Started());
  CHECK(gate.Succeeded());
  CHECK_FALSE(gate.paused());
  // Opens one by one.
  for (size_t in_flight = 1; in_flight < 4; ++in_flight) {
    CHECK(gate.Allows(now, in_flight - 1));
    CHECK_FALSE(gate.Allows(now, in_flight));
    CHECK_FALSE(gate.Started());
    CHECK_FALSE(gate.Succeeded());
  }
  CHECK(gate.Allows(now, 3));
  CHECK_FALSE(gate.Allows(now, 4));
}

TEST_CASE_FIXTURE(Fixture,
                  "EndpointGate: a 429 closes it at once, for as long as the server wishes") {
  CHECK(gate.Failed(Trouble::kFirm, false, 7s, now, random));
  CHECK(*gate.NextProbe() >= now + 7s);
  // A later answer that asks for more is heard, one that asks for less is not.
  CHECK_FALSE(gate.Failed(Trouble::kFirm, false, 20s, now, random));
  CHECK(*gate.NextProbe() >= now + 20s);
  CHECK_FALSE(gate.Failed(Trouble::kFirm, false, 1s, now, random));
  CHECK(*gate.NextProbe() >= now + 20s);
  CHECK_FALSE(gate.Allows(now + 19s, 0));
  CHECK(gate.Allows(now + 21s, 3));
  CHECK_FALSE(gate.Allows(now + 21s, 4));  // requests from before the pause count too
}

TEST_CASE_FIXTURE(Fixture, "EndpointGate: a refused key closes it at once and for long") {
  CHECK(Fail(Trouble::kRefused));
  CHECK(*gate.NextProbe() >= now + 15s);
}

TEST_CASE_FIXTURE(Fixture, "EndpointGate: a late success from before the pause ends it too") {
  CHECK(Fail(Trouble::kFirm));
  CHECK(gate.Succeeded());
  CHECK(gate.Allows(now, 0));
  CHECK_FALSE(gate.Allows(now, 1));
}

}  // namespace
}  // namespace hctail
