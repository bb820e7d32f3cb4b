// SPDX-License-Identifier: Apache-2.0
// regex_bench [MEGABYTES]: application log lines through patterns on one thread, as MB/s of input
// and lines a second.  The best of several rounds counts.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "event/event.h"
#include "parsers/parser.h"

namespace hctail::bench {
namespace {

constexpr int kRounds = 5;

// Of this thread, so that other programs do not count.
double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

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

void Run(const Case& c, const std::string& text, const std::vector<size_t>& ends) {
  OptionValues options;
  options.Set("regex.line-regex", c.patterns);
  const auto parser = FindParser("regex")->create({.options = options});
  HC_CHECK(parser.has_value());
  double best = 1e9;
  Event event;
  for (int round = 0; round < kRounds; ++round) {
    const double start = CpuSeconds();
    size_t begin = 0;
    for (const size_t end : ends) {
      event.Clear();
      const Parsed parsed =
          (*parser)->Parse(std::string_view(text).substr(begin, end - begin), &event);
      HC_CHECK(parsed.outcome == Parsed::Outcome::kEvent && event.time);
      begin = end + 1;
    }
    best = std::min(best, CpuSeconds() - start);
  }
  fmt::print("{:20} {:4.0f} B/line {:6.0f} MB/s {:6.2f} M lines/s\n", c.name,
             static_cast<double>(text.size()) / static_cast<double>(ends.size()),
             static_cast<double>(text.size()) / best / 1e6,
             static_cast<double>(ends.size()) / best / 1e6);
}

void RunAll(size_t bytes) {
  Random random(20240305);
  std::string text;
  std::vector<size_t> ends;
  while (text.size() < bytes) {
    const size_t line = ends.size();
    text += fmt::format(
        "2024-03-05 {:02}:{:02}:{:02}.{:03} {} [pool-{}-thread-{}] "
        "com.example.shop.orders.OrderService - {}",
        line / 3600000 % 24, line / 60000 % 60, line / 1000 % 60, line % 1000,
        random.Below(20) == 0 ? "WARN" : "INFO", random.Below(4), random.Below(16),
        kMessages[random.Below(std::size(kMessages))]);
    ends.push_back(text.size());
    text += '\n';
  }
  text.append(kRecordPadding, '\0');
  for (const Case& c : kCases) Run(c, text, ends);
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 32;
  hctail::bench::RunAll(megabytes << 20);
  return 0;
}
