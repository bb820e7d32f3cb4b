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
     .synopsis = "",
     .help = "show the saved positions and where each file would be resumed"},
};

}  // namespace

std::span<const CommandSpec> AllCommands() { return kCommands; }

}  // namespace hctail
