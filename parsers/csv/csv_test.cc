// SPDX-License-Identifier: Apache-2.0
// What lines become stands in testdata/csv; here are options, grouping and splitting.
#include "parsers/csv/csv.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "event/encode_json.h"
#include "parsers/csv/split.h"

namespace hctail::csv {
namespace {

Result<std::unique_ptr<Parser>> Make(const std::map<std::string, std::string>& given) {
  OptionValues options;
  for (const auto& [name, value] : given) options.Set(name, {value});
  return kCsv.create({.options = options});
}

TEST_CASE("csv: bad options are answered") {
  CHECK(Make({{"csv.fields", "a,\"b"}}).error().message ==
        "--csv.fields is not a line of CSV: 'a,\"b'");
  CHECK(Make({{"csv.fields", "a,,b"}}).error().message == "--csv.fields has an empty name: 'a,,b'");
  CHECK(Make({{"csv.delimiter", "ab"}}).error().message == "bad value 'ab' for --csv.delimiter");
  CHECK(Make({{"csv.header", "maybe"}}).error().message == "bad value 'maybe' for --csv.header");
}

TEST_CASE("csv: the lines of a value in quotes are one record") {
  auto parser = Make({});
  REQUIRE(parser.has_value());
  const std::string_view kLines[] = {"a,b,c",      "1,2,3", "\"Once upon", "a time, the end", "",
                                     "ever\",5,6", "7,\"x", "y\",9",       "8,\"\",9"};
  std::vector<std::string> records;
  std::string json;
  const auto parse = [&](const std::string& record) {
    Event event;
    if ((*parser)->Parse(record, &event).outcome == Parsed::Outcome::kEvent) {
      AppendData(event, &json);
    }
  };
  std::string record;
  for (const std::string_view line : kLines) {
    if ((*parser)->StartsRecord(line)) {
      if (!record.empty()) parse(record);
      record = line;
    } else {
      record += "\n" + std::string(line);
    }
  }
  parse(record);
  CHECK(json == R"({"a":1,"b":2,"c":3})"
                R"({"a":"Once upon\na time, the end\n\never","b":5,"c":6})"
                R"({"a":7,"b":"x\ny","c":9}{"a":8,"b":"","c":9})");
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
  }
}

}  // namespace
}  // namespace hctail::csv
