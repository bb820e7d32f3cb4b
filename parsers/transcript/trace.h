// SPDX-License-Identifier: Apache-2.0
// Ids of traces and spans, and the contexts of wider traces that a session may join: W3C's
// traceparent ("00-TRACE-SPAN-FLAGS") and Honeycomb's X-Honeycomb-Trace
// ("1;trace_id=TRACE,parent_id=SPAN,context=...").
//
// Ids are hashes of what they name, so reading a file again gives the same ones.  Functions only.
// Tested by trace_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hctail::transcript {

struct TraceContext {
  std::string trace_id = {};
  std::string parent_id = {};

  bool empty() const { return trace_id.empty(); }
};

// 32 and 16 hexadecimal digits.
std::string TraceId(std::string_view of);
std::string SpanId(std::string_view trace_id, std::string_view what);
std::string SpanId(std::string_view trace_id, uint64_t offset);

// The context that all of `text` is.
std::optional<TraceContext> ReadTraceContext(std::string_view text);
// The first one that `text` names: "traceparent=00-...", "X-Honeycomb-Trace: 1;...".
std::optional<TraceContext> FindTraceContext(std::string_view text);

}  // namespace hctail::transcript
