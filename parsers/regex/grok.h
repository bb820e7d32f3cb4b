// SPDX-License-Identifier: Apache-2.0
// Named pieces of patterns: %{IP:client} is an address that becomes the field `client`.
//
// The notation and the usual names are those of Logstash's grok; the patterns are our own, for RE2.
//   %{NAME}              the pattern NAME, not kept
//   %{NAME:field}        kept as `field`, whose name may have any letters: %{IP:client.address}
//   %{NAME:field:int}    kept as an integer; also float, string
//   %%{                  a literal "%{"
// A pattern is put in as a group, so what follows it repeats all of it.
//
// Tested by grok_test.cc.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"

namespace hctail::regex {

struct GrokPattern {
  std::string_view name;
  std::string_view text;  // may refer to others
  std::string_view example;
};

// The library, in the order of the names.
std::span<const GrokPattern> GrokPatterns();

enum class FieldType { kUsual, kInteger, kDecimal, kString };

struct GrokField {
  std::string name;
  FieldType type = FieldType::kUsual;
};

struct Expanded {
  std::string pattern;            // for Regex
  std::vector<GrokField> fields;  // the group "hcN" of the pattern is fields[N]
  std::vector<size_t> origins;    // of each byte of `pattern`: its place in the source
};

// The name of the group that stands for fields[index].
std::string GroupName(size_t index);

// `source` with its references replaced.  A fault's position is in `source`.
std::expected<Expanded, RegexFault> Expand(std::string_view source);

}  // namespace hctail::regex
