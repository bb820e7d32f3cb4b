// SPDX-License-Identifier: Apache-2.0
// The first byte of the input chooses how lines are grouped, the others are a file.  From wherever
// it is stopped, the rest must give the rest.
#include <cstddef>
#include <cstdint>
#include <string>

#include "parsers/parser.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail {
namespace {

using testing::FileParserDriver;

constexpr const char* kParsers[] = {"json", "keyval", "nginx-error", "regex"};
constexpr const char* kOptions[][2] = {{"multiline.start", "^[0-9{]"},
                                       {"multiline.continue", "^\\s|^$"},
                                       {"multiline.preset", "auto"},
                                       {"multiline.preset", "java,python"}};
constexpr size_t kMaxPlaces = 20;

std::unique_ptr<FileParser> Make(uint8_t choice) {
  OptionValues options;
  options.Set(kOptions[choice % 4][0], {kOptions[choice % 4][1]});
  options.Set("multiline.max-lines", {(choice & 16) != 0 ? "3" : "1000"});
  options.Set("regex.line-regex", {"^(?P<a>\\w+) (?P<b>.*)"});
  if ((choice & 32) != 0) options.Set("log-prefix", {"(?P<p>\\w+\\|)"});
  auto parser = MakeFileParser(*FindParser(kParsers[choice / 4 % 4]), {.options = options},
                               Wrapper::kNone, {});
  HC_CHECK(parser.has_value());
  return std::move(*parser);
}

void Run(uint8_t choice, std::string_view text) {
  const auto parser = Make(choice);
  FileParserDriver whole(*parser);
  testing::TakeAll(whole, text);
  HC_CHECK(!parser->holding());
  testing::ReadOn(
      whole, text, kMaxPlaces, [&] { return Make(choice); },
      [&](const auto& point, const auto& rest) { HC_CHECK(testing::IsRest(rest, whole, point)); });
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  hctail::Run(data[0], text);
  return 0;
}
