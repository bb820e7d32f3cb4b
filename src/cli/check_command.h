// SPDX-License-Identifier: Apache-2.0
// `hctail check`: looks for all that is wrong with the configuration, and tries it on the lines
// that are there.
//
// Tested by the end-to-end case `check`.
#pragma once

#include "cli/invocation.h"
#include "cli/options.h"

namespace hctail {

// Prints the report on stdout and returns the exit code: 0 all would arrive, 1 some line would not
// be parsed or a file of the command line is not there, 2 the configuration is wrong.
int CheckCommand(const Invocation& invocation, const Environment& environment);

}  // namespace hctail
