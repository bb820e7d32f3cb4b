// SPDX-License-Identifier: Apache-2.0
#include "sample/throughput_samplers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sample/goal_rates.h"

namespace hctail {

void SetShareRates(double share, KeyTable* keys) {
  for (KeyState& key : keys->slots()) {
    if (key.count > 0) {
      key.rate = ToRate(std::trunc(key.count / share));
      key.average = key.expected = key.count;
    } else {
      Fade(&key);
    }
  }
}

size_t KeysSeen(const KeyTable& keys) {
  return static_cast<size_t>(
      std::ranges::count_if(keys.slots(), [](const KeyState& key) { return key.count > 0; }));
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string PerSecond(double events) {
  char text[48];
  std::snprintf(text, sizeof text, "%g events/s", events);
  return text;
}

}  // namespace hctail
