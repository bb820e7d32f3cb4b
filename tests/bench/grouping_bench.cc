// SPDX-License-Identifier: Apache-2.0
// grouping_bench [MEGABYTES]: what it costs to unwrap lines and to group them, and CSV; one thread,
// without encoding, as MB/s of the file.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "event/encode_json.h"
#include "parsers/parser.h"
#include "tests/bench/corpus.h"
#include "tests/bench/lines.h"
#include "tests/bench/measure.h"

namespace hctail::bench {
namespace {

std::string Plain(std::string_view line, size_t) { return std::string(line); }

std::string Cri(std::string_view line, size_t number) {
  return fmt::format("2024-03-05T06:{:02}:{:02}.{:09}Z stdout F {}", number / 60000 % 60,
                     number / 1000 % 60, number % 1000 * 1000000, line);
}

std::string Docker(std::string_view line, size_t number) {
  std::string log;
  AppendJsonString(std::string(line) + "\n", &log);
  return fmt::format(R"({{"log":{},"stream":"stdout","time":"2024-03-05T06:{:02}:{:02}.{:09}Z"}})",
                     log, number / 60000 % 60, number / 1000 % 60, number % 1000 * 1000000);
}

// Nine values, of which one is in quotes.
std::string Csv(std::string_view, size_t number) {
  return number == 0
             ? "time,id,name,level,status,duration,path,note,bytes"
             : fmt::format(
                   "2024-03-05T06:07:08.{:03}Z,{},order-{},info,200,{}.25,"
                   "/api/orders/{},\"paid, \"\"sent\"\"\",{}",
                   number % 1000, number, number % 77, number % 900, number % 10007, number * 7);
}

struct Case {
  const char* name;
  const char* parser;
  const char* option;
  const char* value;
  Wrapper wrapper;
  std::string (*make)(std::string_view line, size_t number);
};
constexpr Case kCases[] = {
    {"json, each line", "json", "", "", Wrapper::kNone, Plain},
    {"json, multiline auto", "json", "multiline.preset", "auto", Wrapper::kNone, Plain},
    {"json, multiline start", "json", "multiline.start", "^[{]", Wrapper::kNone, Plain},
    {"json in cri", "json", "", "", Wrapper::kCri, Cri},
    {"json in cri, multiline", "json", "multiline.preset", "auto", Wrapper::kCri, Cri},
    {"json in docker", "json", "", "", Wrapper::kDocker, Docker},
    {"csv", "csv", "", "", Wrapper::kNone, Csv},
};

void Run(const Case& c, size_t bytes) {
  JsonCorpus corpus;
  std::string json;
  const Lines lines = Lines::Of(bytes, [&](size_t number) {
    json.clear();
    corpus.AppendLine(&json);
    return c.make(std::string_view(json).substr(0, json.size() - 1), number);
  });
  OptionValues options;
  options.Set(c.option, {c.value});
  const double seconds = Quickest([&] {
    const auto parser = MakeFileParser(*FindParser(c.parser), {.options = options}, c.wrapper,
                                       {.path = "/var/log/pods/shop_web-7d4b-x2x_0f3c/app/2.log"});
    HC_CHECK(parser.has_value());
    CountingSink sink;
    lines.GiveTo(**parser, &sink);
    HC_CHECK(sink.malformed == 0 && sink.events + 1 >= lines.count());
  });
  fmt::print("{:24} {}\n", c.name, lines.Rates(seconds));
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 64;
  for (const auto& c : hctail::bench::kCases) hctail::bench::Run(c, megabytes << 20);
  return 0;
}
