// SPDX-License-Identifier: Apache-2.0
// transcript_bench [MEGABYTES]: PowerShell transcripts through their parser on one thread, as MB/s
// of input a CPU second and events a second.  The best of several rounds counts.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "parsers/parser.h"
#include "tests/bench/lines.h"
#include "tests/bench/measure.h"

namespace hctail::bench {
namespace {

constexpr std::string_view kSeparator = "**********************\n";

std::string Header(size_t session) {
  return fmt::format(
      "{}PowerShell transcript start\nStart time: 20240305{:02}{:02}00\nUsername: CORP\\ada\n"
      "RunAs User: CORP\\ada\nConfiguration Name: \nMachine: BUILD01 (Microsoft Windows NT 10.0)\n"
      "Host Application: C:\\Program Files\\PowerShell\\7\\pwsh.dll\nProcess ID: {}\n"
      "PSVersion: 7.4.1\nPSEdition: Core\nGitCommitId: 7.4.1\n{}",
      kSeparator, session / 60 % 24, session % 60, 1000 + session, kSeparator);
}

// What commands print, in lines of some 50 bytes.
void AddOutput(Random& random, size_t lines, std::string* text) {
  for (size_t i = 0; i < lines; ++i) {
    switch (random.Below(5)) {
      case 0:
        *text += fmt::format("-a----         9/26/2022   3:18 PM         {:8} report-{}.txt\n",
                             random.Below(1000000), random.Below(1000));
        break;
      case 1:
        *text += "    Finished `dev` profile [unoptimized + debuginfo] target(s) in 1.57s\n";
        break;
      case 2:
        *text += fmt::format("id={} source=Sample title=Sample Rules (Test)\n", random.Below(1000));
        break;
      case 3:
        *text += "Status: everything is fine and https://example.com/ was reached\n";
        break;
      default:
        *text += '\n';
    }
  }
}

// An interactive session: short outputs, now and then an error, twice.
std::string Interactive(size_t bytes) {
  Random random(20240305);
  std::string text;
  for (size_t session = 0; text.size() < bytes; ++session) {
    text += Header(session);
    for (size_t i = 0; i < 40; ++i) {
      if (session % 2 == 0) {
        text += fmt::format("{0}Command start time: 202403051200{1:02}\n{0}", kSeparator, i);
      }
      text += fmt::format("PS C:\\work\\project> Get-ChildItem -Path C:\\work -Filter *.{}\n", i);
      if (i % 10 == 9) {
        for (int twice = 0; twice < 2; ++twice) {
          text += "Get-ChildItem: Cannot find path 'C:\\work' because it does not exist.\n";
        }
      } else {
        AddOutput(random, 2 + random.Below(20), &text);
      }
    }
    text += fmt::format("{0}PowerShell transcript end\nEnd time: 20240305235959\n{0}", kSeparator);
  }
  return text;
}

// Builds that print much.
std::string LongOutput(size_t bytes) {
  Random random(20240306);
  std::string text = Header(0);
  while (text.size() < bytes) {
    text += "PS C:\\work\\project> ./build.ps1\n";
    AddOutput(random, 20000, &text);
  }
  return text;
}

// Every command prints a word that makes the rules for secrets look closer.
std::string Secrets(size_t bytes) {
  Random random(20240307);
  std::string text = Header(0);
  while (text.size() < bytes) {
    text += "PS C:\\work\\project> ./login.ps1 -Token abc\ntoken: abc\n";
    AddOutput(random, 100, &text);
  }
  return text;
}

std::string ModuleLogging(size_t bytes) {
  std::string text = Header(0);
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += fmt::format(
        "PS>CommandInvocation(Get-Item): \"Get-Item\"\n"
        ">> ParameterBinding(Get-Item): name=\"Path\"; value=\"C:\\work\\file-{}.txt\"\n"
        ">> ParameterBinding(Get-Item): name=\"ErrorAction\"; value=\"Stop\"\n"
        ">> CommandInvocation(Select-Object): \"Select-Object\"\n"
        ">> ParameterBinding(Select-Object): name=\"Property\"; value=\"Name, Length\"\n\n",
        i);
  }
  return text;
}

void Run(const char* name, std::string text) {
  const Lines lines(std::move(text));
  const OptionValues options;
  const ParserSpec* const spec = FindParser("transcript");
  size_t events = 0;
  const double seconds = Quickest([&] {
    const auto parser = spec->create_for_file({.options = options}, {.path = "t.txt"});
    HC_CHECK(parser.has_value());
    CountingSink sink;
    lines.GiveTo(**parser, &sink);
    events = sink.events;
  });
  fmt::print("{:16} {} {:8.0f} events/s\n", name, lines.Rates(seconds),
             static_cast<double>(events) / seconds);
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  using namespace hctail::bench;
  const size_t bytes = (argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 64) << 20;
  Run("interactive", Interactive(bytes));
  Run("long output", LongOutput(bytes));
  Run("module logging", ModuleLogging(bytes));
  Run("secrets", Secrets(bytes));
  return 0;
}
