// SPDX-License-Identifier: Apache-2.0
// Syslog, as daemons write it to files and send it.
//
// --syslog.mode rfc3164, rfc5424, or auto (the default), which tells them apart line by line.
//
// RFC 3164, loosely:  [<PRI>]Mmm dd hh:mm:ss host tag[pid]: content
//  - The priority may be missing, as it is in files.
//  - The time may have a fraction or a year, or be ISO 8601 (rsyslog's high precision).  It has no
//    year: the one closest to now and not in the future, followed over New Year.
//  - The host may be missing; ChromeOS and VMware have a severity in its place.
//  - What a syslogd says itself ("last message repeated 3 times") has no tag and may lack a host.
//  - The tag may lack its pid, or its colon; then the first word is the tag.  The pid is kept.
// RFC 5424:  <PRI>1 TIME HOST APP PROCID MSGID SD MSG, also with another version digit.
//
// Fields, with honeytail's names: priority, facility, severity (if there is a priority), hostname,
// process, proc_id, timestamp, and content (3164) or version, msg_id, structured_data, message
// (5424).  "-" stays "-", as in honeytail, and structured data stays text unless
// --syslog.structured-data fields makes fields of it, called ID.NAME.  The timestamp stays a field
// and is the time of the event.
//
// --syslog.processes keeps the lines of some processes only; it may be given several times or with
// commas.
//
// A line that does not begin so is malformed, unless --multiline joins it to the one before.
//
// Tested by syslog_test.cc and testdata/syslog.
#pragma once

#include "parsers/parser.h"

namespace hctail::syslog {

extern const ParserSpec kSyslog;

}  // namespace hctail::syslog
