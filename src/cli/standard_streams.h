// SPDX-License-Identifier: Apache-2.0
// Standard input, output and error, which whoever started hctail may have closed.
//
// Functions only.  Tested by tests/e2e/stdin and stdout.
#pragma once

#include <string_view>

namespace hctail {

// Takes the place of those that are closed, so that no file or connection gets their number and the
// messages or events that are meant for them.  Reading and writing them goes on to fail.  To be
// called before anything is opened.
void OccupyClosedStreams();

// Whether `fd`, one of the three, was closed.
bool IsClosedStream(int fd);

// Writes `text` to standard output; returns `code`, or 2 if that failed, and says why on standard
// error.
int PrintOut(std::string_view text, int code = 0);

}  // namespace hctail
