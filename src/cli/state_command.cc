// SPDX-License-Identifier: Apache-2.0
#include "cli/state_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/state_text.h"

namespace hctail {

int ShowState(const Options& options) {
  StderrLog log(options.log_level);
  std::vector<std::string> warnings;
  const auto checkpoint =
      CheckpointFile::Open(options.state_dir, CheckpointFile::Access::kReadOnly, &warnings);
  if (!checkpoint) {
    log.Fault(checkpoint.error());
    return 2;
  }
  for (const std::string& warning : warnings) log.Warn(warning);
  std::string text = DescribeState(**checkpoint, SystemClock().Wall().seconds);
  if (text.empty()) text = fmt::format("no positions are saved in '{}'\n", options.state_dir);
  return WriteFully(STDOUT_FILENO, text) == 0 ? 0 : 2;
}

}  // namespace hctail
