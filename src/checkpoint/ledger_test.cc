// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/ledger.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace hctail {
namespace {

TEST_CASE("Ledger: spans that settle in order move the commit") {
  Ledger ledger;
  ledger.Open(1, 100);
  CHECK(ledger.Committed(1) == 100);
  CHECK(ledger.Settle({1, 100, 150}) == 150);
  CHECK(ledger.Settle({1, 150, 151}) == 151);
  CHECK(ledger.SettledBeyondGap(1) == 0);
}

TEST_CASE("Ledger: a gap holds the commit back until it is filled") {
  Ledger ledger;
  ledger.Open(1, 0);
  CHECK_FALSE(ledger.Settle({1, 20, 30}).has_value());
  CHECK_FALSE(ledger.Settle({1, 10, 20}).has_value());
  CHECK_FALSE(ledger.Settle({1, 40, 50}).has_value());
  CHECK(ledger.Committed(1) == 0);
  CHECK(ledger.SettledBeyondGap(1) == 30);
  CHECK(ledger.Settle({1, 0, 10}) == 30);
  CHECK(ledger.SettledBeyondGap(1) == 10);
  CHECK(ledger.Settle({1, 30, 40}) == 50);
  CHECK(ledger.SettledBeyondGap(1) == 0);
}

TEST_CASE("Ledger: empty spans, repeats, overlaps and bytes before the start are harmless") {
  Ledger ledger;
  ledger.Open(1, 100);
  CHECK_FALSE(ledger.Settle({1, 0, 100}).has_value());
  CHECK_FALSE(ledger.Settle({1, 100, 100}).has_value());
  CHECK_FALSE(ledger.Settle({1, 130, 120}).has_value());
  CHECK_FALSE(ledger.Settle({1, 200, 210}).has_value());
  CHECK_FALSE(ledger.Settle({1, 200, 210}).has_value());
  CHECK(ledger.SettledBeyondGap(1) == 10);
  CHECK(ledger.Settle({1, 50, 120}) == 120);
  CHECK(ledger.Settle({1, 110, 205}) == 210);
}

TEST_CASE("Ledger: files are independent, and a late span of a closed one is harmless") {
  Ledger ledger;
  ledger.Open(1, 0);
  ledger.Open(2, 0);
  CHECK(ledger.Settle({2, 0, 5}) == 5);
  CHECK(ledger.Committed(1) == 0);
  ledger.Close(2);
  CHECK_FALSE(ledger.Settle({2, 5, 9}).has_value());
  ledger.Close(2);
  ledger.Open(2, 7);
  CHECK(ledger.Committed(2) == 7);
}

TEST_CASE("Ledger: offsets up to the largest work") {
  Ledger ledger;
  ledger.Open(1, UINT64_MAX - 10);
  CHECK_FALSE(ledger.Settle({1, UINT64_MAX - 5, UINT64_MAX}).has_value());
  CHECK(ledger.Settle({1, UINT64_MAX - 10, UINT64_MAX - 5}) == UINT64_MAX);
}

// A byte map: as slow and as plain as can be.
class NaiveLedger {
 public:
  NaiveLedger(uint64_t size, uint64_t start) : settled_(size), committed_(start) {}
  void Settle(uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i) settled_[i] = 1;
    while (committed_ < settled_.size() && settled_[committed_] != 0) ++committed_;
  }
  uint64_t committed() const { return committed_; }
  uint64_t SettledBeyondGap() const {
    uint64_t bytes = 0;
    for (uint64_t i = committed_; i < settled_.size(); ++i) bytes += settled_[i] != 0 ? 1 : 0;
    return bytes;
  }

 private:
  std::vector<char> settled_;
  uint64_t committed_;
};

// Returns the number of steps that went as the byte map says; `steps` if all did.
uint32_t AgreeingSteps(uint64_t seed, uint32_t steps) {
  Random random(seed);
  const uint32_t size = 20 + random.Below(300);
  const uint32_t start = random.Below(10);
  const uint32_t longest = 1 + random.Below(40);
  Ledger ledger;
  NaiveLedger naive(size, start);
  ledger.Open(7, start);
  for (uint32_t step = 0; step < steps; ++step) {
    const uint32_t begin = random.Below(size);
    const uint32_t end = std::min(size, begin + random.Below(longest));
    const uint64_t before = naive.committed();
    naive.Settle(begin, end);
    const auto advanced = ledger.Settle({7, begin, end});
    const bool agrees = advanced.has_value() == (naive.committed() != before) &&
                        advanced.value_or(naive.committed()) == naive.committed() &&
                        ledger.Committed(7) == naive.committed() &&
                        ledger.SettledBeyondGap(7) == naive.SettledBeyondGap();
    if (!agrees) return step;
  }
  return steps;
}

TEST_CASE("Ledger: agrees with a byte map on 5,000 random programs") {
  for (uint64_t seed = 1; seed <= 5000; ++seed) {
    CAPTURE(seed);
    REQUIRE(AgreeingSteps(seed, 60) == 60);
  }
}

}  // namespace
}  // namespace hctail
