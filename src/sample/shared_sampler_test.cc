// SPDX-License-Identifier: Apache-2.0
// SharedSampler and LocalSampler together: windows by a hand-turned clock, lanes, limits, workers.
#include "sample/shared_sampler.h"

#include <deque>
#include <map>
#include <thread>

#include "sample/local_sampler.h"
#include "sample/sample_plan.h"
#include "tests/testing/fake_clock.h"

namespace hctail {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

class Bench {
 public:
  explicit Bench(std::string_view algorithm, SamplerSettings settings = {}, size_t max_keys = 500)
      : shared_(std::make_shared<SharedSampler>(MakeSampler(algorithm, settings), max_keys)) {
    AddWorker();
  }

  void AddWorker() { workers_.emplace_back(shared_, workers_.size() + 1); }
  uint64_t Rate(const std::string& key, size_t worker = 0) {
    return RateAt(key, ToNanos(clock_.Wall()), worker);
  }
  uint64_t RateAt(const std::string& key, int64_t when, size_t worker = 0) {
    const uint64_t rate = workers_[worker].Rate(key, when);
    kept_ += workers_[worker].Toss(Coin::kStratified, 0) ? 1 : 0;
    return rate;
  }
  void Send(const std::map<std::string, int>& counts, size_t worker = 0) {
    for (const auto& [key, count] : counts) {
      for (int i = 0; i < count; ++i) Rate(key, worker);
    }
  }
  void Wait(Duration by) { clock_.Advance(by); }
  int64_t now() const { return ToNanos(clock_.Wall()); }
  int kept() const { return kept_; }
  LocalSampler& worker(size_t i) { return workers_[i]; }
  SharedSampler& shared() { return *shared_; }
  SamplerReport Report() {
    for (LocalSampler& worker : workers_) worker.Flush();
    return shared_->Report(100);
  }
  // What the window that has just ended gave each key.
  std::map<std::string, uint64_t> Rates() {
    std::map<std::string, uint64_t> rates;
    for (const auto& key : Report().top) rates[key.name] = key.rate;
    return rates;
  }

 private:
  testing::FakeClock clock_;
  std::shared_ptr<SharedSampler> shared_;
  std::deque<LocalSampler> workers_;
  int kept_ = 0;
};

using Rates = std::map<std::string, uint64_t>;

TEST_CASE("A window ends when an event comes after it, and its rates hold for the next") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  CHECK(bench.Rate("d") == 10);
  bench.Send({{"a", 1}, {"b", 10}, {"c", 100}, {"d", 999}});
  bench.Wait(29 * kSecond);
  CHECK(bench.Rate("d") == 10);  // no data yet
  bench.Wait(kSecond);
  CHECK(bench.Rate("d") == 15);
  CHECK(bench.Rates() == Rates{{"a", 1}, {"b", 1}, {"c", 3}, {"d", 15}});
}

TEST_CASE("The tables of ema come out of a stream of events, window by window") {
  Bench bench("ema", {.window = 15 * kSecond, .goal_rate = 10});
  bench.Send({{"a", 100}, {"b", 10}, {"c", 1}});
  bench.Wait(15 * kSecond);
  bench.Send({{"a", 1}});
  CHECK(bench.Rates() == Rates{{"a", 13}, {"b", 3}, {"c", 1}});
  bench.Send({{"a", 99}, {"c", 1}});
  bench.Wait(15 * kSecond);
  bench.Send({{"d", 1}});
  CHECK(bench.Rates() == Rates{{"a", 12}, {"b", 2}, {"c", 1}});
  bench.Send({{"d", 999}});
  bench.Wait(15 * kSecond);
  CHECK(bench.Rate("d") == 15);
  CHECK(bench.Rates() == Rates{{"a", 2}, {"b", 1}, {"d", 15}});
}

TEST_CASE("ema: a burst ends the window at the very event") {
  Bench bench("ema", {.window = 15 * kSecond, .goal_rate = 10});
  for (int i = 0; i < 4; ++i) {
    bench.Send({{"a", 100}});
    bench.Wait(15 * kSecond);
  }
  bench.Send({{"a", 1}});  // the threshold is now 2 * 93.75
  CHECK(bench.Rates() == Rates{{"a", 10}});
  bench.Send({{"b", 186}});
  const uint64_t before = bench.Rate("b");  // the 188th
  CHECK(bench.Rates().count("b") == 0);
  const uint64_t after = bench.Rate("b");
  CHECK(bench.Rates().count("b") == 1);
  CHECK(before != after);
}

TEST_CASE("A new key in a busy sampler is kept at first and not for the whole window") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  bench.Send({{"a", 1000}, {"b", 1000}});
  bench.Wait(30 * kSecond);
  CHECK(bench.Rate("new") == 1);
  uint64_t last = 1;
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t rate = bench.Rate("new");
    CHECK(rate >= last);
    last = rate;
  }
  CHECK(last > 10);
}

TEST_CASE("A known key that comes much oftener than expected is not kept at its old rate") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  bench.Send({{"a", 1000}, {"b", 5}});
  bench.Wait(30 * kSecond);
  CHECK(bench.Rate("b") == 1);
  for (int i = 0; i < 20; ++i) CHECK(bench.Rate("b") == 1);
  for (int i = 0; i < 10'000; ++i) bench.Rate("b");
  CHECK(bench.Rate("b") > 10);
}

TEST_CASE("Keys beyond the limit share one key that is counted and sampled (dynsampler-go #98)") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10}, 4);
  for (int round = 0; round < 3; ++round) {
    bench.Wait(30 * kSecond);
    for (int i = 0; i < 4000; ++i) bench.Rate("key" + std::to_string(i % 400));
  }
  const SamplerReport report = bench.Report();
  CHECK(report.keys <= 4);
  CHECK(report.shared > 3000);
  CHECK(report.shared_rate == 10);
  CHECK(report.window_kept == doctest::Approx(400).epsilon(0.1));
}

TEST_CASE("A frequent key that comes late still gets a slot of its own") {
  Bench bench("ema", {.window = 15 * kSecond, .goal_rate = 10}, 8);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 100; ++i) bench.Rate("rare" + std::to_string(i % 20));
    bench.Wait(15 * kSecond);
  }
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 1000; ++i) {
      bench.Rate("frequent");
      if (i % 10 == 9) bench.Rate("rare" + std::to_string(i / 10 % 20));
    }
    bench.Wait(15 * kSecond);
  }
  CHECK(bench.Rates().count("frequent") == 1);
}

TEST_CASE("Two workers count for the same windows") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  bench.AddWorker();
  bench.Send({{"a", 1}, {"b", 5}, {"c", 50}, {"d", 500}}, 0);
  bench.Send({{"b", 5}, {"c", 50}, {"d", 500}}, 1);
  bench.worker(0).Flush();
  bench.worker(1).Flush();
  bench.Wait(30 * kSecond);
  CHECK(bench.Rate("d", 1) == 15);
  CHECK(bench.Rate("d", 0) == 15);
  CHECK(bench.Rates() == Rates{{"a", 1}, {"b", 1}, {"c", 3}, {"d", 15}});
}

TEST_CASE("only-once: one of each key in a window, whichever worker it comes to") {
  Bench bench("only-once", {.window = 30 * kSecond});
  bench.AddWorker();
  for (int window = 1; window <= 3; ++window) {
    for (size_t i = 0; i < 100; ++i) {
      bench.Rate("a", i % 2);
      bench.Rate("b", (i / 2) % 2);
    }
    bench.Wait(30 * kSecond);
    CHECK(bench.kept() == 2 * window);
  }
}

TEST_CASE("Lanes: workers at different times do not end each other's windows") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  bench.AddWorker();
  const int64_t morning = bench.now();
  const int64_t evening = morning + 10 * 3600 * kSecond.count();
  for (int second = 0; second < 120; ++second) {
    for (int i = 0; i < 20; ++i) {
      bench.RateAt("a", morning + second * kSecond.count(), 0);
      bench.RateAt("b", evening + second * kSecond.count(), 1);
    }
  }
  // Each lane has one key, so each key has the goal's rate.
  CHECK(bench.RateAt("a", morning + 120 * kSecond.count(), 0) == 10);
  CHECK(bench.RateAt("b", evening + 120 * kSecond.count(), 1) == 10);
  CHECK(bench.Report().window_seen == 600);
}

TEST_CASE("Lanes: one file with two clocks is sampled like two") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  const int64_t begin = bench.now();
  for (int second = 0; second < 300; ++second) {
    for (int i = 0; i < 20; ++i) {
      bench.RateAt("a", begin + second * kSecond.count());
      bench.RateAt("b", begin + (second + 3600) * kSecond.count());
    }
  }
  CHECK(bench.Report().window_seen == 600);
  CHECK(bench.kept() == doctest::Approx(1200).epsilon(0.05));
}

TEST_CASE("Lines that are a little late count in the current window") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  const int64_t begin = bench.now();
  for (int second = 0; second < 90; ++second) {
    for (int i = 0; i < 10; ++i) bench.RateAt("a", begin + (second - i) * kSecond.count());
  }
  CHECK(bench.Report().window_seen == 300);
}

TEST_CASE("Times that jump about at random, or are absurd, cost neither memory nor the goal") {
  Bench bench("avg", {.window = 30 * kSecond, .goal_rate = 10});
  Random random(3);
  const int events = 100'000;
  for (int i = 0; i < events; ++i) {
    int64_t when = static_cast<int64_t>(random.Next64());
    if (i % 3 == 0) when = ToNanos({.seconds = -62'135'596'800, .nanos = 0});
    if (i % 3 == 1) when = ToNanos({.seconds = 253'402'300'799, .nanos = 999'999'999});
    bench.RateAt(std::to_string(i % 7), when);
  }
  CHECK(bench.kept() > events / 20);
  CHECK(bench.kept() < events / 4);
}

TEST_CASE("Save and Restore: the first window after a restart has the rates of the last before") {
  const SamplerSettings settings{.window = 15 * kSecond, .goal_rate = 10};
  Bench bench("ema", settings);
  bench.Send({{"a", 100}, {"b", 10}, {"c", 1}});
  bench.Wait(15 * kSecond);
  bench.Send({{"a", 1}});
  const SamplerState state = [&] {
    bench.Report();
    return bench.shared().Save();
  }();
  Bench after("ema", settings);
  REQUIRE(after.shared().Restore(state));
  CHECK(after.Rate("a") == 13);
  CHECK(after.Rate("b") == 3);
  CHECK(after.Rate("new") == 1);
  Bench other("total-throughput", settings);
  CHECK_FALSE(other.shared().Restore(state));
}

TEST_CASE("Workers on threads lose no count") {
  Bench bench("ema", {.window = kSecond, .goal_rate = 10}, 50);
  for (int i = 0; i < 3; ++i) bench.AddWorker();
  const int64_t begin = bench.now();
  std::vector<std::thread> threads;
  constexpr int kEvents = 20'000;
  for (size_t worker = 0; worker < 4; ++worker) {
    threads.emplace_back([&bench, begin, worker] {
      for (int64_t i = 0; i < kEvents; ++i) {
        LocalSampler& local = bench.worker(worker);
        local.Rate("key" + std::to_string(i % 120), begin + i * 1'000'000);
        local.Toss(Coin::kStratified, 0);
      }
      bench.worker(worker).Flush();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const SamplerReport report = bench.Report();
  CHECK(report.seen == 4 * kEvents);
  CHECK(report.kept > 0);
  CHECK(report.kept < report.seen);
}

}  // namespace
}  // namespace hctail
