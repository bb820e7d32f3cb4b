// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <span>

#include "base/file.h"
#include "base/log.h"
#include "cli/invocation.h"
#include "cli/run.h"
#include "cli/state_command.h"

int main(int argc, char** argv) {
  using hctail::Command;
  using hctail::Invocation;
  const auto fail = [](const hctail::Error& error) {
    hctail::StderrLog(hctail::Log::Level::kError).Fault(error);
    return 2;
  };
  const auto invocation =
      hctail::ParseInvocation(std::span<const char* const>(argv, static_cast<size_t>(argc)),
                              hctail::Environment::OfThisProcess());
  if (!invocation) return fail(invocation.error());
  if (invocation->kind == Invocation::Kind::kPrint) {
    return hctail::WriteFully(STDOUT_FILENO, invocation->text) == 0 ? 0 : 2;
  }
  switch (invocation->command) {
    case Command::kRun:
      return hctail::RunCommand(invocation->options);
    case Command::kStateShow:
      return hctail::ShowState(invocation->options);
  }
  return 2;
}
