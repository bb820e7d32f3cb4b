// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fingerprint.h"
#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

constexpr size_t kTraceDigits = 32;
constexpr size_t kSpanDigits = 16;
constexpr std::string_view kNames[] = {"traceparent", "x-honeycomb-trace"};

bool IsHex(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'f');
  });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// "00-TRACE-SPAN-FLAGS"
std::optional<TraceContext> ReadTraceparent(std::string_view text) {
  constexpr size_t kSpanAt = 3 + kTraceDigits + 1;
  constexpr size_t kSize = kSpanAt + kSpanDigits + 3;
  if (text.size() < kSize || !IsHex(text.substr(0, 2)) || text[2] != '-') return std::nullopt;
  const std::string_view trace = text.substr(3, kTraceDigits);
  const std::string_view span = text.substr(kSpanAt, kSpanDigits);
  if (!IsHex(trace) || !IsHex(span) || IsZero(trace) || IsZero(span)) return std::nullopt;
  if (text[kSpanAt - 1] != '-' || text[kSpanAt + kSpanDigits] != '-') return std::nullopt;
  if (!IsHex(text.substr(kSize - 2, 2))) return std::nullopt;
  return TraceContext{Lowered(trace), Lowered(span)};
}

// "1;trace_id=TRACE,parent_id=SPAN,..."; the ids may be any words.
std::optional<TraceContext> ReadHoneycomb(std::string_view text) {
  if (!text.starts_with("1;")) return std::nullopt;
  text.remove_prefix(2);
  TraceContext context;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(", \t\"'"), text.size());
    const std::string_view part = text.substr(0, end);
    if (part.starts_with("trace_id=")) context.trace_id = part.substr(9);
    if (part.starts_with("parent_id=")) context.parent_id = part.substr(10);
    if (end == text.size() || text[end] != ',') break;
    text.remove_prefix(end + 1);
  }
  if (context.trace_id.empty() || context.parent_id.empty()) return std::nullopt;
  if (context.trace_id.size() > 128 || context.parent_id.size() > 128) return std::nullopt;
  return context;
}

}  // namespace

std::string TraceId(std::string_view of) {
  const Hash128 hash = HashBytes128(of);
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

std::string SpanId(std::string_view trace_id, std::string_view what) {
  return fmt::format("{:016x}", HashBytes(fmt::format("{}/{}", trace_id, what)));
}

std::string SpanId(std::string_view trace_id, uint64_t offset) {
  return SpanId(trace_id, fmt::format("{}", offset));
}

std::optional<TraceContext> ReadTraceContext(std::string_view text) {
  text = Trim(text);
  if (auto context = ReadHoneycomb(text)) return context;
  return ReadTraceparent(text);
}

std::optional<TraceContext> FindTraceContext(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (Lower(text[at]) != 't' && Lower(text[at]) != 'x') continue;
    for (const std::string_view name : kNames) {
      if (!EqualsIgnoringCase(text.substr(at, name.size()), name)) continue;
      std::string_view rest = text.substr(at + name.size());
      const size_t value = rest.find_first_not_of(" \t=:\"'>");
      if (value > 12) continue;  // or not found
      if (auto context = ReadTraceContext(rest.substr(value))) return context;
    }
  }
  return std::nullopt;
}

}  // namespace hctail::transcript
