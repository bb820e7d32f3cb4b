// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace hctail {
namespace {

constexpr CommandSpec kCommands[] = {
    {.command = Command::kStateShow,
     .name = "state show",
     .synopsis = "",
     .help = "show the saved positions and where each file would be resumed"},
};

}  // namespace

std::span<const CommandSpec> AllCommands() { return kCommands; }

}  // namespace hctail
