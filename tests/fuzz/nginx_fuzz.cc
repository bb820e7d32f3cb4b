// SPDX-License-Identifier: Apache-2.0
// Lines through every format of access and error logs, and a format and a configuration made of the
// input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "event/encode_json.h"
#include "parsers/nginx/log_format.h"
#include "parsers/nginx/presets.h"
#include "parsers/nginx/unescape.h"
#include "parsers/parser.h"

namespace hctail {
namespace {

std::unique_ptr<Parser> Make(const char* name, const char* format) {
  OptionValues options;
  if (format != nullptr) options.Set("nginx.format", {format});
  auto parser = FindParser(name)->create({.options = options});
  if (!parser) std::abort();
  return *std::move(parser);
}

// A copy in memory of exactly its size, so that reading past its end is seen.
void ParseLine(Parser& parser, std::string_view line) {
  const std::vector<char> bytes(line.begin(), line.end());
  const std::string_view record(bytes.data(), bytes.size());
  (void)parser.StartsRecord(record);
  Event event;
  const Parsed parsed = parser.Parse(record, &event);
  std::string json;
  if (parsed.outcome == Parsed::Outcome::kEvent) AppendData(event, &json);
}

// The first line is a format, the others are matched with it.
void MatchOwnFormat(std::string_view text) {
  const size_t end = std::min(text.find('\n'), text.size());
  for (const auto escape : {nginx::Escape::kDefault, nginx::Escape::kJson, nginx::Escape::kNone}) {
    const auto matcher = nginx::Matcher::Compile({std::string(text.substr(0, end)), escape});
    if (!matcher) continue;
    std::vector<std::string_view> values(matcher->slots().size());
    const std::string_view line = text.substr(end);
    std::string scratch;
    scratch.reserve(line.size());
    const char* const memory = scratch.data();
    if (!matcher->Match(line, nginx::Matcher::Checks::kLenient, values.data())) continue;
    for (const std::string_view value : values) (void)nginx::Unescape(value, escape, &scratch);
    if (scratch.data() != memory) std::abort();  // views into it would be lost
  }
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using hctail::Make;
  static const std::unique_ptr<hctail::Parser> kParsers[] = {
      Make("nginx", nullptr),       Make("nginx", "ingress-nginx"),   Make("nginx", "haproxy-http"),
      Make("nginx-error", nullptr), Make("nginx", "apache-combined"),
  };
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  for (const auto& parser : kParsers) {
    for (const std::string_view line : lines) hctail::ParseLine(*parser, line);
    hctail::ParseLine(*parser, text);
  }
  (void)hctail::FindParser("nginx")->sniff(lines);
  (void)hctail::FindParser("nginx-error")->sniff(lines);
  hctail::MatchOwnFormat(text);
  return 0;
}
