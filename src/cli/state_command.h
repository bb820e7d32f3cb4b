// SPDX-License-Identifier: Apache-2.0
// hctail state show: where each file would be resumed, and why.
#pragma once

#include "cli/options.h"

namespace hctail {

// Returns the exit code; writes to stdout, errors to stderr.  Changes nothing, needs no lock.
int ShowState(const Options& options);

}  // namespace hctail
