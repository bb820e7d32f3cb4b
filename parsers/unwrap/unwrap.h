// SPDX-License-Identifier: Apache-2.0
// The logs of containers: takes off what Docker or CRI put around each line, joins the pieces of
// long lines, and gives each of the two streams to a FileParser of its own.
//
// Fields added to every event that has none of that name: `stream`, what the path says of the
// container (container_path.h), and Docker's attrs as `attrs.NAME`.  An event without a time gets
// that of its record's first line.
//
// Streams interleave, so that of one a record or a line may be open while the other goes on; what
// is complete is what stands before the first open line of either, if no record of the other lies
// around that place.  So that one that is left open (a trace is the last thing a program says to
// stderr) does not hold the file back for ever, it is told to be idle when the other stream's times
// are --flush-partial-after past its own, or when kMaxLag bytes have come.
//
// A line that is not wrapped is malformed, "not a line of a container's log".  A line that is
// longer than --max-line once it is joined goes to the dead letters as far as that; its other
// pieces are dropped, as those of any line too long are (after a restart between them, they are a
// line).
//
// A line that is given before its end came (at a pause, or at the end of the file: rotation may
// fall between the pieces) gets the field `unwrap.cut`, "end".  The line after it, and the first
// one of each stream in a file that follows another at its path, may be the rest of it: if the
// format refuses that it gets the same field, "beginning".  Where the format cannot read what is
// left of such a line it is an event with its text as `message`, and no dead letter.
//
// Save() keeps what the inner parsers save.  After a restart, lines of one stream that were done
// may come again because the other was not: what is inside must bear it.
//
// Tested by unwrap_test.cc.
#pragma once

#include <memory>

#include "parsers/parser.h"

namespace hctail::unwrap {

std::span<const OptionSpec> Options();

// Error: --unwrap is none of its words.
Status CheckOptions(const OptionValues& options);

// `out` and `err` get the lines of stdout and stderr.  `wrapper` is not kNone.
std::unique_ptr<FileParser> Make(Wrapper wrapper, std::unique_ptr<FileParser> out,
                                 std::unique_ptr<FileParser> err, const ParserConfig& config,
                                 const FileFacts& file);

}  // namespace hctail::unwrap
