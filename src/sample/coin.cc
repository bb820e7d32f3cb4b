// SPDX-License-Identifier: Apache-2.0
// Which coin when.
//
// Let n events of one key come by at rate r.  Every coin keeps n/r of them on average and sends
// each with weight r, so the weighted count is n on average.  How far off is it in one run?
//
//   random      standard error sqrt(n (r - 1)): 10,000 events at rate 20 are counted as
//               10,000 +- 436.  The draws know nothing of each other, so nothing in the order of
//               the lines can deceive them.
//   stratified  at most r, and r/sqrt(12) or so on average: 10,000 +- 6.  The running sum of 1/rate
//               starts at a random fraction and an event is kept when the sum steps over an
//               integer (systematic sampling: Madow & Madow, "On the theory of systematic
//               sampling", 1944).  At any moment the fraction is uniform, whatever the rates were
//               before, since rates follow from what arrived and never from what was kept; so the
//               next event is kept with chance 1/rate exactly, even when the rate has just changed.
//               Each worker has its own sum per key, and the errors of w workers add: sqrt(w) r.
//               What is measured within a key (a sum of bytes, a percentile) gains less, as it
//               varies from event to event.  One thing defeats it: lines of one key that come in a
//               fixed pattern whose length shares a factor with the rate, such as request, reply,
//               request, reply at rate 2.  The average over many runs is right even then, but one
//               run keeps only requests.  Put what tells them apart into the key, or use random.
//   hash        keeps or drops all events that hold the same value (a user, a trace) together, on
//               every machine that uses the same salt, and what is kept at rate 20 is kept at rate
//               10, too.  The price is that the events of one value are one draw: the error grows
//               with the events per value.  Where an earlier stage has already chosen by the same
//               hash, a further choice without another salt keeps all or nothing.
//
// The default is stratified for samplers with key fields, where a key's lines are alike, and random
// for the plain --samplerate, where they need not be.
#include "sample/coin.h"

namespace hctail {

static_assert(KeepStep(2) == uint64_t{1} << 63);
static_assert(KeepStep(3) == 0x5555555555555555u);
static_assert(KeepStep(1) == 0);

}  // namespace hctail
