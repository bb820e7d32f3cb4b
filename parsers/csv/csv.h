// SPDX-License-Identifier: Apache-2.0
// Comma-separated values with a header.
//
// Format: RFC 4180.  A value may stand in double quotes, with "" for a quote in it, and may then
// hold separators and line ends.  A '"' inside a value that does not begin with one is an error,
// and so is another number of values than the header has.
//
// Header: --csv.fields, itself a line of CSV; a line equal to it is skipped.  Without it the file's
// first record is the header, if it looks like one (names, each once, none a number), and records
// equal to it, as rotation and appending leave them, are skipped.  If it does not, it is malformed,
// "no header", and the next record may be it; of a file that is not read from its beginning, all
// are malformed.
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
