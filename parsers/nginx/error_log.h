// SPDX-License-Identifier: Apache-2.0
// nginx's error log.
//
// Format (nginx, src/core/ngx_log.c and the log handlers of http, stream and mail):
//   2021/01/09 22:03:14 [error] 22#22: *1 connect() failed (111: Connection refused) while
//   connecting to upstream, client: A, server: S, request: "R", subrequest: "U", upstream: "U",
//   host: "H", referrer: "F"
// The time is local and names no zone; if the prefix has a time that does, the zone is what makes
// the two agree.  Values are not escaped, so that a client can put anything
// into them; they are read from the right, where nginx writes last, with the order in which it
// writes the keys.  A line is cut at 2048 bytes, perhaps in the middle of a value: what is there is
// kept.
//
// Fields: level, pid, tid, connection, message (with all that nothing else took), action (what it
// was doing: "connecting to upstream"), errno, error (its text), and the keys by their names.  Text
// before the time, as syslog or a container puts it there, becomes `prefix`.  "nginx: [emerg] ...",
// which goes to the terminal, has no time.
//
// A line that does not begin with a time continues the record before it: Lua and other modules
// write such.
//
// No options.  Tested by testdata/nginx-error.
#pragma once

#include <string_view>

#include "parsers/nginx/access_time.h"
#include "parsers/parser.h"

namespace hctail::nginx {

// True if `record` begins as the lines of an error log do, perhaps after a prefix.
bool IsErrorLine(std::string_view record);

// Reads one record.
Parsed ParseErrorLine(std::string_view record, const AccessTime& time, Event* event);

extern const ParserSpec kNginxError;

}  // namespace hctail::nginx
