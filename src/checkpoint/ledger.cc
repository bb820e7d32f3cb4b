// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/ledger.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace hctail {

void Ledger::Open(FileKey file, uint64_t offset) {
  const auto [it, is_new] = files_.try_emplace(file);
  HC_CHECK(is_new);
  it->second.committed = offset;
}

std::optional<uint64_t> Ledger::Settle(const Span& span) {
  const auto it = files_.find(span.file);
  if (it == files_.end()) return std::nullopt;
  return it->second.Settle(span.begin, span.end);
}

std::optional<uint64_t> Ledger::Entry::Settle(uint64_t begin, uint64_t end) {
  begin = std::max(begin, committed);
  if (begin >= end) return std::nullopt;
  if (begin > committed) {
    KeepBeyond(begin, end);
    return std::nullopt;
  }
  committed = end;
  while (!beyond.empty() && beyond.begin()->first <= committed) {
    committed = std::max(committed, beyond.begin()->second);
    beyond.erase(beyond.begin());
  }
  return committed;
}

// Adds begin..end to `beyond` and unites it with every range that it overlaps or touches.
void Ledger::Entry::KeepBeyond(uint64_t begin, uint64_t end) {
  auto next = beyond.upper_bound(begin);  // the first range that starts after `begin`
  auto range = next == beyond.begin() ? beyond.end() : std::prev(next);
  if (range != beyond.end() && range->second >= begin) {
    range->second = std::max(range->second, end);
  } else {
    range = beyond.emplace_hint(next, begin, end);
  }
  while (next != beyond.end() && next->first <= range->second) {
    range->second = std::max(range->second, next->second);
    next = beyond.erase(next);
  }
}

uint64_t Ledger::Committed(FileKey file) const {
  const auto it = files_.find(file);
  HC_CHECK(it != files_.end());
  return it->second.committed;
}

uint64_t Ledger::SettledBeyondGap(FileKey file) const {
  const auto it = files_.find(file);
  HC_CHECK(it != files_.end());
  uint64_t bytes = 0;
  for (const auto& [begin, end] : it->second.beyond) bytes += end - begin;
  return bytes;
}

void Ledger::Close(FileKey file) { files_.erase(file); }

}  // namespace hctail
