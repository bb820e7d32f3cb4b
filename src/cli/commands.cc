// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <algorithm>

namespace hctail {
namespace {

constexpr CommandSpec kCommands[] = {
    {Command::kStateShow, "state show", "[--json]", "say where each file would be resumed, and why",
     "", "json"},
    {Command::kStateCheck, "state check", "[--repair]",
     "check everything in the state directory, and mend it", "", "repair"},
    {Command::kStateForget, "state forget", "PATH...",
     "remove the positions of files, by path or quoted glob", "PATH", ""},
    {Command::kReplay, "replay", "FILE...", "send the records of dead-letter files again", "FILE",
     ""},
};

}  // namespace

std::span<const CommandSpec> AllCommands() { return kCommands; }

const CommandSpec& SpecOf(Command command) {
  return *std::ranges::find(kCommands, command, &CommandSpec::command);
}

}  // namespace hctail
