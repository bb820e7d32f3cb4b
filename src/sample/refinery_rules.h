// SPDX-License-Identifier: Apache-2.0
// Refinery's rules file, version 2, as far as it concerns single events: the one door to yaml-cpp.
//
// Every sampler and every condition that looks at one event is understood, with Refinery's defaults
// (github.com/honeycombio/refinery, rules.md and config/sampler_config.go).  An event is taken for
// a trace of one span that has no root, so both scopes mean the same.  What needs a whole trace is
// refused by name: has-root-span, fields that begin with "root." or "?.", UseTraceLength; and
// UseClusterSize, as there is no cluster.  DeterministicSampler decides by the trace id
// (trace.trace_id or traceId) exactly as Refinery does; events without one are tossed for.
//
// Two things differ from Refinery.  A field that is null does not exist: hctail would not send it.
// And numbers are compared as text by their JSON text, not by Go's (1000000, not 1e+06).
//
// A function.  Tested by refinery_rules_test.cc and tests/fuzz/rules_fuzz.cc.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sample/sample_plan.h"

namespace hctail {

inline constexpr std::string_view kRefineryDefault = "__default__";

// By dataset or environment.
using RefineryRules = std::map<std::string, SamplePlan, std::less<>>;

// `path` is for messages: "PATH:LINE: what is wrong".
Result<RefineryRules> ParseRefineryRules(const std::string& text, const std::string& path);

}  // namespace hctail
