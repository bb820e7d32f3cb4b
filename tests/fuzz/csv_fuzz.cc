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

void Run(const Setup& setup, std::string_view text) {
  const auto parser = Make(setup);
  FileParserDriver whole(*parser);
  whole.Take(text);
  whole.Pause(FileParser::Pause::kIdle, std::chrono::hours(1));
  whole.Pause(FileParser::Pause::kEnd);
  HC_CHECK(whole.completed() == whole.offset());
  HC_CHECK(!parser->holding());
  testing::ReadOn(
      whole, text, kMaxPlaces, [&] { return Make(setup); },
      [&](const auto& point, const auto& rest) {
        // Before there is a header, or where it is too long to be saved, the place matters.
        if (point.state.empty() && setup.option != kSetups[1].option) return;
        HC_CHECK(testing::IsRest(rest, whole, point));
      });
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& setup : hctail::kSetups) hctail::Run(setup, text);
  hctail::Sniff("csv", text);
  return 0;
}
