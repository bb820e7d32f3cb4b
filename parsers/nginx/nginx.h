// SPDX-License-Identifier: Apache-2.0
// Access logs of nginx, and of Apache and HAProxy, which are written by the same idea.
//
// Options: --nginx.conf FILE and --nginx.format NAME (honeytail's), or --nginx.log-format TEXT, or
// --nginx.format with the name of a preset; with none of them, the formats of presets.h are tried.
// In the last case a line of an error log, which a container mixes with the others, is read as
// nginx-error reads it.
//
// Formats: see log_format.h; how values become fields: fields.h; escapes: unescape.h.
// With --nginx.timefield that field is the time, in --nginx.time-format if that is given.
// `request` stays whole here; the request_shape transform takes it apart.
//
// A line that does not match is malformed.  Values keep the types of variables.h, where honeytail
// makes a number of whatever looks like one.
//
// Tested by nginx_test.cc, sniff_test.cc, property_test.cc and testdata/nginx.
#pragma once

#include "parsers/parser.h"

namespace hctail::nginx {

extern const ParserSpec kNginx;

}  // namespace hctail::nginx
