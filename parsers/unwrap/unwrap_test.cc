// SPDX-License-Identifier: Apache-2.0
#include "parsers/unwrap/unwrap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>

#include "base/random.h"
#include "base/time_format.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail::unwrap {
namespace {

using Options = std::map<std::string, std::string>;
using testing::FileParserDriver;
using Pause = FileParser::Pause;

Result<std::unique_ptr<FileParser>> Make(std::string_view parser, const Options& given,
                                         Wrapper wrapper = Wrapper::kCri,
                                         const FileFacts& file = {}) {
  OptionValues options;
  for (const auto& [name, value] : given) options.Set(name, {value});
  return MakeFileParser(*FindParser(parser), {.options = options}, wrapper, file);
}

std::string WithTimes(std::span<const FileParserDriver::Record> records) {
  std::string shown;
  for (const FileParserDriver::Record& record : records) {
    if (record.time) shown += FormatRfc3339(*record.time).substr(17) + " ";
    shown += testing::Shown(record) + "\n";
  }
  return shown;
}

// A line of CRI, second `second` of some minute.
std::string Cri(int second, const char* stream, const char* rest) {
  return "2024-03-05T06:07:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "Z " +
         stream + " " + rest + "\n";
}

const Options kAnyText = {{"regex.line-regex", "(?s)^(?P<m>.*)$"}};

TEST_CASE("unwrap: bad options are answered") {
  CHECK(Make("json", {{"unwrap", "podman"}}).error().message == "bad value 'podman' for --unwrap");
}

TEST_CASE("unwrap: stream, time and path are added, if the record has not its own") {
  const auto parser =
      Make("json", {}, Wrapper::kCri, {.path = "/var/log/pods/shop_web_0f/app/2.log"}).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stdout", R"(F {"a":1})") +
              Cri(2, "stderr", R"(F {"time":"2024-03-05T06:00:09Z","stream":"mine","b":[1]})") +
              Cri(3, "stdout", "F no JSON") + Cri(4, "stdout", "F ") + "torn line\n\n");
  CHECK(
      WithTimes(driver.records) ==
      R"(01Z {"a":1,"stream":"stdout","k8s.namespace.name":"shop","k8s.pod.name":"web","k8s.pod.uid":"0f","k8s.container.name":"app","k8s.container.restart_count":2})"
      "\n"
      R"(09Z {"stream":"mine","b":[1],"k8s.namespace.name":"shop","k8s.pod.name":"web","k8s.pod.uid":"0f","k8s.container.name":"app","k8s.container.restart_count":2})"
      "\n(not a JSON object) no JSON\n(skip)\n(not a line of a container's log) torn "
      "line\n(skip)\n");
  CHECK(driver.completed() == driver.offset());
  CHECK_FALSE(parser->holding());
  CHECK(parser->Save().empty());
}

TEST_CASE("unwrap: Docker's lines, pieces and attrs") {
  const auto parser = Make("keyval", {}, Wrapper::kDocker).value();
  FileParserDriver driver(*parser);
  driver.Take(
      R"({"log":"a=1 b=\"x\" ","stream":"stdout","attrs":{"tag":"t"},"time":"2024-03-05T06:07:01Z"})"
      "\n"
      R"({"log":"e=1\n","stream":"stderr","attrs":{"tag":"t"},"time":"2024-03-05T06:07:02Z"})"
      "\n");
  CHECK(driver.completed() == 0);
  CHECK(parser->holding());
  driver.Take(
      R"({"log":"c=2\r\n","stream":"stdout","attrs":{"tag":"u"},"time":"2024-03-05T06:07:03Z"})"
      "\n");
  CHECK(driver.completed() == driver.offset());
  CHECK(WithTimes(driver.records) ==
        R"(02Z {"e":1,"stream":"stderr","attrs.tag":"t"})"
        "\n"
        R"(01Z {"a":1,"b":"x","c":2,"stream":"stdout","attrs.tag":"u"})"
        "\n");
}

TEST_CASE("unwrap: a trace inside is one record, while the other stream goes on") {
  Options options = kAnyText;
  options["multiline.preset"] = "java";
  const auto parser = Make("regex", options).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stderr", "F ERROR x"));
  driver.Take(Cri(1, "stdout", "F one"));
  driver.Take(Cri(1, "stderr", "P java.lang.Er"));
  driver.Take(Cri(2, "stdout", "F two"));
  driver.Take(Cri(2, "stderr", "F ror: y"));
  driver.Take(Cri(3, "stderr", "F \tat a.B"));
  CHECK(driver.completed() == 0);
  driver.Take(Cri(4, "stderr", "F next"));
  // stdout's second record is open, and its line stands inside of stderr's.
  CHECK(driver.completed() == 0);
  driver.Pause(Pause::kShutdown);
  CHECK(driver.records.size() == 2);
  driver.Pause(Pause::kEnd);
  CHECK(driver.completed() == driver.offset());
  CHECK(WithTimes(driver.records) ==
        R"(01Z {"m":"one","stream":"stdout"})"
        "\n"
        R"(01Z {"m":"ERROR x\njava.lang.Error: y\n\tat a.B","stream":"stderr"})"
        "\n"
        R"(02Z {"m":"two","stream":"stdout"})"
        "\n"
        R"(04Z {"m":"next","stream":"stderr"})"
        "\n");
}

TEST_CASE("unwrap: a stream that is left open does not hold the file back") {
  Options options = kAnyText;
  options["multiline.preset"] = "java";
  const auto parser = Make("regex", options).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stderr", "F last words"));
  driver.Take(Cri(5, "stdout", "F a"));
  CHECK(driver.records.empty());
  driver.Take(Cri(6, "stdout", "F b"));
  CHECK(WithTimes(driver.records) == R"(01Z {"m":"last words","stream":"stderr"})"
                                     "\n"
                                     R"(05Z {"m":"a","stream":"stdout"})"
                                     "\n");
  // By bytes, if no time passes; a piece, too.
  driver.Take(Cri(6, "stderr", "P half"));
  const std::string line = Cri(6, "stdout", ("F " + std::string(10'000, 'x')).c_str());
  for (int i = 0; i < 110; ++i) driver.Take(line);
  CHECK(driver.offset() - driver.completed() < 1'200'000);
  CHECK(std::ranges::any_of(driver.records, [](const FileParserDriver::Record& record) {
    return record.data == R"({"m":"half","unwrap.cut":"end","stream":"stderr"})";
  }));
}

TEST_CASE("unwrap: no more records than bytes between two places that are complete") {
  Options options = kAnyText;
  options["multiline.preset"] = "java";
  const auto parser = Make("regex", options).value();
  FileParserDriver driver(*parser);  // checks it
  driver.Take(Cri(1, "stdout", "F a") + Cri(1, "stdout", "P b"));
  for (int i = 0; i < 60; ++i) driver.Take(Cri(1, "stderr", "F x"));
  driver.Take(Cri(1, "stdout", "F c"));
  CHECK(driver.records.size() == 60);
  CHECK(driver.completed() == 0);
  driver.Pause(Pause::kEnd);
  CHECK(driver.records.size() == 62);
  CHECK(driver.completed() == driver.offset());
}

TEST_CASE("unwrap: a piece that nothing follows is a line after a pause") {
  const auto parser = Make("regex", kAnyText).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stdout", "P $ "));
  driver.Pause(Pause::kShutdown);
  CHECK(driver.records.empty());
  CHECK(driver.completed() == 0);
  driver.Pause(Pause::kIdle, std::chrono::seconds(5));
  CHECK(WithTimes(driver.records) == R"(01Z {"m":"$ ","unwrap.cut":"end","stream":"stdout"})"
                                     "\n");
  CHECK(driver.completed() == driver.offset());
}

TEST_CASE("unwrap: both halves of a record that rotation cut are sent, and marked") {
  const auto before = Make("json", {}).value();
  FileParserDriver old(*before);
  old.Take(Cri(1, "stdout", R"(F {"a":1})") + Cri(2, "stdout", R"(P {"m":"one )") +
           Cri(2, "stdout", "P and "));
  old.Pause(Pause::kEnd);
  CHECK(old.completed() == old.offset());
  CHECK(WithTimes(old.records) == R"(01Z {"a":1,"stream":"stdout"})"
                                  "\n"
                                  R"(02Z {"message":"{\"m\":\"one and ","unwrap.cut":"end",)"
                                  R"("stream":"stdout"})"
                                  "\n");
  const std::string rest = Cri(3, "stdout", R"(F two"})");
  const std::string more =
      Cri(3, "stderr", R"(F {"b":2})") + Cri(4, "stdout", "F words") + Cri(4, "stderr", "F words");
  const std::string refused = R"(03Z {"b":2,"stream":"stderr"})"
                              "\n(not a JSON object) words\n(not a JSON object) words\n";
  const auto after = Make("json", {}, Wrapper::kCri, {.path = {}, .follows = true}).value();
  FileParserDriver next(*after);
  next.Take(rest + more);
  CHECK(WithTimes(next.records) ==
        R"(03Z {"message":"two\"}","unwrap.cut":"beginning","stream":"stdout"})"
        "\n" +
            refused);
  // Not of a file that follows none, nor where reading begins in the middle.
  const auto first = Make("json", {}).value();
  FileParserDriver alone(*first);
  alone.Take(rest + more);
  CHECK(WithTimes(alone.records) == "(not a JSON object) two\"}\n" + refused);
  const auto resumed = Make("json", {}, Wrapper::kCri, {.path = {}, .follows = true}).value();
  FileParserDriver middle(*resumed, 100);
  middle.Take(rest + more);
  CHECK(WithTimes(middle.records) == "(not a JSON object) two\"}\n" + refused);
}

TEST_CASE("unwrap: the rest of a line that was given at a pause is no dead letter") {
  const auto parser = Make("json", {}).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stdout", R"(P {"m":"one )"));
  driver.Pause(Pause::kIdle, std::chrono::seconds(5));
  driver.Take(Cri(9, "stdout", "P and "));
  driver.Pause(Pause::kIdle, std::chrono::seconds(5));
  driver.Take(Cri(20, "stdout", R"(F two"})") + Cri(21, "stdout", "F words"));
  CHECK(WithTimes(driver.records) ==
        R"(01Z {"message":"{\"m\":\"one ","unwrap.cut":"end","stream":"stdout"})"
        "\n"
        R"(09Z {"message":"and ","unwrap.cut":"both","stream":"stdout"})"
        "\n"
        R"(20Z {"message":"two\"}","unwrap.cut":"beginning","stream":"stdout"})"
        "\n(not a JSON object) words\n");
}

TEST_CASE("unwrap: what is left of a line that is too long is still a dead letter") {
  const auto parser =
      Make("json", {{"max-line", "10"}}, Wrapper::kCri, {.path = {}, .follows = true}).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stdout", "P 12345") + Cri(1, "stdout", "P 678901") +
              Cri(2, "stdout", "F dropped") + Cri(3, "stdout", "F words"));
  CHECK(WithTimes(driver.records) ==
        "(line longer than --max-line) 1234567890\n(not a JSON object) words\n");
}

TEST_CASE("unwrap: a joined line may not be longer than --max-line") {
  Options options = kAnyText;
  options["max-line"] = "10";
  const auto parser = Make("regex", options).value();
  FileParserDriver driver(*parser);
  driver.Take(Cri(1, "stdout", "P 12345") + Cri(1, "stdout", "F 6789x"));
  driver.Take(Cri(1, "stdout", "P 12345") + Cri(1, "stdout", "P 678901") +
              Cri(2, "stdout", "P dropped"));
  CHECK(driver.completed() == driver.offset());
  driver.Take(Cri(2, "stderr", "F other") + Cri(2, "stdout", "F dropped") +
              Cri(3, "stdout", "F next"));
  CHECK(WithTimes(driver.records) == R"(01Z {"m":"123456789x","stream":"stdout"})"
                                     "\n(line longer than --max-line) 1234567890\n"
                                     R"(02Z {"m":"other","stream":"stderr"})"
                                     "\n"
                                     R"(03Z {"m":"next","stream":"stdout"})"
                                     "\n");
}

TEST_CASE("unwrap: CSV inside, its header found, saved, or taken from the head") {
  const std::string header = Cri(1, "stdout", "F a,b");
  const std::string rows =
      Cri(2, "stdout", "F 1,\"x") + Cri(2, "stderr", "F oops,c") + Cri(3, "stdout", "F y\"");
  const std::string wanted = "(skip)\n02Z {\"a\":1,\"b\":\"x\\ny\",\"stream\":\"stdout\"}\n";
  const auto parser = Make("csv", {}).value();
  FileParserDriver driver(*parser);
  driver.Take(header);
  const std::string state = driver.points.back().state;
  driver.Take(rows);
  CHECK(WithTimes(driver.records) == "(skip)\n" + wanted);
  const auto restored = Make("csv", {}).value();
  restored->Restore(state);
  FileParserDriver resumed(*restored, 100);
  resumed.Take(rows);
  CHECK(WithTimes(resumed.records) == wanted);
  const auto headed = Make("csv", {}).value();
  headed->TakeHead(header.substr(0, header.size() - 1));
  FileParserDriver second(*headed, 100);
  second.Take(rows);
  CHECK(WithTimes(second.records) == wanted);
  for (const char* bad : {"", "x", "9", "9:", "99:a", ":", "1:a,b"}) {
    Make("csv", {}).value()->Restore(bad);
  }
}

TEST_CASE("unwrap: --log-prefix stands inside") {
  Options options = {{"log-prefix", R"((?P<p>\w+): )"}};
  for (const char* multiline : {"", "java"}) {
    if (*multiline != '\0') options["multiline.preset"] = multiline;
    const auto parser = Make("keyval", options).value();
    FileParserDriver driver(*parser);
    driver.Take(Cri(1, "stdout", "F x: a=1") + Cri(2, "stdout", "F y: b=1"));
    driver.Pause(Pause::kEnd);
    CHECK(WithTimes(driver.records) == R"(01Z {"a":1,"p":"x","stream":"stdout"})"
                                       "\n"
                                       R"(02Z {"b":1,"p":"y","stream":"stdout"})"
                                       "\n");
  }
}

// Records of each stream in their order: how the streams interleave may change with a restart.
std::vector<std::string> Sorted(std::span<const FileParserDriver::Record> records) {
  std::vector<std::string> texts;
  for (const auto& record : records) texts.push_back(record.why + record.data);
  std::ranges::sort(texts);
  return texts;
}

TEST_CASE("unwrap: wherever it is stopped, nothing is lost, and only what was open comes again") {
  static constexpr const char* kTexts[] = {"F a", "F  b", "P c", "F ", "F \tat d", "P  e"};
  Random random(23);
  Options options = kAnyText;
  options["multiline.preset"] = "auto";
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (uint32_t left = random.Below(16); left > 0; --left) {
      std::string line = kTexts[random.Below(std::size(kTexts))];
      line += std::to_string(left);  // so that each record is another
      text += Cri(static_cast<int>(20 - left), random.Below(3) == 0 ? "stderr" : "stdout",
                  line.c_str());
    }
    CAPTURE(text);
    const auto parser = Make("regex", options).value();
    FileParserDriver whole(*parser);
    whole.Take(text);
    whole.Pause(Pause::kEnd);
    CHECK(whole.completed() == text.size());
    CHECK_FALSE(parser->holding());
    const std::vector<std::string> all = Sorted(whole.records);
    const auto make = [&] { return Make("regex", options).value(); };
    const auto check = [&](const auto& point, const auto& rest) {
      std::vector<std::string> both = Sorted(std::span(whole.records).first(point.records));
      const std::vector<std::string> after = Sorted(rest.records);
      both.insert(both.end(), after.begin(), after.end());
      std::ranges::sort(both);
      CHECK(std::ranges::includes(both, all));
      both.erase(std::unique(both.begin(), both.end()), both.end());
      CHECK(both.size() <= all.size());
    };
    testing::ReadOn(whole, text, whole.points.size() + 1, make, check);
  }
}

}  // namespace
}  // namespace hctail::unwrap
