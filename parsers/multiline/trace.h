// SPDX-License-Identifier: Apache-2.0
// Which lines belong together because they are a stack trace, or follow a line as one.
//
// Whatever the language, a line that begins with white space belongs to the record before it, and
// a blank line does if that has a trace in it.  What stands at the beginning of a line:
//
//  - Java: an exception after a log line, "Caused by:", "Suppressed:", "... 23 more".
//  - .NET: an exception after a log line, "--->" and "--- End of inner exception stack trace ---".
//  - Python: "Traceback (most recent call last):" after a log line, the exception's own line, the
//    words between chained ones, and what databases add (DETAIL:, [SQL: ...]).
//  - Go: all from "panic:" or "fatal error:" on: "goroutine 1 [running]:", the calls, "created by",
//    "[signal ...]"; also goroutines after a log line, as net/http prints them.
//  - Node: the failing source line, its "^", the error under it, a closing "}", "Node.js v20".
//  - Ruby: "app.rb:3:in `work'".  PHP: "Stack trace:", "#0 ...", "Next ...", Laravel's
//  "[stacktrace]".
//
// A trace that follows a trace is a record of its own, and so is one that follows a line which is a
// JSON object: whoever logs so does not write traces below it.
//
// One per file.  Tested by trace_test.cc with traces of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hctail::multiline {

using Languages = uint8_t;
inline constexpr Languages kJava = 1, kDotnet = 2, kPython = 4, kGo = 8, kNode = 16, kRuby = 32,
                           kPhp = 64, kAllLanguages = 127;

// "java", or "auto" for all; empty if there is no such.
std::optional<Languages> LanguagesOf(std::string_view name);

class TraceLines {
 public:
  explicit TraceLines(Languages languages) : languages_(languages) {}

  // `line` is the first of a record.
  void Begin(std::string_view line);
  // Whether `line`, the next one, belongs to that record.  If not, Begin comes next.
  bool Continues(std::string_view line);

  // Where in a record we are, as a few bytes; Restore takes no others.
  std::string Save() const;
  void Restore(std::string_view state);

  // The record has a trace in it.
  bool has_trace() const { return language_ != 0; }
  // The record is a trace from its first line on.
  bool is_trace() const { return has_trace() && opened_; }

 private:
  // Where in a trace we are.
  enum class Phase : uint8_t {
    kStart,  // what comes before the first frame
    kFrames,
    kDone,     // Python: the exception's own line was there
    kChained,  // Python: another traceback is announced
    kSource,   // Node: a source line comes
    kCaret,    // Node: the '^' below it comes
  };

  bool Has(Languages language) const { return (languages_ & language) != 0; }
  bool In(Languages language) const { return (language_ & language) != 0; }
  bool Enter(Languages language, Phase phase);
  bool Attach(Languages language, Phase phase);
  bool ContinuesIndented(std::string_view line);
  bool ContinuesJava(std::string_view line);
  bool ContinuesDotnet(std::string_view line);
  bool ContinuesPython(std::string_view line);
  bool ContinuesGo(std::string_view line);
  bool ContinuesNode(std::string_view line);
  bool ContinuesRuby(std::string_view line);
  bool ContinuesPhp(std::string_view line);

  const Languages languages_;
  Languages language_ = 0;  // of the trace that the record has; several if they look alike
  Phase phase_ = Phase::kStart;
  bool opened_ = false;  // the first line may open a trace
  bool first_is_json_ = false;
};

}  // namespace hctail::multiline
