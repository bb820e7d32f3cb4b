// SPDX-License-Identifier: Apache-2.0
// How benchmarks measure: the CPU time of the quickest of several rounds.
#pragma once

#include <algorithm>
#include <ctime>

namespace hctail::bench {

// Of this thread, so that other programs do not count.
inline double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Seconds of the quickest of several rounds.
template <typename Work>
double Quickest(Work work) {
  constexpr int kRounds = 5;
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = CpuSeconds();
    work();
    best = std::min(best, CpuSeconds() - start);
  }
  return best;
}

}  // namespace hctail::bench
