// SPDX-License-Identifier: Apache-2.0
// How an event was sampled before, as OpenTelemetry writes it into the W3C tracestate:
// "ot=th:c8;rv:...", where th is the rejection threshold, 56 bits in hexadecimal without the zeros
// at its end (OpenTelemetry, "TraceState: Probability Sampling").
//
// Functions only.  Tested by tracestate_test.cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace hctail {

// One in how many such events was kept, a fraction perhaps: th:c is 4, th:4 is 4/3.  1 if nothing
// is said.
double RateOfTracestate(std::string_view tracestate);

// The further thinning that makes of events kept one in `prior` events kept one in `rate` or fewer:
// the weight to send, which is whole, and the chance as a fraction of 2^64 (0: certain).
struct Equalised {
  uint64_t rate;
  uint64_t step;
};
Equalised Equalise(double prior, uint64_t rate);

// The weight of an event that is to be kept in any case: `prior`, rounded up or down at random so
// that it is right on average.
uint64_t RoundRate(double prior, Random& random);

}  // namespace hctail
