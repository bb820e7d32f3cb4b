// SPDX-License-Identifier: Apache-2.0
// The first byte of the input chooses the wrapper and what is inside, the others are a file; it is
// stopped at places, and everything that was not complete must come again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/fuzz/records.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail {
namespace {

using testing::FileParserDriver;

constexpr const char* kParsers[] = {"json", "keyval", "csv", "regex"};
constexpr size_t kMaxPlaces = 20;

std::unique_ptr<FileParser> Make(uint8_t choice) {
  OptionValues options;
  if ((choice & 8) != 0) options.Set("multiline.preset", {"auto"});
  if ((choice & 16) != 0) options.Set("max-line", {"20"});
  options.Set("csv.fields", {"a,b"});
  options.Set("regex.line-regex", {"(?s)^(?P<a>.*)$"});
  auto parser = MakeFileParser(*FindParser(kParsers[choice / 2 % 4]), {.options = options},
                               (choice & 1) != 0 ? Wrapper::kDocker : Wrapper::kCri,
                               {.path = "/var/log/pods/shop_web_0f/app/2.log"});
  HC_CHECK(parser.has_value());
  return std::move(*parser);
}

void Run(uint8_t choice, std::string_view text) {
  const auto parser = Make(choice);
  FileParserDriver whole(*parser);
  testing::TakeAll(whole, text);
  HC_CHECK(!parser->holding());
  // Records that were done beyond the place come again.  After a line that was too long its pieces
  // may be lines, and join others.
  testing::ReadOn(
      whole, text, kMaxPlaces, [&] { return Make(choice); },
      [&](const auto& point, const auto& rest) {
        HC_CHECK((choice & 16) != 0 || point.records + rest.records.size() >= whole.records.size());
      });
}

void Unwrap(std::string_view text) {
  const std::vector<std::string_view> lines = LinesOf(text);
  const Wrapper wrapper = DetectWrapper(lines);
  for (const std::string_view line : lines) HC_CHECK(UnwrapLines(wrapper, {&line, 1}).size() <= 1);
  HC_CHECK(UnwrapLines(wrapper, lines).size() <= lines.size());
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  hctail::Run(data[0], text);
  hctail::Unwrap(text);
  return 0;
}
