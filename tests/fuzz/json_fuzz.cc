// SPDX-License-Identifier: Apache-2.0
// Any bytes through the JSON parser.  Besides not crashing: our walk accepts what simdjson's DOM
// accepts, and what is sent is JSON again.  The corpus is testdata/json.
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "parsers/json/json_walk.h"
#include "parsers/parser.h"

namespace {

using hctail::Event;
using hctail::Parsed;

// The DOM has no room for integers of more than 64 bits; we keep them.
bool HasLongNumber(std::string_view text) {
  constexpr size_t kDigitsOf64Bits = 19;
  size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= kDigitsOf64Bits) return true;
  }
  return false;
}

void CompareWithDom(std::string_view text) {
  if (!text.starts_with('{')) return;
  static hctail::json::Walker walker;
  static simdjson::dom::parser parser;
  const std::string terminated(text);
  const hctail::json::Fault fault = walker.Walk(terminated);
  const simdjson::error_code error = parser.parse(simdjson::padded_string(text)).error();
  if (fault == hctail::json::Fault::kTooDeep || error == simdjson::DEPTH_ERROR) return;
  if (walker.has_lone_surrogate()) return;
  if (error == simdjson::NUMBER_ERROR && HasLongNumber(text)) return;
  HC_CHECK((fault == hctail::json::Fault::kNone) == (error == simdjson::SUCCESS));
}

void CheckSendable(const Event& event) {
  std::string json = "{";
  for (const std::string_view piece : event.verbatim()) {
    HC_CHECK(!piece.empty());
    if (json.size() > 1) json += ',';
    json += piece;
  }
  json += '}';
  static hctail::json::Walker walker;
  HC_CHECK(walker.Walk(json) == hctail::json::Fault::kNone);
  HC_CHECK(!walker.has_lone_surrogate());
  HC_CHECK(walker.members().size() == event.fields().size());
  HC_CHECK(!event.fields().empty());
  HC_CHECK(event.sample_rate >= 1);
}

void CheckRecord(std::string_view text) {
  CompareWithDom(text);
  static const hctail::OptionValues kNoOptions;
  static const auto kParser = hctail::FindParser("json")->create({.options = kNoOptions}).value();
  static Event event;
  std::string padded(text);
  padded.append(hctail::kRecordPadding, '[');
  event.Clear();
  const Parsed parsed = kParser->Parse(std::string_view(padded).substr(0, text.size()), &event);
  if (parsed.outcome == Parsed::Outcome::kEvent) CheckSendable(event);
}

}  // namespace

// The whole input, and each of its lines, as a file of the corpus has many.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckRecord(text);
  while (text.contains('\n')) {
    CheckRecord(text.substr(0, text.find('\n')));
    text.remove_prefix(text.find('\n') + 1);
  }
  return 0;
}
