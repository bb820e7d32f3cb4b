// SPDX-License-Identifier: Apache-2.0
// What the fuzzers of formats share: an input is a record, and each of its lines is one too.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "event/encode_json.h"
#include "parsers/parser.h"

namespace hctail {

inline std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// Parses a copy in memory of exactly its size, so that reading past its end is seen, and encodes
// what becomes of it.
inline void ParseRecord(Parser& parser, std::string_view text) {
  const std::vector<char> bytes(text.begin(), text.end());
  const std::string_view record(bytes.data(), bytes.size());
  (void)parser.StartsRecord(record);
  Event event;
  const Parsed parsed = parser.Parse(record, &event);
  std::string json;
  if (parsed.outcome == Parsed::Outcome::kEvent) AppendData(event, &json);
}

inline void ParseLinesAndAll(Parser& parser, std::string_view text) {
  for (const std::string_view line : LinesOf(text)) ParseRecord(parser, line);
  ParseRecord(parser, text);
}

inline void Sniff(const char* parser, std::string_view text) {
  const Confidence confidence = FindParser(parser)->sniff(LinesOf(text));
  HC_CHECK(confidence.score >= 0 && confidence.score <= 1);
}

// A parser with an option, or with none if its name is "".
struct Setup {
  const char* parser;
  const char* option;
  const char* value;
};

inline void RunSetups(std::span<const Setup> setups, const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const Setup& setup : setups) {
    OptionValues options;
    if (setup.option[0] != '\0') options.Set(setup.option, {setup.value});
    const auto parser = FindParser(setup.parser)->create({.options = options});
    HC_CHECK(parser.has_value());
    ParseLinesAndAll(**parser, text);
    Sniff(setup.parser, text);
  }
}

}  // namespace hctail
