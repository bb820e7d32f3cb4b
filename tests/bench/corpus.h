// SPDX-License-Identifier: Apache-2.0
// Deterministic log lines to measure with: the same bytes on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/random.h"

namespace hctail::bench {

// JSON application log lines of 15 fields, 378 bytes on average, times 1 ms apart.
class JsonCorpus {
 public:
  void AppendLine(std::string* out);
  // At least `bytes` of whole lines.
  static std::string Make(size_t bytes);

 private:
  Random random_{20240305};
  uint64_t line_ = 0;
};

}  // namespace hctail::bench
