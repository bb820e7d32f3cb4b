// SPDX-License-Identifier: Apache-2.0
// The command without a subcommand: read, parse and ship.
#pragma once

#include "cli/options.h"
#include "parsers/parser.h"
#include "ship/dead_letter.h"

namespace hctail {

// A run that reads dead letters instead of logs.
struct Replay {
  const ParserSpec* parser = nullptr;  // null: this is no replay
  DeadLetterFile::OriginOf origin_of;
};

// Returns the exit code: 0 everything is settled; 1 stopped with something unsettled; 2 the
// configuration is wrong, said on stderr.
int RunCommand(const Options& options, const Replay& replay = {});

}  // namespace hctail
