// SPDX-License-Identifier: Apache-2.0
#include "cli/invocation.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "base/log.h"
#include "cli/help.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using Kind = Invocation::Kind;

Result<Invocation> Parse(std::initializer_list<std::string_view> arguments) {
  std::vector<std::string> owned = {"hctail"};
  for (const std::string_view argument : arguments) owned.emplace_back(argument);
  std::vector<const char*> argv;
  argv.reserve(owned.size());
  for (const std::string& argument : owned) argv.push_back(argument.c_str());
  Environment environment;
  environment.variables["HOME"] = "/home/me";
  return ParseInvocation(argv, environment);
}

std::string ErrorOf(std::initializer_list<std::string_view> arguments) {
  const Result<Invocation> invocation = Parse(arguments);
  return invocation ? "no error" : FormatLogMessage(Log::Level::kError, invocation.error());
}

TEST_CASE("ParseInvocation: texts are printed without looking at other options") {
  const struct {
    std::initializer_list<std::string_view> arguments;
    std::string text;
  } kCases[] = {
      {{"-V"}, VersionText()},
      {{"-h"}, ShortHelp()},
      {{"--help", "-p", "x"}, FullHelp()},
      {{"--list-parsers"}, ParserList()},
      {{"-l", "--poolsize", "x"}, ParserList()},
      {{"help"}, FullHelp()},
      {{"help", "bash"}, BashCompletion()},
      {{"-hV"}, VersionText()},
  };
  for (const auto& c : kCases) {
    const Result<Invocation> invocation = Parse(c.arguments);
    REQUIRE(invocation.has_value());
    CHECK(invocation->kind == Kind::kPrint);
    CHECK(invocation->text == c.text);
  }
}

TEST_CASE("ParseInvocation: a honeytail command line works unchanged") {
  const Result<Invocation> invocation = Parse({"-p",
                                               "json",
                                               "-k",
                                               "key",
                                               "-f",
                                               "/var/log/*.log",
                                               "-f",
                                               "-",
                                               "-d",
                                               "my data",
                                               "-P",
                                               "80",
                                               "--api_host=https://api.example.com/",
                                               "--send_frequency_ms",
                                               "250",
                                               "--send_batch_size=100",
                                               "--status_interval",
                                               "30",
                                               "--tail.read_from=beginning",
                                               "--tail.stop",
                                               "--backoff",
                                               "-F",
                                               "*.gz",
                                               "--localtime",
                                               "-r",
                                               "1"});
  if (!invocation) FAIL(invocation.error().message);
  CHECK(invocation->command == Command::kRun);
  const Options& options = invocation->options;
  CHECK(options.parser == "json");
  CHECK(options.write_key == "key");
  CHECK(options.files == std::vector<std::string>{"/var/log/*.log", "-"});
  CHECK(options.filters == std::vector<std::string>{"*.gz"});
  CHECK(options.dataset == "my data");
  CHECK(options.poolsize == 80);
  CHECK(options.api_host.url == "https://api.example.com");
  CHECK(options.send_frequency == std::chrono::milliseconds(250));
  CHECK(options.send_batch_size == 100);
  CHECK(options.status_interval == std::chrono::seconds(30));
  CHECK(options.stop);
  CHECK(options.localtime);
}

TEST_CASE("ParseInvocation: the command line wins over the config file") {
  const testing::TempDir dir;
  const std::string path = dir.Write("hctail.conf",
                                     "[Required Options]\nParserName = json\nLogFiles = a\n"
                                     "LogFiles = b\nDataset = from-file\nWriteKey = k\n");
  const Result<Invocation> invocation = Parse({"-c", path, "-d", "typed"});
  if (!invocation) FAIL(invocation.error().message);
  CHECK(invocation->options.dataset == "typed");
  CHECK(invocation->options.files == std::vector<std::string>{"a", "b"});
  CHECK(invocation->options.write_key_origin == path + ":6");
}

TEST_CASE("ParseInvocation: a bad value in a config file is told with its line") {
  const testing::TempDir dir;
  const std::string path = dir.Write("hctail.conf", "file = a\nNumSenders = many\n");
  CHECK(ErrorOf({"-c", path}) == "hctail: error: 'many' is not a whole number (from " + path +
                                     ":2)\n  --poolsize takes a whole number from 1 to 256.\n");
  CHECK(ErrorOf({"-c", dir.File("none")}) == "hctail: error: cannot read '" + dir.File("none") +
                                                 "': no such file or directory (from --config)\n");
}

TEST_CASE("ParseInvocation: state show needs only a state directory") {
  const Result<Invocation> invocation = Parse({"state", "show", "--state-dir", "/s"});
  REQUIRE(invocation.has_value());
  CHECK(invocation->command == Command::kStateShow);
  CHECK(invocation->options.state_dir == "/s");
}

TEST_CASE("ParseInvocation: a command's words and its own options") {
  const Result<Invocation> forget = Parse({"state", "forget", "/a.log", "/b*.log"});
  REQUIRE(forget.has_value());
  CHECK(forget->command == Command::kStateForget);
  CHECK(forget->arguments == std::vector<std::string>{"/a.log", "/b*.log"});
  const Result<Invocation> replay = Parse({"replay", "letters", "-p", "nginx"});
  REQUIRE(replay.has_value());
  CHECK(replay->command == Command::kReplay);
  CHECK(replay->arguments == std::vector<std::string>{"letters"});
  const Result<Invocation> check = Parse({"--repair", "state", "check"});
  REQUIRE(check.has_value());
  CHECK(check->command == Command::kStateCheck);
  CHECK(check->options.repair);
}

TEST_CASE("ParseInvocation: check takes files as words, and tells all that is wrong") {
  const Result<Invocation> invocation =
      Parse({"check", "a.log", "-f", "b.log", "--poolsize", "x", "--dataset", "", "--lines", "7"});
  REQUIRE(invocation.has_value());
  CHECK(invocation->command == Command::kCheck);
  CHECK(invocation->options.files == std::vector<std::string>{"b.log", "a.log"});
  CHECK(invocation->arguments == std::vector<std::string>{"a.log"});
  REQUIRE(invocation->problems.size() == 2);
  CHECK(invocation->problems[0].message == "'x' is not a whole number (from --poolsize)");
  CHECK(invocation->problems[1].message == "the name of the dataset is empty (from --dataset)");
  CHECK(invocation->own.Get("lines") == "7");
  CHECK(invocation->own.Get("color") == "auto");
  CHECK_FALSE(invocation->own.Has("online"));
}

TEST_CASE("ParseInvocation: check's options are no other command's") {
  CHECK(ErrorOf({"-f", "a.log", "--online"}) ==
        "hctail: error: --online is an option of 'hctail check'\n");
}

TEST_CASE("ParseInvocation: words that are no command") {
  const struct {
    std::initializer_list<std::string_view> arguments;
    const char* text;
  } kCases[] = {
      {{"app.log"},
       "hctail: error: unexpected argument 'app.log'\n"
       "  To read a file, write 'hctail -f app.log'.\n"},
      {{"-f", "a.log", "b.log"},
       "hctail: error: unexpected argument 'b.log'\n"
       "  Each file needs its own -f; quote a glob so that hctail expands it: -f '*.log'.\n"},
      {{"sate", "show"},
       "hctail: error: unknown command 'sate'; did you mean 'state'?\n"
       "  Commands are 'check', 'state show', 'state check', 'state forget', 'replay' and "
       "'help'.\n"},
      {{"state", "shwo"},
       "hctail: error: unknown command 'state shwo'; did you mean 'state show'?\n"
       "  Commands are 'check', 'state show', 'state check', 'state forget', 'replay' and "
       "'help'.\n"},
      {{"state", "show", "app.log"},
       "hctail: error: 'hctail state show' takes no argument: 'app.log'\n"},
      {{"state"},
       "hctail: error: unknown command 'state'\n"
       "  Commands are 'check', 'state show', 'state check', 'state forget', 'replay' and "
       "'help'.\n"},
      {{"replay"}, "hctail: error: 'hctail replay' needs FILE\n  Write 'hctail replay FILE...'.\n"},
      {{"replay", "a", "-f", "b"},
       "hctail: error: 'hctail replay' takes its files without -f\n"
       "  Write 'hctail replay FILE...'.\n"},
      {{"state", "forget"},
       "hctail: error: 'hctail state forget' needs PATH\n"
       "  Write 'hctail state forget PATH...'.\n"},
      {{"state", "show", "--repair"},
       "hctail: error: --repair is an option of 'hctail state check'\n"},
      {{"-f", "a.log", "--json"}, "hctail: error: --json is an option of 'hctail check'\n"},
      {{"help", "zsh"},
       "hctail: error: there is no help on 'zsh'\n"
       "  Topics are man-options, man-parsers and bash; 'hctail --help' shows all options.\n"},
      {{},
       "hctail: error: there is no file to read\n"
       "  Name one with -f FILE, or read standard input with -f -.\n"},
  };
  for (const auto& c : kCases) CHECK(ErrorOf(c.arguments) == c.text);
}

}  // namespace
}  // namespace hctail
