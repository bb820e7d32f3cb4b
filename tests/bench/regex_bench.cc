// SPDX-License-Identifier: Apache-2.0
// regex_bench [MEGABYTES]: application log lines through patterns on one thread, as MB/s of input
// and lines a second.  The best of several rounds counts.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "parsers/parser.h"
#include "tests/bench/lines.h"
#include "tests/bench/measure.h"

namespace hctail::bench {
namespace {

constexpr std::string_view kMessages[] = {
    "Successfully processed request in the order pipeline, took 12 ms",
    "Send worker leaving thread",
    "Connection broken for id 188978561024, my id = 1, error = connection reset by peer",
    "Received block blk_3587508140051953248 of size 67108864 from /10.251.42.84",
};

struct Case {
  const char* name;
  std::vector<std::string> patterns;
};

const Case kCases[] = {
    {"five groups",
     {R"(^(?P<time>\S+ \S+) (?P<level>\w+) \[(?P<thread>[^\]]+)\] (?P<class>\S+) - (?P<message>.*)$)"}},
    {"five groups, lazy",
     {R"((?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*) (?P<level>\w+) \[(?P<thread>.*?)\] (?P<class>.*?) - (?P<message>.*))"}},
    {"five groups, grok",
     {R"(^%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} \[%{DATA:thread}\] %{JAVACLASS:class} - %{GREEDYDATA:message}$)"}},
    {"the second of two",
     {R"(^(?P<ip>\d+\.\d+\.\d+\.\d+) (?P<rest>.*)$)",
      R"(^(?P<time>\S+ \S+) (?P<level>\w+) \[(?P<thread>[^\]]+)\] (?P<class>\S+) - (?P<message>.*)$)"}},
};

void Run(const Case& c, const Lines& lines) {
  OptionValues options;
  options.Set("regex.line-regex", c.patterns);
  const auto parser = FindParser("regex")->create({.options = options});
  HC_CHECK(parser.has_value());
  const double seconds = Quickest([&] {
    lines.GiveTo(**parser, [](const Parsed& parsed, const Event& event) {
      HC_CHECK(parsed.outcome == Parsed::Outcome::kEvent && event.time);
    });
  });
  fmt::print("{:20} {}\n", c.name, lines.Rates(seconds));
}

void RunAll(size_t bytes) {
  Random random(20240305);
  const Lines lines = Lines::Of(bytes, [&](size_t line) {
    return fmt::format(
        "2024-03-05 {:02}:{:02}:{:02}.{:03} {} [pool-{}-thread-{}] "
        "com.example.shop.orders.OrderService - {}",
        line / 3600000 % 24, line / 60000 % 60, line / 1000 % 60, line % 1000,
        random.Below(20) == 0 ? "WARN" : "INFO", random.Below(4), random.Below(16),
        kMessages[random.Below(std::size(kMessages))]);
  });
  for (const Case& c : kCases) Run(c, lines);
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 32;
  hctail::bench::RunAll(megabytes << 20);
  return 0;
}
