// SPDX-License-Identifier: Apache-2.0
// Every command besides the nameless one that reads and ships, in one table: the command line,
// help and completions are made from it.  A new command is a row here and a case in main.cc.
//
// Tested by invocation_test.cc and help_test.cc.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace hctail {

enum class Command { kRun, kStateShow };

struct CommandSpec {
  // Which options are checked, and must be there if they are needed.
  enum class Options {
    kOfState,  // --state-dir and the like: MakeStateOptions
    kOfRun,    // all that reading and shipping need: MakeOptions
  };

  Command command;
  std::string_view name;      // "state show"
  std::string_view synopsis;  // what follows the name: "[--json]"
  std::string_view help;      // one sentence, lower case, no final period
  Options options = Options::kOfState;
  std::string_view argument = {};                    // what its words are, if it needs any: "PATH"
  std::array<std::string_view, 2> own_options = {};  // that only commands have which name them
};

std::span<const CommandSpec> AllCommands();

}  // namespace hctail
