// SPDX-License-Identifier: Apache-2.0
// honeytail's names: of every option it has, built here or not, and of its config file's sections.
//
// A name that hctail has no option for yet is refused by that name, never ignored: somebody who
// asks for a field to be dropped must not find it sent.
//
// Tested by honeytail_names_test.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hctail {

// What an option that is not built yet was for; decides the hint.
enum class HoneytailTopic { kBuilt, kFields, kConfig, kState, kParser };

struct HoneytailOption {
  std::string_view name;   // "tail.read_from"
  std::string_view field;  // its other name in an INI file: "ReadFrom"; may be empty
  HoneytailTopic topic = HoneytailTopic::kBuilt;  // kBuilt: hctail's option table has the name
};

std::span<const HoneytailOption> HoneytailOptions();

// The option with this long name, or null.
const HoneytailOption* FindHoneytailName(std::string_view name);
// The first option with this INI field name whose name begins with `prefix` ("json."), or null.
const HoneytailOption* FindHoneytailField(std::string_view field, std::string_view prefix);

// "--dynsampling is not built yet (from /etc/hctail.conf:3)"; `origin` may be empty.
Error NotBuiltYet(const HoneytailOption& option, std::string_view origin);

// The parsers of honeytail, built here or not.
bool IsHoneytailParser(std::string_view name);

// A section of an INI file, and the prefix of the options it holds: "tail.", "json." or "".
struct HoneytailSection {
  std::string_view name;
  std::string_view prefix;
};
std::span<const HoneytailSection> HoneytailSections();

}  // namespace hctail
