// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/log.h"
#include "cli/flags.h"

namespace hctail {
namespace {

std::string ErrorOf(std::string_view text) {
  const Result<OptionValues> values = ParseConfigFile("/etc/hctail.conf", text);
  return values ? "no error" : FormatLogMessage(Log::Level::kError, values.error());
}

TEST_CASE("ParseConfigFile: the ways to write a key") {
  const struct {
    const char* text;
    const char* option;
    const char* value;
  } kCases[] = {
      {"dataset = d", "dataset", "d"},
      {"Dataset=d", "dataset", "d"},
      {"d = d", "dataset", "d"},
      {"  dataset  =  a b  \r", "dataset", "a b"},
      {"\xEF\xBB\xBF"
       "dataset = d",
       "dataset", "d"},
      {"dataset = \"a\\tb\"", "dataset", "a\tb"},
      {"dataset = 'd'", "dataset", "'d'"},
      {"dataset = a # no comment", "dataset", "a # no comment"},
      {"dataset = a=b", "dataset", "a=b"},
      {"; c\n# c\n\ndataset = d", "dataset", "d"},
      {"api-host = u", "api-host", "u"},
      {"api_host = u", "api-host", "u"},
      {"APIHost = u", "api-host", "u"},
      {"BatchFrequencyMs = 7", "send-frequency-ms", "7"},
      {"[Required Options]\nParserName = json", "parser", "json"},
      {"[application options]\nReadFrom = end", "tail.read-from", "end"},
      {"tail.read_from = end", "tail.read-from", "end"},
      {"[Tail Options]\nread_from = end", "tail.read-from", "end"},
      {"[Tail Options]\nReadFrom = end\n[Application Options]\ndataset = d", "dataset", "d"},
      {"Backfill = true", "backfill", "true"},
      {"backfill =", "backfill", "true"},
      {"debug_stdout = 1", "dry-run", "true"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    const Result<OptionValues> values = ParseConfigFile("x", c.text);
    if (!values) FAIL(values.error().message);
    CHECK(values->Get(c.option) == c.value);
  }
}

TEST_CASE("ParseConfigFile: a field name in a parser's section is that parser's") {
  const Result<OptionValues> values =
      ParseConfigFile("x", "[JSON Parser Options]\nTimeFieldName = ts\nformat = %s\n");
  if (!values) FAIL(values.error().message);
  CHECK(values->Get(FindOption("json.timefield")->name) == "ts");
  CHECK(values->Get(FindOption("json.format")->name) == "%s");
}

TEST_CASE("ParseConfigFile: repeated keys accumulate and the origin is the last line") {
  const Result<OptionValues> values =
      ParseConfigFile("/etc/hctail.conf", "file = a\n\nLogFiles = b\nf = c\n");
  REQUIRE(values.has_value());
  CHECK(values->All("file") == std::vector<std::string>{"a", "b", "c"});
  CHECK(values->Origin("file") == "/etc/hctail.conf:4");
}

TEST_CASE("ParseConfigFile: a flag that is off is as good as absent, even one not built yet") {
  const Result<OptionValues> values = ParseConfigFile("x", "debug = false\nRebaseTime = false\n");
  REQUIRE(values.has_value());
  CHECK_FALSE(values->Has("debug"));
}

TEST_CASE("ParseConfigFile: errors name file and line") {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"\ndatset = d",
       "hctail: error: /etc/hctail.conf:2: unknown key 'datset'; did you mean 'dataset'?\n"
       "  hctail.conf(5) lists the keys.\n"},
      {"Xyzzy = d",
       "hctail: error: /etc/hctail.conf:1: unknown key 'Xyzzy'\n"
       "  hctail.conf(5) lists the keys.\n"},
      {"dataset",
       "hctail: error: /etc/hctail.conf:1: there is no '=' in this line\n"
       "  Write KEY = VALUE; a comment line begins with ; or #.\n"},
      {"[Tial Options]",
       "hctail: error: /etc/hctail.conf:1: unknown section 'Tial Options'; did you mean 'Tail "
       "Options'?\n"
       "  Sections may be left out; keys are found without them.\n"},
      {"[Tail Options",
       "hctail: error: /etc/hctail.conf:1: the section's name has no ']' after it\n"},
      {"backfill = yes",
       "hctail: error: /etc/hctail.conf:1: 'yes' is neither true nor false (key backfill)\n"},
      {"dataset = a\nDataset = b",
       "hctail: error: /etc/hctail.conf:2: 'Dataset' was already set in line 1\n"},
      {"dataset = \"a",
       "hctail: error: /etc/hctail.conf:1: the value of dataset begins with '\"' but is no quoted "
       "string\n"
       "  Close the quotes, and write a backslash as \\\\.\n"},
      {"[Other Modes]\nHelp = true",
       "hctail: error: /etc/hctail.conf:2: 'Help' belongs on the command line\n"},
      {"config = x", "hctail: error: /etc/hctail.conf:1: 'config' belongs on the command line\n"},
      {"DropFields = password",
       "hctail: error: --drop_field is not built yet (from /etc/hctail.conf:1)\n"
       "  hctail sends events as they were parsed so far; remove the option to do so.\n"},
      {"[PostgreSQL Parser Options]\nlog_line_prefix = %m",
       "hctail: error: --postgresql.log_line_prefix is not built yet (from /etc/hctail.conf:2)\n"
       "  Run 'hctail --list-parsers' for the parsers there are.\n"},
  };
  for (const auto& c : kCases) CHECK(ErrorOf(c.text) == c.error);
}

TEST_CASE("ParseConfigFile: all lines that are wrong can be told, and the others count") {
  std::vector<Error> problems;
  const OptionValues values =
      ParseConfigFile("x", "parsr = json\ndataset = d\nno\n[Odd]\npoolsize = 7\n", &problems);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].message.starts_with("x:1: unknown key 'parsr'"));
  CHECK(problems[1].message.starts_with("x:3: "));
  CHECK(problems[2].message.starts_with("x:4: unknown section 'Odd'"));
  CHECK(values.Get("dataset") == "d");
  CHECK(values.Get("poolsize") == "7");
}

}  // namespace
}  // namespace hctail
