// SPDX-License-Identifier: Apache-2.0
// The ledger knows, for every file, up to which byte everything is settled.
//
// A byte is settled once its record can never need sending again: accepted by the API, sampled
// out, filtered out or in the dead letters.  Spans settle in any order, and need not be of one
// contiguous run; Committed() is the end of the longest settled prefix, and that is where a
// restart reads from.  Cost is per span, not per event.
//
// Not thread-safe: owned and stepped by the settling thread.  Tested by ledger_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/span.h"

namespace hctail {

class Ledger {
 public:
  // Starts to follow `file`: everything before `offset` is settled.  Needed before Settle.
  void Open(FileKey file, uint64_t offset);
  // Marks span.begin..span.end as settled.  Returns the new committed offset if it advanced.
  // Empty spans, overlaps and bytes settled before are harmless.
  std::optional<uint64_t> Settle(const Span& span);
  // The end of the settled prefix; `file` must be open.
  uint64_t Committed(FileKey file) const;
  // Settled bytes beyond a gap: what a restart would send again.
  uint64_t SettledBeyondGap(FileKey file) const;
  void Close(FileKey file);

 private:
  struct Entry {
    uint64_t committed = 0;
    std::map<uint64_t, uint64_t> beyond;  // begin -> end, disjoint, not touching, all > committed
  };
  std::unordered_map<FileKey, Entry> files_;
};

}  // namespace hctail
