// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "parsers/json/json.h"
#include "parsers/parser.h"

namespace hctail {

std::span<const ParserSpec> AllParsers() {
  static const ParserSpec kParsers[] = {
      json::kJson,
  };
  return kParsers;
}

const ParserSpec* FindParser(std::string_view name) {
  const std::span<const ParserSpec> all = AllParsers();
  const auto found = std::ranges::find(all, name, &ParserSpec::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace hctail
