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

TEST_CASE("FormatLogMessage: a name cannot begin a line or talk to the terminal") {
  CHECK(
      FormatLogMessage(Log::Level::kWarning,
                       {"cannot read 'a\nhctail: error: fake\x1b[31m.log': x", "of 'b\x1b[2J'"}) ==
      "hctail: warning: cannot read 'a\\nhctail: error: fake\\x1b[31m.log': x\n"
      "  of 'b\\x1b[2J'\n");
}

}  // namespace
}  // namespace hctail
