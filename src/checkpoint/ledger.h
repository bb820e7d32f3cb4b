// SPDX-License-Identifier: Apache-2.0
// The ledger knows, for every file, up to which byte everything is settled.
//
// A byte is settled once its record can never need sending again: accepted by the API, sampled
// out, filtered out or in the dead letters.  Spans settle in any order, and need not be of one
// contiguous run; Committed() is the end of the longest settled prefix, and that is where a
// restart reads from.  Cost is per span, not per event: a span that settles in order is one hash
// lookup and one addition, and only spans beyond a gap allocate.
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
  // Starts to follow `file`, which must not be open: everything before `offset` is settled.
  void Open(FileKey file, uint64_t offset);
  // Marks span.begin..span.end as settled.  Returns the new committed offset if it advanced.
  // Empty spans, overlaps, bytes settled before and files that are not open (a late reply for one
  // that was closed) are harmless.
  std::optional<uint64_t> Settle(const Span& span);
  // The end of the settled prefix; `file` must be open.
  uint64_t Committed(FileKey file) const;
  // Settled bytes beyond a gap: what a restart would send again; `file` must be open.
  uint64_t SettledBeyondGap(FileKey file) const;
  // Forgets `file`; harmless if it is not open.
  void Close(FileKey file);

 private:
  struct Entry {
    std::optional<uint64_t> Settle(uint64_t begin, uint64_t end);
    void KeepBeyond(uint64_t begin, uint64_t end);

    uint64_t committed = 0;
    std::map<uint64_t, uint64_t> beyond;  // begin -> end, disjoint, not touching, all > committed
  };
  std::unordered_map<FileKey, Entry> files_;
};

}  // namespace hctail
