// SPDX-License-Identifier: Apache-2.0
// The first line of the input is a pattern, which must compile or be refused with its place; the
// others are matched with it and with a fixed one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "event/encode_json.h"
#include "parsers/parser.h"

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
  Event event;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::vector<char> line(text.begin() + static_cast<std::ptrdiff_t>(at),
                                 text.begin() + static_cast<std::ptrdiff_t>(end));
    event.Clear();
    const auto parsed = (*parser)->Parse({line.data(), line.size()}, &event);
    std::string json;
    if (parsed.outcome == Parsed::Outcome::kEvent) AppendData(event, &json);
    at = end + 1;
  }
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
