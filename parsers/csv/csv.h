// SPDX-License-Identifier: Apache-2.0
// Comma-separated values with a header.
//
// Format: RFC 4180.  A value may stand in double quotes, with "" for a quote in it, and may then
// hold separators and line ends.  A '"' inside a value that does not begin with one is an error,
// and so is another number of values than the header has.
//
// Header: --csv.fields, itself a line of CSV; a line equal to it is skipped.  Without it the first
// record is the header, if it looks like one (names, each once, none a number): one parser must
// then see one file from its beginning.  If it does not, every record is malformed, "no header".
// --csv.header no says that there is none, and the columns are called column_1, column_2 and so on.
//
// --csv.delimiter is one byte, or tab; without it, that of , ; tab | which parts the header most.
// --csv.trim-leading-space drops spaces before values (and names).
//
// Types: numbers as Go reads them, else text.  Time: --csv.timefield and --csv.time-format, or the
// usual names; see event/text_time.h.
//
// Tested by csv_test.cc and testdata/csv.
#pragma once

#include "parsers/parser.h"

namespace hctail::csv {

extern const ParserSpec kCsv;

}  // namespace hctail::csv
