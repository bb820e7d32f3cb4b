// SPDX-License-Identifier: Apache-2.0
// When to try again.
//
// One request: exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter",
// AWS Architecture Blog, 2015): a random time up to base * 2^attempt, at most `cap`.  What the
// server asks for (Retry-After) is a lower bound, and the jitter comes on top, so that many
// clients told the same second do not all come back in it.
//
// The whole endpoint: when it fails, waiting requests must not all try on their own.  The
// EndpointGate lets one request through at a time as a probe until one succeeds, and then one
// more at a time with each success.  A single failure does not close it: kFailuresToPause in a
// row do, or one that says that it is meant for us (429, Retry-After, a refused key).
//
// Not thread-safe.  Tested by retry_policy_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/time.h"

namespace hctail {

struct RetryOptions {
  Duration base = std::chrono::milliseconds(100);
  Duration cap = std::chrono::seconds(30);
  Duration hold = std::chrono::seconds(30);  // between tries while the API refuses the key
};

// How long to wait before the retry that follows `attempt` failures (>= 1).
Duration RetryDelay(const RetryOptions& options, uint32_t attempt, std::optional<Duration> wish,
                    Random& random);

// The same while something has to be put right by a person: half of `hold` to all of it.
Duration HoldDelay(const RetryOptions& options, std::optional<Duration> wish, Random& random);

class EndpointGate {
 public:
  static constexpr uint32_t kFailuresToPause = 3;

  enum class Trouble {
    kOwn,       // of this request: says little about others
    kEndpoint,  // no connection, 502, 503, 504
    kFirm,      // 429, or any with a wish: pause at once
    kRefused,   // the key: pause at once, and for long
  };

  EndpointGate(RetryOptions options, size_t concurrency)
      : options_(options), concurrency_(concurrency), limit_(concurrency) {}

  bool paused() const { return paused_; }
  // May one more request start, with `in_flight` under way?  While paused it is a probe.
  bool Allows(Instant now, size_t in_flight) const;
  // When the next probe may start; nothing if not paused, or if one is under way.
  std::optional<Instant> NextProbe() const;

  // To be called for each request that starts; true if it is a probe.
  bool Started();
  // The server took the request, whatever it said of its events.  True if that ends a pause.
  bool Succeeded();
  // True if that begins a pause.
  bool Failed(Trouble trouble, bool was_probe, std::optional<Duration> wish, Instant now,
              Random& random);

 private:
  const RetryOptions options_;
  const size_t concurrency_;
  size_t limit_;  // of requests in flight, while not paused
  bool paused_ = false;
  bool probing_ = false;
  uint32_t failures_ = 0;  // in a row; while paused: probes that failed
  Instant probe_at_ = {};
};

}  // namespace hctail
