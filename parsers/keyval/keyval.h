// SPDX-License-Identifier: Apache-2.0
// Key=value pairs: logfmt, as Heroku, Grafana, logrus and go-kit write it.
//
// Grammar (kr/logfmt, which honeytail uses): a key is a run of bytes above the space that are
// neither
// '"' nor '='; after '=' comes a value of the same bytes, or one in double quotes with the escapes
// of JSON strings; `key=` and a bare `key` have the value "".
//
// Types: t, T, true, TRUE, True and their opposites are booleans; with --keyval.numeric-bools 1 and
// 0 are too, as in honeytail.  Otherwise numbers as Go reads them, else text.  Of equal keys the
// last counts.
//
// Mended rather than dropped: a quote that is not closed reaches to the end of the line ("unclosed
// quote"), and text with an unknown escape stays as it is ("unknown escape").
//
// What stands before the first pair and has a time in it, as in "2024-03-05T06:07:08Z app[web.1]:
// at=info", gives the time of the event and the field `prefix`; a line with such a time and no pair
// becomes `message`.  Other lines without a pair are malformed.
//
// Time: --keyval.timefield and --keyval.time-format, or the usual names; see event/text_time.h.
// --keyval.filter-regex keeps the lines that it matches, or with --keyval.invert-filter the others.
//
// Tested by keyval_test.cc and testdata/keyval.
#pragma once

#include "parsers/parser.h"

namespace hctail::keyval {

extern const ParserSpec kKeyval;

}  // namespace hctail::keyval
