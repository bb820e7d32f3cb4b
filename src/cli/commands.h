// SPDX-License-Identifier: Apache-2.0
// Every command besides the nameless one that reads and ships, in one table: the command line,
// help and completions are made from it.
//
// Tested by invocation_test.cc and help_test.cc.
#pragma once

#include <span>
#include <string_view>

namespace hctail {

enum class Command { kRun, kStateShow, kStateCheck, kStateForget, kReplay };

struct CommandSpec {
  Command command;
  std::string_view name;        // "state show"
  std::string_view synopsis;    // what follows the name: "[--json]"
  std::string_view help;        // one sentence, lower case, no final period
  std::string_view argument;    // what its words are, if it takes any: "PATH"
  std::string_view own_option;  // an option that only this command has, or empty
};

std::span<const CommandSpec> AllCommands();

// The row of `command`, which must not be kRun.
const CommandSpec& SpecOf(Command command);

}  // namespace hctail
