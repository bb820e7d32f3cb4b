// SPDX-License-Identifier: Apache-2.0
// Tells of an input that nothing came for a while, if lines of it are held back to be joined with
// others; and that hctail stops.  For inputs that are no files; files are looked at by the Tailer.
//
// Stepped by the reading thread.  Tested by stdin_source_test.cc and spool_source_test.cc.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "tail/chunk.h"
#include "tail/source.h"

namespace hctail {

class IdlePause {
 public:
  // `after`: when it is told first; 0: never.
  IdlePause(FileKey key, Duration after, const Clock& clock, const SourceListener& listener)
      : key_(key), after_(after), clock_(clock), listener_(listener) {}

  // Lines were handed over.
  void Came() {
    last_ = clock_.Now();
    if (after_ > Duration::zero()) due_ = last_ + after_;
  }
  // All before `offset` was handed over.
  void Look(uint64_t offset, Chunk* chunk) {
    if (!due_ || clock_.Now() < *due_) return;
    const Duration quiet = clock_.Now() - last_;
    const bool holding = listener_.Holding(key_);
    if (holding) Append(offset, Segment::Pause::kIdle, quiet, chunk);
    due_.reset();
    if (holding || !listener_.Settled(key_)) due_ = last_ + 2 * quiet;
  }
  void Stop(uint64_t offset, Chunk* chunk) const {
    if (listener_.Holding(key_)) Append(offset, Segment::Pause::kShutdown, {}, chunk);
  }
  std::optional<Instant> due() const { return due_; }

 private:
  void Append(uint64_t offset, Segment::Pause pause, Duration quiet, Chunk* chunk) const {
    chunk->Append({.file = key_,
                   .offset = offset,
                   .kind = Segment::Kind::kPause,
                   .pause = pause,
                   .quiet = quiet});
  }

  const FileKey key_;
  const Duration after_;
  const Clock& clock_;
  const SourceListener& listener_;
  Instant last_ = {};
  std::optional<Instant> due_;
};

}  // namespace hctail
