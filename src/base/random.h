// SPDX-License-Identifier: Apache-2.0
// A small seeded generator (PCG32, O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient
// Statistically Good Algorithms for Random Number Generation").  Not for secrets.
// Not thread-safe: one per owner.  Tests pass a fixed seed.
#pragma once

#include <cstdint>

namespace hctail {

class Random {
 public:
  explicit Random(uint64_t seed) { Step(), state_ += seed, Step(); }

  uint32_t Next() {
    const uint64_t old = state_;
    Step();
    const auto xorshifted = static_cast<uint32_t>(((old >> 18) ^ old) >> 27);
    const auto rotation = static_cast<uint32_t>(old >> 59);
    return (xorshifted >> rotation) | (xorshifted << ((32 - rotation) & 31));
  }

  uint64_t Next64() {
    const uint64_t high = Next();
    return high << 32 | Next();
  }

  // Uniform in [0, 1).
  double Fraction() { return Next() * (1.0 / 4294967296.0); }

  // Uniform in [0, limit); limit must not be 0.
  uint32_t Below(uint32_t limit) {
    return static_cast<uint32_t>((static_cast<uint64_t>(Next()) * limit) >> 32);
  }

 private:
  void Step() { state_ = state_ * 6364136223846793005u + 1442695040888963407u; }

  uint64_t state_ = 0;
};

}  // namespace hctail
