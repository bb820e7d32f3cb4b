// SPDX-License-Identifier: Apache-2.0
#include "cli/check_values.h"

#include <doctest/doctest.h>

#include <string>

#include "base/log.h"

namespace hctail {
namespace {

GivenOptions Typed(const char* option, const char* value) {
  GivenOptions given;
  given.command_line.Set(option, {value}, "--" + std::string(option));
  return given;
}

TEST_CASE("CheckedValues: the command line wins over the config file, and that over defaults") {
  GivenOptions given;
  CHECK(CheckedValues(given)->Get("poolsize") == "4");
  CHECK(CheckedValues(given)->Origin("poolsize").empty());
  given.config_file.Set("poolsize", {"5"}, "x.conf:1");
  CHECK(CheckedValues(given)->Get("poolsize") == "5");
  CHECK(CheckedValues(given)->Origin("poolsize") == "x.conf:1");
  given.command_line.Set("poolsize", {"6"}, "--poolsize");
  CHECK(CheckedValues(given)->Get("poolsize") == "6");
  given.config_file.Set("file", {"a", "b"}, "x.conf:3");
  given.command_line.Set("file", {"c"}, "--file");
  CHECK(CheckedValues(given)->All("file") == std::vector<std::string>{"c"});
}

TEST_CASE("CheckedValues: flags that stand for an option, and honeytail's words") {
  const struct {
    const char* option;
    const char* value;
    const char* target;
    const char* meaning;
  } kCases[] = {
      {"dry-run", "true", "output", "stdout"},
      {"debug", "true", "log-level", "debug"},
      {"log-level", "warning", "log-level", "warn"},
      {"log-level", "panic", "log-level", "error"},
      {"tail.read-from", "start", "tail.read-from", "beginning"},
      {"send-batch-size", "0", "send-batch-size", "10000"},
      {"send-frequency-ms", "0", "send-frequency-ms", "40ms"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.option);
    const Result<OptionValues> values = CheckedValues(Typed(c.option, c.value));
    REQUIRE(values.has_value());
    CHECK(values->Get(c.target) == c.meaning);
    CHECK(values->Origin(c.target) == (c.meaning[0] >= '0' && c.meaning[0] <= '9'
                                           ? std::string()
                                           : "--" + std::string(c.option)));
  }
}

TEST_CASE("CheckedValues: a dry run of the config file gives way to an output that is typed") {
  GivenOptions given = Typed("output", "honeycomb");
  given.config_file.Set("dry-run", {"true"}, "x.conf:1");
  CHECK(CheckedValues(given)->Get("output") == "honeycomb");
  given.command_line.Set("dry-run", {"true"}, "--dry-run");
  CHECK(CheckedValues(given)->Get("output") == "stdout");
}

TEST_CASE("CheckedValues: errors name the value, where it stands, and what the option takes") {
  const struct {
    const char* option;
    const char* value;
    const char* text;
  } kCases[] = {
      {"poolsize", "many",
       "hctail: error: 'many' is not a whole number (from --poolsize)\n"
       "  --poolsize takes a whole number from 1 to 256.\n"},
      {"poolsize", "0",
       "hctail: error: '0' is too small (from --poolsize)\n"
       "  --poolsize takes a whole number from 1 to 256.\n"},
      {"poolsize", "300",
       "hctail: error: '300' is too large (from --poolsize)\n"
       "  --poolsize takes a whole number from 1 to 256.\n"},
      {"samplerate", "0",
       "hctail: error: '0' is too small (from --samplerate)\n"
       "  --samplerate takes a whole number from 1 to 1000000000.\n"},
      {"max-line", "1 banana",
       "hctail: error: '1 banana' is not a size (from --max-line)\n"
       "  --max-line takes a number of bytes from 1KiB to 1GiB, such as 4096, 64KiB or 1MB.\n"},
      {"max-line", "10",
       "hctail: error: '10' is too small (from --max-line)\n"
       "  --max-line takes a size from 1KiB to 1GiB.\n"},
      {"shutdown-timeout", "soon",
       "hctail: error: 'soon' is not a time (from --shutdown-timeout)\n"
       "  --shutdown-timeout takes a number and a unit, such as 500ms, 10s, 2m or 1h; a number "
       "alone counts seconds.\n"},
      {"send-frequency-ms", "",
       "hctail: error: '' is not a time (from --send-frequency-ms)\n"
       "  --send-frequency-ms takes a number and a unit, such as 500ms, 10s, 2m or 1h; a number "
       "alone counts milliseconds.\n"},
      {"output", "stdot",
       "hctail: error: unknown output 'stdot' (from --output); did you mean 'stdout'?\n"
       "  --output takes stdout or honeycomb.\n"},
      {"log-level", "loud",
       "hctail: error: unknown log-level 'loud' (from --log-level)\n"
       "  --log-level takes debug, info, warn or error.\n"},
      {"tail.read-from", "begining",
       "hctail: error: unknown tail.read-from 'begining' (from --tail.read-from); did you mean "
       "'beginning'?\n"
       "  --tail.read-from takes beginning, end or last.\n"},
  };
  for (const auto& c : kCases) {
    const Result<OptionValues> values = CheckedValues(Typed(c.option, c.value));
    REQUIRE_FALSE(values.has_value());
    CHECK(FormatLogMessage(Log::Level::kError, values.error()) == c.text);
  }
}

}  // namespace
}  // namespace hctail
