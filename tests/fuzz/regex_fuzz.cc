// SPDX-License-Identifier: Apache-2.0
// The first line of the input is a pattern, which must compile or be refused with its place; the
// others are matched with it and with a fixed one.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/fuzz/records.h"

namespace hctail {
namespace {

void Run(const std::string& pattern, std::string_view text) {
  OptionValues options;
  options.Set("regex.line-regex", {pattern, R"(^(?<a>\S+) %{IP:ip}(?<a>.*)$)"});
  const auto parser = FindParser("regex")->create({.options = options});
  if (!parser) {
    if (parser.error().message.empty() || !parser.error().hint.contains('^')) std::abort();
    return;
  }
  for (const std::string_view line : LinesOf(text)) ParseRecord(**parser, line);
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\n'), text.size());
  if (end > 200) return 0;  // RE2 takes long to compile what is long
  hctail::Run(text.substr(0, end), std::string_view(text).substr(end));
  return 0;
}
