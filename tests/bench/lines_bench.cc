// SPDX-License-Identifier: Apache-2.0
// lines_bench [MEGABYTES]: lines of access and error logs, logfmt and syslog through their parsers
// on one thread, as MB/s of input a CPU second and lines a second.  The best of several rounds
// counts.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "base/check.h"
#include "base/random.h"
#include "parsers/parser.h"
#include "tests/bench/lines.h"
#include "tests/bench/measure.h"

namespace hctail::bench {
namespace {

constexpr std::string_view kPaths[] = {
    "/", "/shop/items?page=2&sort=price", "/static/app.3f2a1c.js",
    "/api/v1/orders/184467?expand=lines", "/caf\\xC3\\xA9/menu.html"};
constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/122.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.3 Mobile/15E148 Safari/604.1",
    "curl/8.5.0"};

std::string Combined(Random& random, size_t line) {
  return fmt::format(
      "203.0.{}.{} - - [05/Mar/2024:{:02}:{:02}:{:02} +0000] \"GET {} HTTP/1.1\" {} {} \"{}\" "
      "\"{}\"",
      random.Below(256), random.Below(256), line / 360000 % 24, line / 6000 % 60, line / 100 % 60,
      kPaths[random.Below(std::size(kPaths))], random.Below(20) == 0 ? 404 : 200,
      random.Below(100000), random.Below(2) == 0 ? "-" : "https://www.example.com/shop/index.html",
      kAgents[random.Below(std::size(kAgents))]);
}

std::string Ingress(Random& random, size_t line) {
  return Combined(random, line) +
         fmt::format(
             " {} 0.{:03} [prod-shop-80] [] 10.42.0.{}:8080 {} 0.{:03} 200 "
             "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
             random.Below(1000), random.Below(1000), random.Below(256), random.Below(100000),
             random.Below(1000));
}

std::string Error(Random& random, size_t line) {
  return fmt::format(
      "2024/03/05 {:02}:{:02}:{:02} [error] 22#22: *{} connect() failed (111: Connection refused) "
      "while connecting to upstream, client: 203.0.113.{}, server: www.example.com, request: "
      "\"GET {} HTTP/1.1\", upstream: \"http://10.0.0.3:5601/\", host: \"www.example.com\"",
      line / 360000 % 24, line / 6000 % 60, line / 100 % 60, line, random.Below(256),
      kPaths[random.Below(std::size(kPaths))]);
}

std::string Logfmt(Random& random, size_t line) {
  return fmt::format(
      "ts=2024-03-05T{:02}:{:02}:{:02}.{:03}Z level={} caller=table.go:{} msg=\"handing over "
      "indexes "
      "to shipper\" table=index_{} status={} duration={}.{:03}ms traceID=0f1e2d3c{:08x}",
      line / 360000 % 24, line / 6000 % 60, line / 100 % 60, random.Below(1000),
      random.Below(20) == 0 ? "error" : "info", random.Below(1000), random.Below(20000),
      random.Below(20) == 0 ? 500 : 200, random.Below(1000), random.Below(1000),
      random.Below(1U << 31));
}

std::string Syslog3164(Random& random, size_t line) {
  return fmt::format(
      "Mar  5 {:02}:{:02}:{:02} web-{} sshd[{}]: Failed password for invalid user admin from "
      "203.0.113.{} port {} ssh2",
      line / 360000 % 24, line / 6000 % 60, line / 100 % 60, random.Below(10), random.Below(32768),
      random.Below(256), random.Below(65536));
}

std::string Syslog5424(Random& random, size_t line) {
  return fmt::format(
      "<165>1 2024-03-05T{:02}:{:02}:{:02}.{:03}Z web-{}.example.com app {} ID{} "
      "[origin@32473 ip=\"203.0.113.{}\" queue=\"mail\"] delivered in {} ms",
      line / 360000 % 24, line / 6000 % 60, line / 100 % 60, random.Below(1000), random.Below(10),
      random.Below(32768), random.Below(100), random.Below(256), random.Below(1000));
}

struct Case {
  const char* parser;
  const char* format;
  std::string (*make)(Random& random, size_t line);
};
constexpr Case kCases[] = {
    {"nginx", "combined", Combined},     {"nginx", "auto", Combined},
    {"nginx", "ingress-nginx", Ingress}, {"nginx", "auto", Ingress},
    {"nginx-error", "", Error},          {"keyval", "", Logfmt},
    {"syslog", "", Syslog3164},          {"syslog", "", Syslog5424},
};

void Run(const Case& c, size_t bytes) {
  Random random(20240305);
  const Lines lines = Lines::Of(bytes, [&](size_t number) { return c.make(random, number); });
  OptionValues options;
  options.Set("nginx.format", {c.format});
  const auto parser = FindParser(c.parser)->create({.options = options});
  HC_CHECK(parser.has_value());
  const double seconds = Quickest([&] {
    lines.GiveTo(**parser, [](const Parsed& parsed, const Event&) {
      HC_CHECK(parsed.outcome == Parsed::Outcome::kEvent);
    });
  });
  fmt::print("{:12} {:14} {}\n", c.parser, c.format, lines.Rates(seconds));
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 64;
  for (const auto& c : hctail::bench::kCases) hctail::bench::Run(c, megabytes << 20);
  return 0;
}
