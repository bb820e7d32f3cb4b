// SPDX-License-Identifier: Apache-2.0
// hctail state show, state forget: the saved positions, looked at and removed.
//
// Each returns the exit code and writes to stdout, errors to stderr.  Tested by tests/e2e/state.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace hctail {

// Where each file would be resumed, and why.  Changes nothing, needs no lock.
int ShowState(const Options& options);

// Removes the positions of the files that `paths` (or quoted globs) name; all of them or, if one
// matches nothing, none.  Needs the lock.
int ForgetState(const Options& options, const std::vector<std::string>& paths);

}  // namespace hctail
