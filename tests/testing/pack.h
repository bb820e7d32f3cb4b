// SPDX-License-Identifier: Apache-2.0
// Packs text as the tools do, for tests of unpacking.
#pragma once

#include <string>
#include <string_view>

#include "base/unpack.h"

namespace hctail::testing {

// One member.  `level` 1 to 9.
std::string Pack(Packing packing, std::string_view text, int level = 1);
// A zstd frame without a checksum whose header asks for a window of 2^`log` bytes.
std::string PackZstdWithWindow(std::string_view text, int log);
// A zstd frame to be skipped.
std::string SkippableFrame(std::string_view content);

}  // namespace hctail::testing
