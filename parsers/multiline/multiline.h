// SPDX-License-Identifier: Apache-2.0
// Records of several lines, for a Parser that knows nothing of lines.
//
// A line begins a record or belongs to the one before.  In this order:
//  - --multiline.start: a line that it matches begins one.
//  - --multiline.continue, and the languages of --multiline.preset (see trace.h): a line that one
//    of them claims belongs to the one before.
//  - Any other line belongs to the one before if only --multiline.start was given, else it begins
//    one.  With none of these options the parser's own StartsRecord says.
// A blank line that begins a record is one by itself.
//
// What the parser gets:
//  - A format that takes_lines gets the whole record, with '\n' between lines.  If it refuses that,
//    or takes only text of the first line (a regular expression without (?s) whose end is not
//    anchored), the next rule holds.
//  - Any other gets the first line, and the rest becomes the field `exception.stacktrace` if a
//    preset has seen a trace in the record, else `continuation`.
//  - A record that is a trace from its first line on, and whose first line the parser refuses,
//    becomes an event: `message` (that line) and `exception.stacktrace` (all of it).
// Blank lines at the end of a record are dropped.
//
// Limits: a record of more than --multiline.max-lines or --multiline.max-bytes is cut.  The event
// gets the field `multiline.cut`, true; the lines after the cut go to the dead letters, in pieces
// of that size, as "rest of a record that was cut".  A single line is never cut.
//
// The record that is open waits for its next line, at most until a pause in which nothing came for
// --multiline.timeout; it is not sent at a shutdown but read again.
//
// Tested by multiline_test.cc.
#pragma once

#include <memory>
#include <span>

#include "parsers/parser.h"

namespace hctail::multiline {

std::span<const OptionSpec> Options();

// True if an option says where records begin.
bool IsAsked(const OptionValues& options);

// Groups lines for `parser`, which is one of `spec`.  Error: an option is wrong.
Result<std::unique_ptr<FileParser>> Make(std::unique_ptr<Parser> parser, const ParserSpec& spec,
                                         const ParserConfig& config);

}  // namespace hctail::multiline
