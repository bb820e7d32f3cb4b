// SPDX-License-Identifier: Apache-2.0
#include "parsers/multiline/multiline.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/random.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail::multiline {
namespace {

using Options = std::map<std::string, std::string>;
using testing::FileParserDriver;
using testing::Shown;
using Pause = FileParser::Pause;
using std::chrono::seconds;

Result<std::unique_ptr<FileParser>> Make(std::string_view parser, const Options& given) {
  OptionValues options;
  for (const auto& [name, value] : given) options.Set(name, {value});
  return MakeFileParser(*FindParser(parser), {.options = options}, Wrapper::kNone, {});
}

std::string Read(std::string_view parser_name, const Options& options, std::string_view text) {
  const auto parser = Make(parser_name, options).value();
  FileParserDriver driver(*parser);
  driver.Take(text);
  driver.Pause(Pause::kEnd);
  CHECK_FALSE(parser->holding());
  CHECK(driver.completed() == driver.offset());
  return Shown(driver.records);
}

TEST_CASE("multiline: bad options are answered") {
  const auto error = [](const Options& options) {
    const auto parser = Make("json", options);
    REQUIRE_FALSE(parser.has_value());
    return parser.error().message + "\n" + parser.error().hint;
  };
  CHECK(error({{"multiline.start", "^(a"}}) ==
        "--multiline.start is not a regular expression: missing ')'\n^(a\n ^ here");
  CHECK(
      error({{"multiline.continue", "a**"}}).starts_with("--multiline.continue is not a regular"));
  CHECK(error({{"multiline.preset", "java,cobol"}}) ==
        "bad value 'cobol' for --multiline.preset\n"
        "Give auto or some of java, python, go, dotnet, node, ruby and php.");
}

TEST_CASE("multiline: which lines are a record") {
  // The pattern takes whole records, so that they show.
  const auto read = [](Options options, std::string_view text) {
    options["regex.line-regex"] = "(?s)^(?P<m>.*)$";
    return Read("regex", options, text);
  };
  CHECK(read({{"multiline.start", "^\\d"}}, "x\ny\n1 a\nb\n\nc\n2 d\r\ne\r\n") ==
        "{\"m\":\"x\\ny\"}\n{\"m\":\"1 a\\nb\\n\\nc\"}\n{\"m\":\"2 d\\ne\"}\n");
  CHECK(read({{"multiline.continue", "^\\s"}}, " x\na\n b\n\tc\nd\n\ne\n") ==
        "{\"m\":\" x\"}\n{\"m\":\"a\\n b\\n\\tc\"}\n{\"m\":\"d\"}\n(skip)\n{\"m\":\"e\"}\n");
  // Together, what matches neither begins a record, and start is the stronger.
  CHECK(read({{"multiline.start", "^ 1"}, {"multiline.continue", "^ "}}, "a\n b\n 1\n c\nd\n") ==
        "{\"m\":\"a\\n b\"}\n{\"m\":\" 1\\n c\"}\n{\"m\":\"d\"}\n");
  CHECK(read({{"multiline.preset", "go,java"}}, "a\n\tat b\nc\n") ==
        "{\"m\":\"a\\n\\tat b\"}\n{\"m\":\"c\"}\n");
}

TEST_CASE("multiline: a parser says itself where its records begin") {
  CHECK(
      Read("nginx-error", {},
           "2024/03/05 06:07:08 [error] 22#22: *17 lua failed\nstack traceback:\n\tcoroutine 0:, "
           "client: 10.0.0.1, server: a\n2024/03/05 06:07:09 [warn] 22#22: x\n") ==
      R"({"level":"error","pid":22,"tid":22,"connection":17,"message":"lua failed\nstack traceback:\n\tcoroutine 0:","client":"10.0.0.1","server":"a"})"
      "\n"
      R"({"level":"warn","pid":22,"tid":22,"message":"x"})"
      "\n");
}

TEST_CASE("multiline: what the parser gets, and what becomes of the rest") {
  const Options java = {{"multiline.preset", "java"}};
  const std::string trace = "java.lang.Error: x\n\tat a.B.c(B.java:1) [b.jar]\n";
  const std::string field =
      R"("exception.stacktrace":"java.lang.Error: x\n\tat a.B.c(B.java:1) [b.jar]")";
  // A format of single lines.
  CHECK(Read("keyval", java, "level=error msg=no\n" + trace) ==
        R"({"level":"error","msg":"no",)" + field + "}\n");
  // A trace below a JSON line is not its own, and is an event though it is no JSON.
  CHECK(Read("json", java, "{\"a\":1}\n" + trace + "{\"a\":2}\n") ==
        "{\"a\":1}\n{\"message\":\"java.lang.Error: x\"," + field + "}\n{\"a\":2}\n");
  // JSON may be given in lines.
  CHECK(Read("json", {{"multiline.start", "^\\{"}}, "{\n \"a\": 1\n}\n{\"a\":2}\n}\n") ==
        "{\"a\": 1}\n{\"a\":2,\"continuation\":\"}\"}\n");
  // A pattern for lines, however it ends, and one for records.
  for (const char* pattern : {"^(?P<n>\\d+) (?P<m>.*)$", "(?P<n>\\d+) (?P<m>.*)"}) {
    Options options = java;
    options["regex.line-regex"] = pattern;
    CHECK(Read("regex", options, "1 no\n" + trace) == "{\"n\":1,\"m\":\"no\"," + field + "}\n");
    options["regex.types"] = "string";
    options["regex.line-regex"] = std::string(pattern) + "|(?P<z>never)";
    CHECK(Read("regex", options, "1 no\n" + trace).contains(field));
  }
  Options whole = java;
  whole["regex.line-regex"] = "(?s)^(?P<n>\\d+) (?P<m>.*)$";
  CHECK(Read("regex", whole, "1 no\n" + trace) ==
        R"({"n":1,"m":"no\njava.lang.Error: x\n\tat a.B.c(B.java:1) [b.jar]"})"
        "\n");
  // What is no record of the format stays whole in the dead letters.
  CHECK(Read("json", java, "no JSON\n at all\n") == "(not a JSON object) no JSON\n at all\n");
  // Fields of the record are not replaced.
  CHECK(Read("keyval", {{"multiline.continue", "^ "}}, "continuation=1\n more\n") ==
        R"({"continuation":1,"multiline.continuation":" more"})"
        "\n");
  // A record that is filtered out is out with all its lines.
  CHECK(Read("keyval", {{"multiline.preset", "java"}, {"keyval.filter-regex", "level"}},
             "a=1\n" + trace) == "(skip)\n");
}

TEST_CASE("multiline: --log-prefix is taken off every line, its groups are those of the first") {
  const Options options = {{"multiline.preset", "java"}, {"log-prefix", R"((?P<c>\w+) \| )"}};
  CHECK(Read("keyval", options, "w1 | a=1\nw2 | \tat x.y\nw3 | a=2\na=3\n") ==
        R"({"a":1,"exception.stacktrace":"\tat x.y","c":"w1"})"
        "\n"
        R"({"a":2,"c":"w3"})"
        "\n"
        R"({"a":3})"
        "\n");
}

TEST_CASE("multiline: a record that is too long is cut, and nothing of it is lost") {
  const Options lines = {{"multiline.continue", "^ "}, {"multiline.max-lines", "2"}};
  CHECK(Read("keyval", lines, "a=1\n b\n c\n d\n e\na=2\n f\na=3\n") ==
        R"({"a":1,"continuation":" b","multiline.cut":true})"
        "\n(rest of a record that was cut)  c\n d\n(rest of a record that was cut)  e\n"
        R"({"a":2,"continuation":" f"})"
        "\n{\"a\":3}\n");
  const Options bytes = {{"multiline.continue", "^ "}, {"multiline.max-bytes", "10"}};
  CHECK(Read("keyval", bytes, "a=1\n 6789\n bcd\na=23456789012345\n b\n") ==
        R"({"a":1,"continuation":" 6789","multiline.cut":true})"
        "\n(rest of a record that was cut)  bcd\n"
        R"({"a":23456789012345,"multiline.cut":true})"
        "\n(rest of a record that was cut)  b\n");
}

TEST_CASE("multiline: pauses") {
  const auto parser =
      Make("keyval", {{"multiline.continue", "^ "}, {"multiline.timeout", "20s"}}).value();
  FileParserDriver driver(*parser);
  driver.Take("a=1\n");
  CHECK(parser->holding());
  CHECK(driver.completed() == 0);
  driver.Pause(Pause::kIdle, seconds(19));
  driver.Pause(Pause::kShutdown);
  CHECK(driver.records.empty());
  driver.Take(" b\n");
  driver.Pause(Pause::kIdle, seconds(20));
  CHECK(Shown(driver.records) == "{\"a\":1,\"continuation\":\" b\"}\n");
  CHECK_FALSE(parser->holding());
  CHECK(driver.completed() == 7);
  // What comes after a pause is a record of its own.
  driver.Take(" c\na=2\n");
  CHECK(driver.completed() == 10);
  CHECK(driver.records.size() == 2);
  // Without --multiline.timeout the first pause is long enough.
  const auto hasty = Make("keyval", {{"multiline.continue", "^ "}}).value();
  FileParserDriver sender(*hasty);
  sender.Take("a=1\n");
  sender.Pause(Pause::kIdle, seconds(1));
  CHECK(sender.records.size() == 1);
}

TEST_CASE("multiline: wherever it is stopped, the rest gives the rest") {
  static constexpr std::string_view kLines[] = {"a=1\n", "x\n",      " b\n",
                                                "\n",    "\tat c\n", "a=2 c\n"};
  Random random(17);
  for (int round = 0; round < 500; ++round) {
    Options options = {{"multiline.max-lines", "3"}};
    const uint32_t mode = random.Below(3);
    if (mode == 0) options["multiline.start"] = "=";
    if (mode == 1) options["multiline.continue"] = "^\\s";
    if (mode == 2) options["multiline.preset"] = "auto";
    std::string text;
    for (uint32_t left = random.Below(15); left > 0; --left) {
      text += kLines[random.Below(std::size(kLines))];
    }
    CAPTURE(text);
    CAPTURE(mode);
    const auto parser = Make("keyval", options).value();
    FileParserDriver whole(*parser);
    whole.Take(text);
    whole.Pause(Pause::kEnd);
    CHECK(whole.completed() == text.size());
    testing::ReadOn(
        whole, text, whole.points.size() + 1, [&] { return Make("keyval", options).value(); },
        [&](const auto& point, const auto& rest) { CHECK(testing::IsRest(rest, whole, point)); });
  }
}

}  // namespace
}  // namespace hctail::multiline
