// SPDX-License-Identifier: Apache-2.0
// JSON lines: one JSON object a line, which is an event as it stands.
//
// Format: RFC 8259; the fields of an event are the members of the object.  Nested values and
// numbers are kept as they are written (1.10 stays 1.10, integers of any length stay whole), and a
// line that nobody changes goes into the batch without being taken apart.  What is done about the
// odd ones:
//
//  - White space and NUL bytes around a line are dropped (a copytruncate leaves NULs), and so is a
//    byte order mark at its start.  A line of nothing else is skipped: "blank line".
//  - `{}` is malformed, "empty object": there is nothing to send.  So is a line whose only field is
//    its time: "no field besides the time".  Text that does not begin with '{' is "not a JSON
//    object".  Everything else that is wrong is "bad JSON: ...", see Why in json_walk.h.  The whole
//    line is checked: one bad byte deep inside would make a whole batch unreadable for the API.
//  - Bytes that are not UTF-8 become U+FFFD, one by one, as Go does it: "invalid UTF-8 replaced".
//    Half a surrogate pair (\ud800) becomes \ufffd: "lone surrogate replaced".
//  - What nginx writes by a log_format in the form of JSON is mended: "JSON as nginx writes it";
//  see
//    json_nginx.h.
//  - Control characters inside strings are malformed, as in Go.  Numbers that overflow a double
//    (1e999) are too, for no reader could decode them.
//  - Equal names are passed on as they are; the last one counts, for the time as well, and all
//    members called like the chosen time are taken out.
//  - Any length works.  Memory is kept for lines up to kKeptCapacity.
//  - Objects and arrays may stand 1,023 deep in the line's object.
//
// Time: json_time.h.  Envelopes, as libhoney writes them to files, are
//   {"data":{...},"samplerate":N,"time":"...","dataset":"..."}
// Their fields are those of `data`, and time, rate and dataset come from around it; they were
// sampled before.  With json.envelope=auto, a line is one if it has no other members than these and
// `user_agent`, and `data` is an object; with `yes` every line must be one, and other members are
// ignored.  A rate below 1 is malformed, "bad samplerate"; its fraction is cut off.
#pragma once

#include "parsers/parser.h"

namespace hctail::json {

extern const ParserSpec kJson;

}  // namespace hctail::json
