// SPDX-License-Identifier: Apache-2.0
#include "ship/retry_policy.h"

#include <algorithm>

namespace hctail {
namespace {

Duration Scale(Duration most, double by) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(most.count()) * by));
}

}  // namespace

Duration RetryDelay(const RetryOptions& options, uint32_t attempt, std::optional<Duration> wish,
                    Random& random) {
  Duration most = options.base;
  for (uint32_t i = 1; i < attempt && most < options.cap; ++i) most *= 2;
  most = std::min(most, options.cap);
  return wish.value_or(Duration(0)) + Scale(most, random.Fraction());
}

Duration HoldDelay(const RetryOptions& options, std::optional<Duration> wish, Random& random) {
  const Duration delay = Scale(options.hold, 0.5 + random.Fraction() / 2);
  return std::max(delay, wish.value_or(Duration(0)));
}

bool EndpointGate::Allows(Instant now, size_t in_flight) const {
  if (in_flight >= concurrency_) return false;
  if (paused_) return !probing_ && now >= probe_at_;
  return in_flight < limit_;
}

std::optional<Instant> EndpointGate::NextProbe() const {
  if (!paused_ || probing_) return std::nullopt;
  return probe_at_;
}

bool EndpointGate::Started() {
  if (!paused_) return false;
  probing_ = true;
  return true;
}

bool EndpointGate::Succeeded() {
  failures_ = 0;
  if (paused_) {
    paused_ = false;
    probing_ = false;
    limit_ = 1;
    return true;
  }
  limit_ = std::min(limit_ + 1, concurrency_);
  return false;
}

bool EndpointGate::Failed(Trouble trouble, bool was_probe, std::optional<Duration> wish,
                          Instant now, Random& random) {
  if (was_probe) probing_ = false;
  const bool began = !paused_;
  if (!paused_) {
    if (trouble == Trouble::kOwn) return false;
    ++failures_;
    if (trouble == Trouble::kEndpoint && failures_ < kFailuresToPause) return false;
    paused_ = true;
    probing_ = false;
    failures_ = 1;
    probe_at_ = now;
  } else if (was_probe) {
    ++failures_;
  } else if (trouble != Trouble::kRefused && !wish) {
    return false;  // a request from before the pause tells nothing new
  }
  const Duration delay = trouble == Trouble::kRefused
                             ? HoldDelay(options_, wish, random)
                             : RetryDelay(options_, failures_, wish, random);
  probe_at_ = std::max(probe_at_, now + delay);
  return began;
}

}  // namespace hctail
