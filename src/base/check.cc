// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace hctail {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "hctail: bug: %s is false (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace hctail
