// SPDX-License-Identifier: Apache-2.0
// Lines that a regular expression takes apart.
//
// --regex.line-regex, which may be given several times: the patterns are tried in that order, and
// the first that matches anywhere in the line wins (anchor it with ^ and $ to mean the whole line);
// only its first match counts.  Named groups, (?P<name>...) or (?<name>...), become fields; groups
// without a name do not.  The syntax is RE2's; %{IP:client} and its like are in grok.h.
//
// Types: with --regex.types infer, the default, text that a program would print for a number
// becomes one (42, -1, 0.25; not 007, +1 or 1e5), and a group that took no part gives no field.
// With string everything stays text and such a group gives "", as in honeytail.
//
// Time: --regex.timefield and --regex.time-format, or the usual names; see event/text_time.h.
//
// A line that no pattern matches is malformed.  White space around it is part of it.
//
// Tested by regex_test.cc, grok_test.cc and testdata/regex; measured by tests/bench/regex_bench.cc.
#pragma once

#include "parsers/parser.h"

namespace hctail::regex {

extern const ParserSpec kRegex;

}  // namespace hctail::regex
