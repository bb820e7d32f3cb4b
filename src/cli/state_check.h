// SPDX-License-Identifier: Apache-2.0
// hctail state check: is the state directory sound, and if not, what is wrong, and what would
// mending it cost?
//
// Everything in it is read: positions, lock, rates of sampling, dead letters, owners and modes.
// Returns the exit code: 0 sound (or mended), 1 problems found, 2 it could not be looked at.
// Tested by state_check_test.cc and tests/e2e/state_check.
#pragma once

#include "base/log.h"
#include "base/time.h"
#include "cli/options.h"

namespace hctail {

// With options.repair what can be mended is; never while a hctail holds the lock.  Writes to `out`,
// errors to `log`.
int CheckState(const Options& options, const Clock& clock, int out, Log& log);

}  // namespace hctail
