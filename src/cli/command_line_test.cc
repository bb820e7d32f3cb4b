// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "base/log.h"
#include "cli/flags.h"
#include "cli/honeytail_names.h"

namespace hctail {
namespace {

Result<CommandLine> Parse(std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv = {"hctail"};
  argv.insert(argv.end(), arguments);
  return ParseCommandLine(argv);
}

std::string ErrorOf(std::initializer_list<const char*> arguments) {
  const Result<CommandLine> line = Parse(arguments);
  return line ? "no error" : FormatLogMessage(Log::Level::kError, line.error());
}

TEST_CASE("ParseCommandLine: the ways to write an option and its value") {
  const struct {
    std::initializer_list<const char*> arguments;
    const char* name;
    const char* value;
  } kCases[] = {
      {{"--dataset", "x"}, "dataset", "x"},
      {{"--dataset=x"}, "dataset", "x"},
      {{"-d", "x"}, "dataset", "x"},
      {{"-dx"}, "dataset", "x"},
      {{"-d=x"}, "dataset", "x"},
      {{"-d", "=x"}, "dataset", "=x"},
      {{"--dataset=a=b"}, "dataset", "a=b"},
      {{"--dataset="}, "dataset", ""},
      {{"--dataset", ""}, "dataset", ""},
      {{"-d="}, "dataset", ""},
      {{"--dataset=-x"}, "dataset", "-x"},
      {{"--dataset=--x"}, "dataset", "--x"},
      {{"-d", "-5"}, "dataset", "-5"},
      {{"-f", "-"}, "file", "-"},
      {{"-f-"}, "file", "-"},
      {{"--file=-"}, "file", "-"},
      {{"-d", R"("a\tb")"}, "dataset", "a\tb"},
      {{"-d", "'a b'"}, "dataset", "'a b'"},
      {{"-d", "[a,b]"}, "dataset", "[a,b]"},
      {{"-d", "a", "-d", "b"}, "dataset", "b"},
      {{"-d", "state"}, "dataset", "state"},
      {{"--tail.read_from", "end"}, "tail.read-from", "end"},
      {{"--tail.read-from=end"}, "tail.read-from", "end"},
      {{"--api_host=https://x:1/"}, "api-host", "https://x:1/"},
      {{"--backfill"}, "backfill", "true"},
      {{"-hV"}, "version", "true"},
      {{"--list"}, "list-parsers", "true"},
  };
  for (const auto& c : kCases) {
    CAPTURE(*c.arguments.begin());
    const Result<CommandLine> line = Parse(c.arguments);
    if (!line) FAIL(line.error().message);
    CHECK(line->values.Has(c.name));
    CHECK(line->values.Get(c.name) == c.value);
    CHECK(line->words.empty());
  }
}

TEST_CASE("ParseCommandLine: a repeated option keeps all values in their order") {
  const Result<CommandLine> line = Parse({"-f", "a", "--dataset", "d", "--file=b", "-fc"});
  REQUIRE(line.has_value());
  CHECK(line->values.All("file") == std::vector<std::string>{"a", "b", "c"});
  CHECK(line->values.Origin("file") == "--file");
}

TEST_CASE("ParseCommandLine: every honeytail name that is built is accepted") {
  for (const HoneytailOption& option : HoneytailOptions()) {
    const OptionSpec* spec = FindOption(option.name);
    if (spec == nullptr) continue;
    const std::string name = "--" + std::string(option.name);
    CAPTURE(name);
    const bool flag = spec->type == OptionSpec::Type::kFlag;
    const Result<CommandLine> line = flag ? Parse({name.c_str()}) : Parse({name.c_str(), "1"});
    REQUIRE(line.has_value());
    CHECK(line->values.Has(spec->name));
  }
}

TEST_CASE("ParseCommandLine: words that are no option are kept for commands") {
  const Result<CommandLine> line = Parse({"state", "--state-dir", "x", "show"});
  REQUIRE(line.has_value());
  CHECK(line->words == std::vector<std::string>{"state", "show"});
}

TEST_CASE("ParseCommandLine: help and version win over mistakes, and -h is not --help") {
  REQUIRE(Parse({"--nonsense", "-h"}).has_value());
  CHECK(Parse({"--nonsense", "-h"})->short_help);
  CHECK_FALSE(Parse({"-h", "--help"})->short_help);
  CHECK(Parse({"--help"})->values.Has("help"));
  CHECK(Parse({"-V", "-f"})->values.Has("version"));
}

TEST_CASE("ParseCommandLine: errors") {
  const struct {
    std::initializer_list<const char*> arguments;
    const char* text;
  } kCases[] = {
      {{"--fiel", "a"},
       "hctail: error: unknown option '--fiel'; did you mean '--file'?\n"
       "  Run 'hctail --help' for all options.\n"},
      {{"--write_key=secret"},
       "hctail: error: unknown option '--write_key'; did you mean '--writekey'?\n"
       "  Run 'hctail --help' for all options.\n"},
      {{"--xyzzy"},
       "hctail: error: unknown option '--xyzzy'\n"
       "  Run 'hctail --help' for all options.\n"},
      {{"-Zsecret"},
       "hctail: error: unknown option '-Z'\n"
       "  Run 'hctail --help' for all options.\n"},
      {{"--scrub_field", "user"},
       "hctail: error: --scrub_field is not built yet\n"
       "  hctail sends events as they were parsed so far; remove the option to do so.\n"},
      {{"--config_yaml=x.yaml"},
       "hctail: error: --config_yaml is not built yet\n"
       "  hctail reads options from the command line and from -c FILE (INI).\n"},
      {{"-f"},
       "hctail: error: --file has no value\n"
       "  Write '--file FILE', or '--file=FILE' if the value begins with '-'.\n"},
      {{"-d", "-f", "x"},
       "hctail: error: --dataset has no value\n"
       "  Write '--dataset NAME', or '--dataset=NAME' if the value begins with '-'.\n"},
      {{"--debug=false"},
       "hctail: error: --debug takes no value\n"
       "  Write '--debug' to turn it on, or leave it out.\n"},
      {{"-d", "\"open"},
       "hctail: error: the value of --dataset begins with '\"' but is no quoted string\n"
       "  Close the quotes, and write a backslash as \\\\.\n"},
  };
  for (const auto& c : kCases) CHECK(ErrorOf(c.arguments) == c.text);
}

}  // namespace
}  // namespace hctail
