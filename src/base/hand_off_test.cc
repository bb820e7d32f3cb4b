// SPDX-License-Identifier: Apache-2.0
#include "base/hand_off.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

#include "base/byte_budget.h"
#include "base/random.h"

namespace hctail {
namespace {

TEST_CASE("HandOff: every item arrives once, and a closed queue ends its readers") {
  HandOff<std::unique_ptr<int>> queue;
  std::vector<int> seen(1000);
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (auto item = queue.Pop()) ++seen[static_cast<size_t>(**item)];
    });
  }
  for (int i = 0; i < 1000; ++i) queue.Push(std::make_unique<int>(i));
  queue.Close();
  for (std::thread& reader : readers) reader.join();
  CHECK(std::vector<int>(1000, 1) == seen);
  CHECK(queue.closed());
  CHECK_FALSE(queue.TryPop().has_value());
}

TEST_CASE("ByteBudget: is spent at its limit and tells when something is released") {
  const Wakeup released;
  ByteBudget budget(100, released);
  budget.Charge(60);
  CHECK_FALSE(budget.spent());
  budget.Charge(60);
  CHECK(budget.spent());
  CHECK(budget.chunks() == 2);
  budget.Release(60);
  CHECK_FALSE(budget.spent());
  CHECK(budget.chunks() == 1);
  uint64_t told = 0;
  CHECK(::read(released.fd(), &told, sizeof told) == sizeof told);
}

TEST_CASE("Random: the same seed gives the same numbers, below the limit and spread evenly") {
  Random one(42);
  Random two(42);
  int counts[10] = {};
  for (int i = 0; i < 100'000; ++i) {
    const uint32_t value = one.Below(10);
    CHECK(value == two.Below(10));
    ++counts[value];
  }
  for (const int count : counts) CHECK(std::abs(count - 10'000) < 500);
  const double fraction = one.Fraction();
  CHECK(fraction >= 0);
  CHECK(fraction < 1);
}

}  // namespace
}  // namespace hctail
