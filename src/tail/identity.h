// SPDX-License-Identifier: Apache-2.0
// Whether a file still is what it was: by its first bytes, and those before an offset.
//
// Functions only.  Tested by tailed_file_test.cc and saved_positions_test.cc.
#pragma once

#include <cstdint>

#include "base/saved_file.h"
#include "tail/file_system.h"

namespace hctail {

// Hashes of a file's first `limit` bytes as many as there are and can be read, but for NULs that
// nothing follows: a file that was made long beforehand is still to be written there.  0, or an
// errno if these are no more than `identity` covers; then it is left as it was.
int HashHeadOf(OpenFile& file, uint32_t limit, FileIdentity* identity);

// The same, of NULs too: whether the file still begins as it did.
int HashFirst(OpenFile& file, uint32_t limit, FileIdentity* identity);

// Does the file hold, before `saved.offset`, what it held when that was saved?
enum class Holds : uint8_t {
  kNo,
  kYes,
  kNotYet,  // it is packed, and not all of it is there
};
Holds StillHolds(OpenFile& file, const SavedFile& saved);
// Does it end where `saved` does?
Holds EndsAt(OpenFile& file, const SavedFile& saved);

}  // namespace hctail
