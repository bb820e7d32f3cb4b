// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace hctail {
namespace {

constexpr CommandSpec kCommands[] = {
    {.command = Command::kCheck,
     .name = "check",
     .synopsis = "[FILE...]",
     .help = "look for what is wrong with the options, and show what would become of the lines",
     .options = CommandSpec::Options::kLookedAt,
     .argument = "FILE",
     .words_are_files = true,
     .own_options = {"online", "lines", "json", "color"}},
    {.command = Command::kStateShow,
     .name = "state show",
     .synopsis = "[--json]",
     .help = "say where each file would be resumed, and why",
     .own_options = {"json"}},
    {.command = Command::kStateCheck,
     .name = "state check",
     .synopsis = "[--repair]",
     .help = "check everything in the state directory, and mend it",
     .own_options = {"repair"}},
    {.command = Command::kStateForget,
     .name = "state forget",
     .synopsis = "PATH...",
     .help = "remove the positions of files, by path or quoted glob",
     .argument = "PATH"},
    {.command = Command::kReplay,
     .name = "replay",
     .synopsis = "FILE...",
     .help = "send the records of dead-letter files again",
     .options = CommandSpec::Options::kOfRun,
     .argument = "FILE"},
};

}  // namespace

std::span<const CommandSpec> AllCommands() { return kCommands; }

}  // namespace hctail
