// SPDX-License-Identifier: Apache-2.0
// Lines through every format of access and error logs, and a format and a configuration made of the
// input.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "parsers/nginx/log_format.h"
#include "parsers/nginx/unescape.h"
#include "tests/fuzz/records.h"

namespace hctail {
namespace {

std::unique_ptr<Parser> Make(const char* name, const char* format) {
  OptionValues options;
  if (format != nullptr) options.Set("nginx.format", {format});
  auto parser = FindParser(name)->create({.options = options});
  if (!parser) std::abort();
  return *std::move(parser);
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
  for (const auto& parser : kParsers) hctail::ParseLinesAndAll(*parser, text);
  hctail::Sniff("nginx", text);
  hctail::Sniff("nginx-error", text);
  hctail::MatchOwnFormat(text);
  return 0;
}
