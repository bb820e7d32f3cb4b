// SPDX-License-Identifier: Apache-2.0
// HC_CHECK(condition): for our own bugs only, never for input.  Prints and aborts, in every build.
#pragma once

namespace hctail {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace hctail

#define HC_CHECK(condition)                            \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::hctail::CheckFailed(#condition, __FILE__, __LINE__))
