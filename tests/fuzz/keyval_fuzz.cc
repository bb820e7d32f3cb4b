// SPDX-License-Identifier: Apache-2.0
// Lines of the input as key=value lines with and without options, and as plain text.
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

struct Setup {
  const char* parser;
  const char* option;
  const char* value;
};
constexpr Setup kSetups[] = {
    {"keyval", "", ""},
    {"keyval", "keyval.numeric-bools", "true"},
    {"keyval", "keyval.timefield", "ts"},
    {"keyval", "keyval.filter-regex", "a"},
    {"plain", "", ""},
};

// A copy in memory of exactly its size, so that reading past its end is seen.
void ParseRecord(Parser& parser, std::string_view text) {
  const std::vector<char> bytes(text.begin(), text.end());
  const std::string_view record(bytes.data(), bytes.size());
  (void)parser.StartsRecord(record);
  Event event;
  const Parsed parsed = parser.Parse(record, &event);
  std::string json;
  if (parsed.outcome == Parsed::Outcome::kEvent) AppendData(event, &json);
}

void Run(const Setup& setup, std::string_view text, const std::vector<std::string_view>& lines) {
  OptionValues options;
  if (setup.option[0] != '\0') options.Set(setup.option, {setup.value});
  const ParserSpec* const spec = FindParser(setup.parser);
  const auto parser = spec->create({.options = options});
  if (!parser) std::abort();
  for (const std::string_view line : lines) ParseRecord(**parser, line);
  ParseRecord(**parser, text);
  const Confidence confidence = spec->sniff(lines);
  if (!(confidence.score >= 0 && confidence.score <= 1)) std::abort();
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  for (const auto& setup : hctail::kSetups) hctail::Run(setup, text, lines);
  return 0;
}
