// SPDX-License-Identifier: Apache-2.0
// grouping_bench [MEGABYTES]: what it costs to unwrap lines and to group them, and CSV; one thread,
// without encoding, as MB/s of the file.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "event/encode_json.h"
#include "parsers/parser.h"
#include "tests/bench/corpus.h"

namespace hctail::bench {
namespace {

constexpr int kRounds = 5;

class CountingSink final : public RecordSink {
 public:
  Event* NewEvent() override {
    event_.Clear();
    return &event_;
  }
  void Emit() override { ++events; }
  void Skip() override {}
  void Malformed(std::string_view, std::string_view) override { ++malformed; }
  void Complete(uint64_t) override {}

  size_t events = 0;
  size_t malformed = 0;

 private:
  Event event_;
};

double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

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
  std::string text;
  std::vector<size_t> ends;
  std::string line;
  while (text.size() < bytes) {
    line.clear();
    corpus.AppendLine(&line);
    text += c.make(std::string_view(line).substr(0, line.size() - 1), ends.size());
    ends.push_back(text.size());
    text += '\n';
  }
  text.append(kRecordPadding, '\0');
  OptionValues options;
  options.Set(c.option, {c.value});
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto parser = MakeFileParser(*FindParser(c.parser), {.options = options}, c.wrapper,
                                       {.path = "/var/log/pods/shop_web-7d4b-x2x_0f3c/app/2.log"});
    HC_CHECK(parser.has_value());
    CountingSink sink;
    const double start = CpuSeconds();
    size_t begin = 0;
    for (const size_t end : ends) {
      (*parser)->Take({.text = std::string_view(text).substr(begin, end - begin),
                       .begin = begin,
                       .end = end + 1,
                       .read_time = {}},
                      &sink);
      begin = end + 1;
    }
    (*parser)->OnPause(FileParser::Pause::kEnd, {}, begin, &sink);
    best = std::min(best, CpuSeconds() - start);
    HC_CHECK(sink.malformed == 0 && sink.events + 1 >= ends.size());
  }
  fmt::print("{:24} {:4.0f} B/line {:6.0f} MB/s {:6.2f} M lines/s\n", c.name,
             static_cast<double>(text.size()) / static_cast<double>(ends.size()),
             static_cast<double>(text.size()) / best / 1e6,
             static_cast<double>(ends.size()) / best / 1e6);
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 64;
  for (const auto& c : hctail::bench::kCases) hctail::bench::Run(c, megabytes << 20);
  return 0;
}
