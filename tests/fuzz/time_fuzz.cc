// SPDX-License-Identifier: Apache-2.0
// Any bytes as a time and, up to the first newline, as a format for the rest.  Besides not
// crashing: what is understood is in the years 1 to 9999, and is understood again when written as
// RFC 3339.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/civil.h"
#include "base/time_format.h"
#include "base/time_iso.h"
#include "base/time_parse.h"

namespace {

void CheckTime(const std::optional<hctail::Timestamp>& time) {
  if (!time) return;
  HC_CHECK(time->seconds >= hctail::kMinTimestampSeconds);
  HC_CHECK(time->seconds <= hctail::kMaxTimestampSeconds);
  HC_CHECK(time->nanos >= 0 && time->nanos < 1'000'000'000);
  HC_CHECK(hctail::ParseRfc3339(hctail::FormatRfc3339(*time)) == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr hctail::Timestamp kNow{1709618828, 0};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const date::time_zone* const kZone =
      hctail::FindZone("America/New_York").value_or(nullptr);
  static const hctail::TimeParser kUsual = hctail::TimeParser::Create("", kZone).value();
  CheckTime(kUsual.Parse(text, kNow));
  CheckTime(kUsual.ParseAsHoneytail(text, kNow));

  const size_t newline = text.find('\n');
  if (newline == std::string_view::npos) return 0;
  const auto parser = hctail::TimeParser::Create(text.substr(0, newline), kZone);
  if (parser) CheckTime(parser->Parse(text.substr(newline + 1), kNow));
  return 0;
}
