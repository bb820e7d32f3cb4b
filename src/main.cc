// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <span>

#include "base/log.h"
#include "base/time.h"
#include "cli/check_command.h"
#include "cli/invocation.h"
#include "cli/replay_command.h"
#include "cli/run.h"
#include "cli/standard_streams.h"
#include "cli/state_check.h"
#include "cli/state_command.h"

int main(int argc, char** argv) {
  using hctail::Command;
  using hctail::Invocation;
  hctail::OccupyClosedStreams();
  const auto fail = [](const hctail::Error& error) {
    hctail::StderrLog(hctail::Log::Level::kError).Fault(error);
    return 2;
  };
  const auto invocation =
      hctail::ParseInvocation(std::span<const char* const>(argv, static_cast<size_t>(argc)),
                              hctail::Environment::OfThisProcess());
  if (!invocation) return fail(invocation.error());
  if (invocation->kind == Invocation::Kind::kPrint) {
    return hctail::PrintOut(invocation->text);
  }
  switch (invocation->command) {
    case Command::kRun:
      return hctail::RunCommand(invocation->options);
    case Command::kCheck:
      return hctail::CheckCommand(*invocation, hctail::Environment::OfThisProcess());
    case Command::kStateShow:
      return hctail::ShowState(invocation->options);
    case Command::kStateCheck: {
      hctail::StderrLog log(invocation->options.log_level);
      return hctail::CheckState(invocation->options, hctail::SystemClock(), STDOUT_FILENO, log);
    }
    case Command::kStateForget:
      return hctail::ForgetState(invocation->options, invocation->arguments);
    case Command::kReplay:
      return hctail::ReplayLetters(invocation->options, invocation->arguments);
  }
  return 2;
}
