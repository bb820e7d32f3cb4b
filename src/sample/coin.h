// SPDX-License-Identifier: Apache-2.0
// Coins: given a rate, is this event one of those that are kept?
//
// A chance is a 64-bit fraction: `KeepStep(rate)` of 2^64, so the true probability of keeping is
// 1/rate to within 2^-64.  All three coins are unbiased; they differ in what else they promise.
// coin.cc says when to use which.
//
// Functions on plain values.  Thread-safe.  Tested by coin_test.cc and
// tests/model/sampling_test.cc.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace hctail {

enum class Coin : uint8_t {
  kStratified,     // from each run of 1/chance events of a key exactly one
  kRandom,         // each event for itself
  kHash,           // by the hash of a field: equal values, equal decisions
  kHoneytailHash,  // the same from 32 bits, as honeytail and Refinery decide
};

// floor(2^64 / rate), and for rate 1 (or 0) 0, which stands for 2^64.
constexpr uint64_t KeepStep(uint64_t rate) {
  return rate <= 1 ? 0 : (UINT64_MAX - rate + 1) / rate + 1;
}

// Moves the running sum of a key by one event and says whether it stepped over an integer.  The sum
// must begin at random.
inline bool TossStratified(uint64_t step, uint64_t* sum) {
  *sum += step;
  return *sum < step || step == 0;
}

inline bool TossRandom(uint64_t step, Random& random) {
  if (step == 0) return true;
  return random.Next64() < step;
}

// `hash` is uniform over all 64-bit numbers: the first eight bytes of a SHA-1.
inline bool TossHash(uint64_t step, uint64_t hash) { return hash < step || step == 0; }

// honeytail's rule for the first four bytes: keep up to floor((2^32 - 1) / rate), inclusive.
inline bool TossHoneytailHash(uint64_t rate, uint64_t hash) {
  return rate <= 1 || hash >> 32 <= UINT32_MAX / rate;
}

}  // namespace hctail
