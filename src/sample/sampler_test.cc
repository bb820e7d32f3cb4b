// SPDX-License-Identifier: Apache-2.0
// The behaviour tables of dynsampler-go: windows of counts in, rates out.
#include "sample/sampler.h"

#include <cmath>
#include <map>

#include "sample/sample_plan.h"

namespace hctail {
namespace {

using Counts = std::map<std::string, double>;
using Rates = std::map<std::string, uint64_t>;

// A sampler and its keys, fed window by window.
class Windows {
 public:
  Windows(std::string_view algorithm, const SamplerSettings& settings)
      : sampler_(MakeSampler(algorithm, settings)), keys_(500) {
    REQUIRE(sampler_ != nullptr);
    sampler_->Begin(&keys_);
  }

  Rates End(const Counts& counts, int64_t windows = 1, bool burst = false) {
    for (KeyState& key : keys_.slots()) key.count = 0;
    for (const auto& [name, count] : counts) keys_.slots()[keys_.FindOrAdd(name)].count = count;
    sampler_->EndWindow({.windows = windows, .burst = burst}, &keys_);
    Rates rates;
    for (uint32_t slot = 1; slot < keys_.slots().size(); ++slot) {
      KeyState& key = keys_.slots()[slot];
      if (key.serial == 0) continue;
      if (key.rate == 0) {
        keys_.Release(slot);
      } else {
        rates[key.name] = key.rate;
      }
    }
    return rates;
  }
  double Average(const std::string& name) { return keys_.slots()[keys_.FindOrAdd(name)].average; }
  Sampler& sampler() { return *sampler_; }

 private:
  std::unique_ptr<Sampler> sampler_;
  KeyTable keys_;
};

constexpr Duration kThirty = std::chrono::seconds(30);

TEST_CASE("static: named keys have their own rates") {
  Windows windows("static", {.goal_rate = 7, .rates = {{"a", 3}}});
  CHECK(windows.End({}) == Rates{{"a", 3}});
  CHECK(windows.sampler().first_estimate().Rate(1e6, 1e6) == 7);
  CHECK(windows.sampler().window() == Duration(0));
}

TEST_CASE("avg: rates follow the logarithm of the counts") {
  const std::tuple<uint64_t, Counts, Rates> cases[] = {
      {10,
       {{"a", 1}, {"b", 10}, {"c", 100}, {"d", 1000}},
       {{"a", 1}, {"b", 1}, {"c", 3}, {"d", 15}}},
      {4,
       {{"admin", 1}, {"home", 4000}, {"login", 3}, {"search", 400}},
       {{"admin", 1}, {"home", 7}, {"login", 1}, {"search", 1}}},
      {10, {{"a", 1}, {"b", 1}}, {{"a", 1}, {"b", 1}}},
      {10, {{"a", 1000}}, {{"a", 10}}},
  };
  for (const auto& [goal, counts, rates] : cases) {
    Windows windows("avg", {.goal_rate = goal});
    CHECK(windows.sampler().first_estimate().Rate(1, 1) == goal);  // before there is data
    CHECK(windows.End(counts) == rates);
    CHECK(windows.sampler().first_estimate().Rate(1, 1) == 1);
  }
}

TEST_CASE("avg: a key that does not come keeps half its rate until nothing is left") {
  Windows windows("avg", {.goal_rate = 10});
  CHECK(windows.End({{"a", 1000}}) == Rates{{"a", 10}});
  CHECK(windows.End({}) == Rates{{"a", 5}});
  CHECK(windows.End({{"b", 1000}}) == Rates{{"a", 2}, {"b", 10}});
  CHECK(windows.End({{"b", 1000}}) == Rates{{"b", 10}});
  CHECK(windows.End({{"b", 1000}}, 3) == Rates{{"b", 2}});
  CHECK(windows.End({{"b", 1000}}, 1'000'000'000) == Rates{});
}

TEST_CASE("avg-with-min: too little traffic is kept whole, from the first window on") {
  const SamplerSettings settings{.window = kThirty, .goal_rate = 10, .minimum_per_second = 50};
  Windows windows("avg-with-min", settings);
  CHECK(windows.sampler().first_estimate().Rate(1, 1) == 10);
  CHECK(windows.End({{"a", 700}, {"b", 700}}) == Rates{{"a", 1}, {"b", 1}});
  CHECK(windows.sampler().first_estimate().Rate(1e9, 1e9) == 1);
  CHECK(windows.End({{"a", 700}, {"b", 900}}) == Rates{{"a", 9}, {"b", 11}});
}

TEST_CASE("ema: four windows of the table") {
  Windows windows("ema", {.goal_rate = 10});
  Sampler& sampler = windows.sampler();
  CHECK(sampler.first_estimate().Rate(1, 1) == 10);
  CHECK(windows.End({{"a", 100}, {"b", 10}, {"c", 1}}) == Rates{{"a", 13}, {"b", 3}, {"c", 1}});
  CHECK(windows.Average("b") == 5);
  CHECK(std::isinf(sampler.burst_threshold()));  // only after three windows
  CHECK(windows.End({{"a", 100}, {"c", 1}}) == Rates{{"a", 12}, {"b", 2}, {"c", 1}});
  CHECK(windows.Average("a") == 75);
  CHECK(windows.Average("c") == 0.75);
  CHECK(windows.End({{"d", 1000}}) == Rates{{"a", 2}, {"b", 1}, {"d", 15}});
  CHECK(windows.Average("b") == 1.25);
  CHECK(sampler.burst_threshold() == 1077.5);
  CHECK(windows.End({}) == Rates{{"a", 2}, {"b", 1}, {"d", 15}});
  CHECK(windows.Average("d") == 500);
}

TEST_CASE("ema: a window that ends by a burst does not count for the delay") {
  Windows windows("ema", {.goal_rate = 10});
  for (int i = 0; i < 5; ++i) windows.End({{"a", 100}}, 1, true);
  CHECK(std::isinf(windows.sampler().burst_threshold()));
  windows.End({{"a", 100}}, 3);
  CHECK_FALSE(std::isinf(windows.sampler().burst_threshold()));
  Windows never("ema", {.goal_rate = 10, .burst_multiple = -1});
  never.End({{"a", 100}}, 100);
  CHECK(std::isinf(never.sampler().burst_threshold()));
}

TEST_CASE("ema: the state brings rates back") {
  Windows windows("ema", {.goal_rate = 10});
  windows.End({{"a", 100}, {"b", 10}, {"c", 1}});
  Windows after("ema", {.goal_rate = 10});
  CHECK(after.sampler().SetState(windows.sampler().State()));
  CHECK(after.sampler().first_estimate().Rate(50, 50) ==
        windows.sampler().first_estimate().Rate(50, 50));
  CHECK_FALSE(after.sampler().SetState(std::vector<double>{1}));
}

TEST_CASE("ema-throughput: the goal is a number of events in a window") {
  const SamplerSettings settings{.goal_rate = 10, .goal_per_second = 10};
  Windows windows("ema-throughput", settings);
  const Counts counts{{"a", 6000}, {"b", 60}, {"c", 1}};
  CHECK(windows.sampler().first_estimate().Rate(1, 1) == 10);
  CHECK(windows.End(counts) == Rates{{"a", 29}, {"b", 1}, {"c", 1}});
  CHECK(windows.End(counts) == Rates{{"a", 44}, {"b", 1}, {"c", 1}});
}

TEST_CASE("per-key-throughput: each key has its events") {
  Windows windows("per-key-throughput", {.window = kThirty, .goal_per_second = 2});
  CHECK(windows.sampler().first_estimate().Rate(59, 59) == 1);
  CHECK(windows.End({{"a", 59}, {"b", 60}, {"c", 179}, {"d", 6000}}) ==
        Rates{{"a", 1}, {"b", 1}, {"c", 2}, {"d", 100}});
}

TEST_CASE("per-key-throughput: a window of less than a second is not a division by zero") {
  Windows windows("per-key-throughput",
                  {.window = std::chrono::milliseconds(500), .goal_per_second = 10});
  CHECK(windows.End({{"a", 50}}) == Rates{{"a", 10}});
}

TEST_CASE("total-throughput: an equal share for each key") {
  Windows windows("total-throughput", {.window = kThirty, .goal_per_second = 10});
  CHECK(windows.End({{"a", 10}, {"b", 1000}, {"c", 3000}}) ==
        Rates{{"a", 1}, {"b", 10}, {"c", 30}});
}

TEST_CASE("windowed-throughput: rates from all of the look-back, and none is 0") {
  Windows windows("windowed-throughput",
                  {.lookback = std::chrono::seconds(3), .goal_per_second = 10});
  CHECK(windows.sampler().window() == std::chrono::seconds(1));
  CHECK(windows.sampler().first_estimate().Rate(1, 1) == 1);
  CHECK(windows.End({{"a", 300}}) == Rates{{"a", 10}});
  CHECK(windows.End({{"a", 300}}) == Rates{{"a", 20}});
  CHECK(windows.End({{"a", 300}}) == Rates{{"a", 30}});
  CHECK(windows.End({{"a", 300}}) == Rates{{"a", 30}});
  CHECK(windows.End({{"a", 300}, {"b", 1}}) == Rates{{"a", 60}, {"b", 1}});
  CHECK(windows.End({}) == Rates{{"a", 40}, {"b", 1}});
  CHECK(windows.End({}) == Rates{{"a", 20}, {"b", 1}});
  CHECK(windows.End({}) == Rates{});
  windows.End({{"a", 300}});
  CHECK(windows.End({}, 3) == Rates{});
}

TEST_CASE("only-once: the first in a window, then practically none") {
  Windows windows("only-once", {});
  const FirstEstimate first = windows.sampler().first_estimate();
  CHECK(first.Rate(1, 1) == 1);
  CHECK(first.Rate(2, 2) == 1'000'000'000);
  CHECK(windows.End({{"a", 5}}) == Rates{});
}

}  // namespace
}  // namespace hctail
