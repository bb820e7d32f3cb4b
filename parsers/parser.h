// SPDX-License-Identifier: Apache-2.0
// What a format is: a pure function from a record to an Event, with a little memory.
//
// A Parser has no threads, no clock, no I/O and no logging.  One instance serves one worker, so it
// needs no locks.  A new format costs one folder, one row in registry.cc, one line in
// CMakeLists.txt and one folder of testdata.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/option.h"
#include "base/result.h"
#include "event/event.h"
#include "parsers/file_parser.h"
#include "parsers/wrapper.h"

namespace date {
class time_zone;
}

namespace hctail {

// Bytes that must be readable (their values do not matter) after every record given to Parse, so
// that simdjson can parse in place (SIMDJSON_PADDING).
inline constexpr size_t kRecordPadding = 64;

// What became of one record.
struct Parsed {
  enum class Outcome {
    kEvent,      // `event` is filled
    kSkip,       // nothing to send, on purpose: a blank line, a comment
    kMalformed,  // not this format: goes to the dead letters
  };
  Outcome outcome = Outcome::kEvent;
  // A string literal: names a counter and is the reason in the dead letter.  With kEvent it names
  // something that was mended, or is empty.
  std::string_view why = {};
};

class Parser {
 public:
  virtual ~Parser() = default;
  // True if `line` begins a new record; formats whose records may span lines override it.
  virtual bool StartsRecord([[maybe_unused]] std::string_view line) const { return true; }
  // Fills `event`, which arrives cleared and is ignored unless the outcome is kEvent.  Names and
  // values may point into `record` or this parser's scratch; both stay put until the next call.
  // `record` has no line terminator and is followed by kRecordPadding readable bytes.
  virtual Parsed Parse(std::string_view record, Event* event) = 0;
};

// What every parser is made with.  Lives only during Create.
struct ParserConfig {
  const OptionValues& options;
  // Zone of timestamps that name none; null: UTC.  Static lifetime.
  const date::time_zone* zone = nullptr;
  // When hctail started; for dates without a year.
  Timestamp now = {};
  // The same for formats that are always written in local time: this machine's if none was given.
  const date::time_zone* local_zone = nullptr;
  // Each line comes with a time besides its text: the one that a container's runtime wrote.
  bool timed = false;
};

// How sure a format is that some lines are its own.
struct Confidence {
  double score = 0;         // 0 (no) to 1 (certain); below 0.5 is no choice
  std::string reason = {};  // "5 of 5 lines are JSON objects"
};

// One row of the registry: help, man page, completions and config keys come from it.
struct ParserSpec {
  std::string_view name;     // "json"
  std::string_view summary;  // one line, lower case, no final period
  std::span<const OptionSpec> options;
  // For --parser auto.  Each line is followed by kRecordPadding readable bytes or by another line.
  Confidence (*sniff)(std::span<const std::string_view> first_lines);
  // Null if `create_for_file` is not.
  Result<std::unique_ptr<Parser>> (*create)(const ParserConfig& config);
  // An option that it cannot do without, or empty.
  std::string_view required_option = {};
  // The field that holds HTTP requests, which get a shape; or empty.
  std::string_view request_field = {};
  // Its records often span lines: StartsRecord says where they begin, if no option does.  Costs a
  // FileParser for each file, and the last record waits for the line after it.
  bool spans_lines = false;
  // Parse takes records of several lines, with '\n' between them.  Else, and if it refuses one, it
  // gets the first line and the others become a field.
  bool takes_lines = false;
  // For formats that must see a file as a whole; else null.  With `create` too: that is for lines
  // that --multiline groups.
  Result<std::unique_ptr<FileParser>> (*create_for_file)(const ParserConfig& config,
                                                         const FileFacts& file) = nullptr;
};

// A parser of `spec`, with --log-prefix before it if that is given.  Only for files that need no
// FileParser.
Result<std::unique_ptr<Parser>> MakeParser(const ParserSpec& spec, const ParserConfig& config);

// Whether a file of this format, wrapped so, has to be seen as a whole.
bool NeedsFileParser(const ParserSpec& spec, const ParserConfig& config, Wrapper wrapper);
// A parser for one file, of any format: what takes the wrapper off, what takes --log-prefix off,
// what groups lines into records, and the format itself, as far as each is wanted.
Result<std::unique_ptr<FileParser>> MakeFileParser(const ParserSpec& spec,
                                                   const ParserConfig& config, Wrapper wrapper,
                                                   const FileFacts& file);

// --unwrap and --multiline...: options that are no format's own.  Static lifetime.
std::span<const OptionSpec> RecordOptions();

// All formats, in the order of their names.  Static lifetime.
std::span<const ParserSpec> AllParsers();
// The row of `name`, or null.
const ParserSpec* FindParser(std::string_view name);

}  // namespace hctail
