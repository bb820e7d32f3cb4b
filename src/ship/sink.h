// SPDX-License-Identifier: Apache-2.0
// Where batches go.  A sink owns each batch until every event in it is final and then says so.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ship/batch.h"

namespace hctail {

// The fate of a batch's events, told once per batch.
struct Settlement {
  const Batch* batch = nullptr;
  // Per run of the batch: events accepted by the sink, and events it refused for ever (those are
  // in the dead-letter file by now).  accepted + refused = the run's events.
  struct RunOutcome {
    uint32_t accepted = 0;
    uint32_t refused = 0;
  };
  std::span<const RunOutcome> runs;
};

// Hears of settled batches, on the thread that calls Sink::Step.
class SettleListener {
 public:
  virtual ~SettleListener() = default;
  virtual void OnSettled(const Settlement& settlement) = 0;
};

// Driven by one thread; only Wake and Sync may be called from others.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Add(std::unique_ptr<Batch> batch) = 0;
  // Does what can be done now and waits for the rest, at most `max_wait`, not after Wake, and not
  // once it has settled something.
  // An error is fatal to the run (stdout is gone); everything not settled stays unsettled.
  virtual Status Step(Duration max_wait) = 0;
  // Brings to the disk what settlements so far rely on: the dead letters.  To be called before the
  // checkpoint is synced; may be called from another thread.
  virtual Status Sync() { return {}; }
  // Makes a waiting Step return soon.
  virtual void Wake() = 0;
  // Batches added and not yet settled.
  virtual size_t unsettled() const = 0;
};

}  // namespace hctail
