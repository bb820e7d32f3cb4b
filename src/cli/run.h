// SPDX-License-Identifier: Apache-2.0
// The command without a subcommand: read, parse and ship.
#pragma once

#include "cli/options.h"

namespace hctail {

// Returns the exit code: 0 everything is settled; 1 stopped with something unsettled; 2 the
// configuration is wrong, said on stderr.
int RunCommand(const Options& options);

}  // namespace hctail
