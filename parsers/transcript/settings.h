// SPDX-License-Identifier: Apache-2.0
// What --transcript.* options say.  One per file; immutable once made.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/option.h"
#include "base/regex.h"
#include "base/result.h"
#include "base/time.h"
#include "parsers/transcript/mask.h"
#include "parsers/transcript/trace.h"

namespace date {
class time_zone;
}

namespace hctail::transcript {

struct Settings {
  enum class Trace {
    kSession,  // each session is a trace
    kDay,      // all sessions of a machine that began on one day are one
    kOff,      // events only
  };
  enum class Elements {
    kFields,  // fields of the command
    kEvents,  // and a span event for each CommandInvocation
  };

  std::optional<Regex> prompt;
  std::string service_name = "powershell";
  size_t output_max = 64 << 10;
  Duration idle_timeout = std::chrono::minutes(5);
  Trace trace = Trace::kSession;
  Elements elements = Elements::kFields;
  bool find_trace = false;  // look for a trace context in the text
  TraceContext joined;      // the one that was given
  Mask mask;
  const date::time_zone* zone = nullptr;
};

Result<Settings> ReadSettings(const OptionValues& options, const date::time_zone* zone);

}  // namespace hctail::transcript
