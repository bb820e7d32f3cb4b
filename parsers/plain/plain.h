// SPDX-License-Identifier: Apache-2.0
// Plain text: each line is an event with the field `message` and the time that can be found in it
// (event/line_time.h).  A line without one has the time of the line before it.
//
// Nothing is plain text by its looks: it is what --parser names, what is left in a container's log,
// whose lines have times of their own, and with --on-unparsed raw what no other format fits.
//
// Tested by plain_test.cc and testdata/plain.
#pragma once

#include "parsers/parser.h"

namespace hctail::plain {

extern const ParserSpec kPlain;

}  // namespace hctail::plain
