// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("FormatLogMessage: one line, hints indented below it") {
  CHECK(FormatLogMessage(Log::Level::kError, {"cannot read 'x': permission denied", "a\nb"}) ==
        "hctail: error: cannot read 'x': permission denied\n  a\n  b\n");
  CHECK(FormatLogMessage(Log::Level::kInfo, {"ready"}) == "hctail: ready\n");
}

}  // namespace
}  // namespace hctail
