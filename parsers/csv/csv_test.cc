// SPDX-License-Identifier: Apache-2.0
// What lines become stands in testdata/csv; here are options, records over lines, headers and
// splitting.
#include "parsers/csv/csv.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "parsers/csv/csv_file.h"
#include "parsers/csv/split.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail::csv {
namespace {

using Options = std::map<std::string, std::string>;
using testing::FileParserDriver;
using testing::Shown;

Result<std::unique_ptr<FileParser>> Make(const Options& given) {
  OptionValues options;
  for (const auto& [name, value] : given) options.Set(name, {value});
  return kCsv.create_for_file({.options = options}, {});
}

std::string Read(const Options& options, std::string_view text) {
  const auto parser = Make(options).value();
  FileParserDriver driver(*parser);
  driver.Take(text);
  driver.Pause(FileParser::Pause::kEnd);
  CHECK_FALSE(parser->holding());
  CHECK(driver.completed() == driver.offset());
  return Shown(driver.records);
}

TEST_CASE("csv: bad options are answered") {
  CHECK(Make({{"csv.fields", "a,\"b"}}).error().message ==
        "--csv.fields is not a line of CSV: 'a,\"b'");
  CHECK(Make({{"csv.fields", "a,,b"}}).error().message == "--csv.fields has an empty name: 'a,,b'");
  CHECK(Make({{"csv.fields", "a,b,a"}}).error().message ==
        "--csv.fields has the name 'a' twice: 'a,b,a'");
  CHECK(Make({{"csv.delimiter", "ab"}}).error().message == "bad value 'ab' for --csv.delimiter");
  CHECK(Make({{"csv.header", "maybe"}}).error().message == "bad value 'maybe' for --csv.header");
}

TEST_CASE("csv: a record goes on to the line where its quote is closed") {
  CHECK(Read({},
             "a,b,c\n1,2,3\n\"Once upon\na time, the \"\"end\"\"\n\never\",5,6\n"
             "7,\"x\r\ny\",9\n8,\"\",9\n") ==
        "(skip)\n"
        R"({"a":1,"b":2,"c":3})"
        "\n"
        R"({"a":"Once upon\na time, the \"end\"\n\never","b":5,"c":6})"
        "\n"
        R"({"a":7,"b":"x\ny","c":9})"
        "\n"
        R"({"a":8,"b":"","c":9})"
        "\n");
  CHECK(Read({{"csv.trim-leading-space", "true"}}, "a, b\n1, \"x\ny\"\n") ==
        "(skip)\n{\"a\":1,\"b\":\"x\\ny\"}\n");
  // A header may be such a record.
  CHECK(Read({}, "a,\"b\nc\"\n1,2\n") == "(skip)\n{\"a\":1,\"b\\nc\":2}\n");
}

TEST_CASE("csv: a quote that is never closed costs one line") {
  CHECK(Read({}, "a,b\n1,\"x\n2,y\n3,z\n") ==
        "(skip)\n(unclosed quote) 1,\"x\n{\"a\":2,\"b\":\"y\"}\n{\"a\":3,\"b\":\"z\"}\n");
  CHECK(Read({}, "a,b\n1,\"x\n2,\"y\"\n3,z\n") ==
        "(skip)\n(unclosed quote) 1,\"x\n{\"a\":2,\"b\":\"y\"}\n{\"a\":3,\"b\":\"z\"}\n");
  CHECK(Read({}, "a,b\n1,x\"\n2,y\n") ==
        "(skip)\n(quote inside a value) 1,x\"\n{\"a\":2,\"b\":\"y\"}\n");
  CHECK(Read({}, "a,b\n1,\"x\ny\",z\n2,y\n") ==
        "(skip)\n(wrong number of values) 1,\"x\ny\",z\n{\"a\":2,\"b\":\"y\"}\n");
  // After many lines it is given up.
  std::string text = "a,b\n1,\"x\n";
  for (size_t i = 0; i < CsvFile::kMaxLines; ++i) text += "2,y\n";
  const auto parser = Make({}).value();
  FileParserDriver driver(*parser);
  driver.Take(text);
  CHECK_FALSE(parser->holding());
  REQUIRE(driver.records.size() == CsvFile::kMaxLines + 2);
  CHECK(driver.records[1].why == "unclosed quote");
  CHECK(driver.records.back().data == R"({"a":2,"b":"y"})");
  // Or after many bytes.
  driver.Take("3,\"" + std::string(CsvFile::kMaxBytes / 2, 'x') + "\n4,4\n");
  CHECK(parser->holding());
  driver.Take("5," + std::string(CsvFile::kMaxBytes / 2, 'x') + "\n");
  CHECK_FALSE(parser->holding());
}

TEST_CASE("csv: a record that is open waits for a minute, and through a restart") {
  const auto parser = Make({}).value();
  FileParserDriver driver(*parser);
  driver.Take("a,b\n1,\"x\n");
  CHECK(driver.completed() == 4);
  driver.Pause(FileParser::Pause::kIdle, std::chrono::seconds(59));
  driver.Pause(FileParser::Pause::kShutdown);
  CHECK(parser->holding());
  CHECK(driver.completed() == 4);
  driver.Pause(FileParser::Pause::kIdle, CsvFile::kPatience);
  CHECK_FALSE(parser->holding());
  CHECK(driver.records.back().why == "unclosed quote");
  CHECK(driver.completed() == driver.offset());
}

TEST_CASE("csv: the header is kept, taken from the head, or told") {
  const auto first = Make({}).value();
  FileParserDriver written(*first);
  written.Take(
      "\xef\xbb\xbf"
      "a;b\n1;2\n");
  CHECK(Shown(written.records) == "(skip)\n{\"a\":1,\"b\":2}\n");
  const std::string state = written.points.back().state;
  CHECK(state == "a;b");

  const auto rows_of = [](FileParser& parser) {
    FileParserDriver driver(parser, 100);
    driver.Take("3;4\na;b\n");
    return Shown(driver.records);
  };
  const auto restored = Make({}).value();
  restored->Restore(state);
  CHECK(rows_of(*restored) == "{\"a\":3,\"b\":4}\n(skip)\n");
  const auto headed = Make({}).value();
  for (const char* line : {"", "a;b", "1;2"}) headed->TakeHead(line);
  CHECK(rows_of(*headed) == "{\"a\":3,\"b\":4}\n(skip)\n");
  const auto headless = Make({}).value();
  for (const char* line : {"1;2", "a;b"}) headless->TakeHead(line);
  CHECK(rows_of(*headless) == "(no header) 3;4\n(no header) a;b\n");
  // Options win over what was saved or stands in the file.
  const auto told = Make({{"csv.fields", "x;y"}, {"csv.delimiter", ";"}}).value();
  told->Restore(state);
  told->TakeHead("a;b");
  CHECK(rows_of(*told) == "{\"x\":3,\"y\":4}\n{\"x\":\"a\",\"y\":\"b\"}\n");
  CHECK(told->Save().empty());
  const auto none = Make({{"csv.header", "no"}}).value();
  none->Restore(state);
  none->TakeHead("a;b");
  CHECK(rows_of(*none) ==
        "{\"column_1\":3,\"column_2\":4}\n{\"column_1\":\"a\",\"column_2\":\"b\"}\n");
}

TEST_CASE("csv: a header that is too long is not saved") {
  std::string header = "a";
  for (int i = 0; i < 1000; ++i) header += ",column" + std::to_string(i);
  const auto parser = Make({}).value();
  FileParserDriver driver(*parser);
  driver.Take(header + "\n");
  CHECK(driver.points.back().state.empty());
}

TEST_CASE("csv: wherever it is stopped, the rest gives the rest") {
  static constexpr std::string_view kPieces[] = {
      "1,2\n", "\"a\",b\n", "\"x\ny\",3\n", "a,b\n", "1,\"q\n", "\"\n\",\"\n\"\n", "x\n", "\n"};
  Random random(99);
  for (int round = 0; round < 300; ++round) {
    std::string text = "a,b\n";
    for (uint32_t left = random.Below(12); left > 0; --left) {
      text += kPieces[random.Below(std::size(kPieces))];
    }
    CAPTURE(text);
    const auto parser = Make({}).value();
    FileParserDriver whole(*parser);
    whole.Take(text);
    whole.Pause(FileParser::Pause::kEnd);
    CHECK(whole.completed() == text.size());
    testing::ReadOn(
        whole, text, whole.points.size() + 1, [&] { return Make({}).value(); },
        [&](const auto& point, const auto& rest) { CHECK(testing::IsRest(rest, whole, point)); });
  }
}

TEST_CASE("Split: what was written as CSV comes back, whatever the bytes") {
  static constexpr std::string_view kBytes = "abc,;\"\n \t\xC3\xA9";
  Random random(4711);
  for (int round = 0; round < 5000; ++round) {
    std::string record;
    std::vector<std::string> written;
    for (uint32_t left = 1 + random.Below(5); left > 0; --left) {
      std::string value;
      for (uint32_t size = random.Below(6); size > 0; --size) {
        value += kBytes[random.Below(static_cast<uint32_t>(kBytes.size()))];
      }
      if (!written.empty()) record += ',';
      if (value.find_first_of(",\"\n") == std::string::npos && random.Below(2) == 0) {
        record += value;
      } else {
        record += '"';
        for (const char c : value) record += c == '"' ? "\"\"" : std::string(1, c);
        record += '"';
      }
      written.push_back(value);
    }
    CAPTURE(record);
    std::vector<std::string_view> values;
    std::string scratch;
    scratch.reserve(record.size());
    REQUIRE(Split(record, {}, &values, &scratch) == Fault::kNone);
    CHECK(std::vector<std::string>(values.begin(), values.end()) == written);
    bool open = false;
    CHECK(CountValues(record, ',', &open) == written.size());
    CHECK(!open);
    CHECK(FollowQuotes(record, {}, false) == QuoteState::kClosed);
  }
}

}  // namespace
}  // namespace hctail::csv
