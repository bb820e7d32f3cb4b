// SPDX-License-Identifier: Apache-2.0
// hctail replay: sends the records of dead-letter files again, after whatever made them fail was
// mended.
//
// FILE is moved to FILE.replaying/letters, so that new letters go to a new FILE, also from a hctail
// that runs at the time.  The folder beside it is a state directory of its own: its lock keeps two
// replays apart, and its checkpoint lets a replay go on where another one was killed.  When every
// letter is settled (sent, or a dead letter again) the folder is removed.
//
// Tested by tests/e2e/replay.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace hctail {

// Returns the exit code, as RunCommand does.  Events are only printed with Output::kStdout: then
// nothing is moved, written or removed.
int ReplayLetters(const Options& options, const std::vector<std::string>& files);

}  // namespace hctail
