// SPDX-License-Identifier: Apache-2.0
// sample_bench [MILLIONS]: sampling decisions a second on one thread, and their ratio to the
// simplest thing that could be called sampling, measured in turn with them: a std::unordered_map
// from key to rate behind a mutex, and rand().  The rows:
//
//   map + rand       the floor: look the key up, count it, draw
//   decide, KEY      LocalSampler alone, the key is given
//   policy, ...      SamplingWorker::Decide on an event of 15 fields, key building and all
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "sample/local_sampler.h"
#include "sample/sample_options.h"
#include "sample/sampling_policy.h"

namespace hctail::bench {
namespace {

constexpr int kRounds = 5;
constexpr size_t kKeys = 200;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBetween = 100'000;  // 10,000 events a second: 150,000 in ema's window

// Some data whose key follows Zipf's law.
struct Stream {
  std::vector<std::string> names;
  std::vector<uint32_t> order;

  Stream(size_t keys, uint64_t seed) {
    Random random(seed);
    std::vector<double> sum;
    double total = 0;
    for (size_t i = 0; i < keys; ++i) {
      names.push_back(fmt::format("/api/v1/endpoint/{}\u2022{}", i, 200 + i % 5 * 100));
      sum.push_back(total += 1.0 / static_cast<double>(i + 1));
    }
    for (int i = 0; i < 1 << 16; ++i) {
      const auto at = std::ranges::upper_bound(sum, random.Fraction() * total);
      order.push_back(static_cast<uint32_t>(at - sum.begin()));
    }
  }
};

struct Row {
  std::string name;
  std::function<uint64_t(uint64_t events)> run;  // returns how many are kept
  std::vector<double> seconds = {};
  double kept = 0;
};

uint64_t MapAndRand(const Stream& stream, uint64_t events) {
  static std::unordered_map<std::string, std::pair<uint64_t, int>> rates;
  static std::mutex mutex;
  uint64_t kept = 0;
  for (uint64_t i = 0; i < events; ++i) {
    const std::lock_guard lock(mutex);
    auto& [count, rate] = rates[stream.names[stream.order[i & 0xFFFF]]];
    if (rate == 0) rate = 20;
    ++count;
    kept += std::rand() % rate == 0 ? 1 : 0;
  }
  return kept;
}

uint64_t Local(const Stream& stream, std::string_view algorithm, Coin coin, uint64_t events) {
  const SamplerSettings settings{.goal_rate = 20, .goal_per_second = 500};
  auto shared = std::make_shared<SharedSampler>(MakeSampler(algorithm, settings), 500);
  LocalSampler local(shared, 1);
  uint64_t kept = 0;
  int64_t when = 1'700'000'000 * kSecond;
  for (uint64_t i = 0; i < events; ++i, when += kBetween) {
    local.Rate(stream.names[stream.order[i & 0xFFFF]], when);
    kept += local.Toss(coin, 0) ? 1 : 0;
  }
  return kept;
}

// An access-log line as a JSON parser leaves it.
struct Line {
  std::vector<std::string> texts;
  Event event;
};

std::vector<Line> MakeLines(const Stream& stream) {
  std::vector<Line> lines(1024);
  for (size_t i = 0; i < lines.size(); ++i) {
    Line& line = lines[i];
    const uint32_t key = stream.order[i];
    line.texts = {fmt::format("\"/api/v1/endpoint/{}\"", key),
                  fmt::format("{}", 200 + key % 5 * 100),
                  fmt::format("{{\"id\":\"u{}\",\"plan\":\"free\"}}", i)};
    for (const char* name : {"time", "level", "service", "host", "msg", "trace_id"}) {
      line.event.Add(name, Value::RawJson("\"something of a value\""));
    }
    line.event.Add("path", Value::RawJson(line.texts[0]));
    line.event.Add("status", Value::RawJson(line.texts[1]));
    line.event.Add("user", Value::RawJson(line.texts[2]));
    for (const char* name : {"bytes", "duration_ms", "retries", "pid", "cpu", "ok"}) {
      line.event.Add(name, Value::RawJson("12.5"));
    }
  }
  return lines;
}

uint64_t Policy(const std::vector<Line>& lines, const OptionValues& values, uint64_t events) {
  SamplingPolicy policy(*MakeSampleConfig(values), 1);
  const auto worker = policy.NewWorker();
  uint64_t kept = 0;
  for (uint64_t i = 0; i < events; ++i) {
    const auto nanos = static_cast<int64_t>(i) * kBetween;
    const Timestamp when{1'700'000'000 + nanos / kSecond, static_cast<int32_t>(nanos % kSecond)};
    const Decision decision = worker->Decide("app", lines[i % lines.size()].event, when);
    kept += decision.outcome == Decision::Outcome::kKeep ? 1 : 0;
  }
  return kept;
}

OptionValues Options(std::vector<std::string> fields, std::string_view sampler) {
  OptionValues values;
  values.Set("samplerate", {"20"});
  values.Set("dynsampling", std::move(fields));
  values.Set("sampler", {std::string(sampler)});
  return values;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Run(uint64_t events) {
  const Stream few(kKeys, 1);
  const Stream many(200'000, 2);
  const std::vector<Line> lines = MakeLines(few);
  OptionValues rules = Options({"path", "status"}, "ema");
  rules.Set("keep-all-if", {"status >= 900 or error exists"});
  std::vector<Row> rows = {
      {"map + rand", [&](uint64_t n) { return MapAndRand(few, n); }},
      {"decide, static", [&](uint64_t n) { return Local(few, "static", Coin::kRandom, n); }},
      {"decide, ema, random", [&](uint64_t n) { return Local(few, "ema", Coin::kRandom, n); }},
      {"decide, ema, stratified",
       [&](uint64_t n) { return Local(few, "ema", Coin::kStratified, n); }},
      {"decide, avg", [&](uint64_t n) { return Local(few, "avg", Coin::kStratified, n); }},
      {"decide, windowed",
       [&](uint64_t n) { return Local(few, "windowed-throughput", Coin::kStratified, n); }},
      {"decide, ema, 200,000 keys",
       [&](uint64_t n) { return Local(many, "ema", Coin::kStratified, n); }},
      {"policy, ema, path and status",
       [&](uint64_t n) { return Policy(lines, Options({"path", "status"}, "ema"), n); }},
      {"policy, ema, user.plan and status:hundreds",
       [&](uint64_t n) {
         return Policy(lines, Options({"user.plan", "status:hundreds"}, "ema"), n);
       }},
      {"policy, ema and a rule", [&](uint64_t n) { return Policy(lines, rules, n); }},
  };
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) {
      const std::clock_t start = std::clock();  // of this thread alone: the machine may be busy
      const uint64_t kept = row.run(events);
      row.seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
      row.kept = static_cast<double>(kept) / static_cast<double>(events);
    }
  }
  const double floor = Median(rows.front().seconds);
  fmt::print("{:44} {:>12} {:>8} {:>9} {:>8}\n", "", "decisions/s", "ns each", "vs. map", "1 in");
  for (const Row& row : rows) {
    const double seconds = Median(row.seconds);
    fmt::print("{:44} {:>10.1f} M {:>8.1f} {:>8.2f}x {:>8.1f}\n", row.name,
               static_cast<double>(events) / seconds / 1e6,
               seconds / static_cast<double>(events) * 1e9, floor / seconds, 1 / row.kept);
  }
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  hctail::bench::Run((argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 4) * 1'000'000);
}
