// SPDX-License-Identifier: Apache-2.0
// The input as a CSV file, with every kind of header, and again from places where it could be
// stopped: the records must be the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/records.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail {
namespace {

using testing::FileParserDriver;

constexpr Setup kSetups[] = {
    {"csv", "", ""},
    {"csv", "csv.fields", "a,b,c"},
    {"csv", "csv.header", "no"},
    {"csv", "csv.trim-leading-space", "true"},
    {"csv", "csv.delimiter", "tab"},
};
constexpr size_t kMaxPlaces = 20;

std::unique_ptr<FileParser> Make(const Setup& setup) {
  OptionValues options;
  if (setup.option[0] != '\0') options.Set(setup.option, {setup.value});
  auto parser = FindParser("csv")->create_for_file({.options = options}, {});
  HC_CHECK(parser.has_value());
  return std::move(*parser);
}

void Read(FileParserDriver& driver, std::string_view text) {
  driver.Take(text);
  driver.Pause(FileParser::Pause::kIdle, std::chrono::hours(1));
  driver.Pause(FileParser::Pause::kEnd);
  HC_CHECK(driver.completed() == driver.offset());
}

void Run(const Setup& setup, std::string_view text) {
  const auto parser = Make(setup);
  FileParserDriver whole(*parser);
  Read(whole, text);
  HC_CHECK(!parser->holding());
  const size_t step = whole.points.size() / kMaxPlaces + 1;
  for (size_t i = 0; i < whole.points.size(); i += step) {
    const FileParserDriver::Point& point = whole.points[i];
    // Before there is a header, or where it is too long to be saved, the place matters.
    if (point.state.empty() && setup.option != kSetups[1].option) continue;
    const auto next = Make(setup);
    next->Restore(point.state);
    FileParserDriver resumed(*next, point.offset);
    Read(resumed, text.substr(point.offset));
    HC_CHECK(point.records + resumed.records.size() == whole.records.size());
    for (size_t at = 0; at < resumed.records.size(); ++at) {
      HC_CHECK(resumed.records[at].data == whole.records[point.records + at].data);
    }
  }
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& setup : hctail::kSetups) hctail::Run(setup, text);
  hctail::Sniff("csv", text);
  return 0;
}
