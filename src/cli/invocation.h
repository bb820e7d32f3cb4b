// SPDX-License-Identifier: Apache-2.0
// From argv to what hctail is to do: the one entry of option handling.
//
// Tested by invocation_test.cc.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/options.h"

namespace hctail {

struct Invocation {
  enum class Kind {
    kPrint,    // write `text` to stdout and exit 0: help, version, lists
    kCommand,  // do `command`; if its CommandSpec says kOfState, other options are defaults
  };
  Kind kind = Kind::kCommand;
  std::string text = {};
  Command command = Command::kRun;
  std::vector<std::string> arguments = {};  // of the command, as its CommandSpec says
  Options options = {};
};

// `argv` includes the program's name.  Error: print it and exit 2.
Result<Invocation> ParseInvocation(std::span<const char* const> argv,
                                   const Environment& environment);

}  // namespace hctail
