// SPDX-License-Identifier: Apache-2.0
// Reads what a state directory holds, whole or damaged.
//
// A whole snapshot and the log of its generation are all that counts.  If the snapshot is missing
// or damaged, every line that is still whole counts, in the order they were written: of the
// snapshot before (checkpoint.old), its log (checkpoint.log.old), the snapshot and the log.  A
// line is true on its own, so the result may be behind what was settled, never ahead of it.
//
// Functions only; writes nothing.  Tested by checkpoint_loader_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint_format.h"

namespace hctail {

struct LoadedState {
  Positions positions;
  uint64_t generation = 0;  // the highest seen
  // The snapshot is whole; otherwise it must not replace checkpoint.old.
  bool whole_snapshot = false;
  size_t snapshot_length = 0;
  // Of the whole lines of a log that may be appended to; nothing if there is no such log.
  std::optional<uint64_t> log_length;
};

// Appends to `warnings`, in words, what was damaged and what that may resend.  An error means that
// the state must be left alone: it cannot be read, or a newer hctail wrote it.
Result<LoadedState> LoadState(const std::string& directory, std::vector<std::string>* warnings);

}  // namespace hctail
