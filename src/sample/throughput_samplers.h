// SPDX-License-Identifier: Apache-2.0
// What the samplers have in common that give each key an equal share of events in a window:
// rate = trunc(max(1, count / share)).
//
// Functions only.  Tested by sampler_test.cc.
#pragma once

#include <string>

#include "sample/key_table.h"
#include "sample/sampler.h"

namespace hctail {

// Sets the rate of each key, the shared one included, from its count; keys that did not come fade.
void SetShareRates(double share, KeyTable* keys);

// Keys that came in this window; the shared one is one of them.
size_t KeysSeen(const KeyTable& keys);

double Seconds(Duration duration);

// "100 events/s".
std::string PerSecond(double events);

}  // namespace hctail
