// SPDX-License-Identifier: Apache-2.0
// Looks at what is at the path of a saved position now.
//
// Functions only, and thread-safe.  Tested by probe_test.cc.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fingerprint.h"
#include "base/saved_file.h"

namespace hctail {

struct Probe {
  int error = 0;  // an errno if it could not be looked at; ENOENT: nothing is there
  bool regular = true;
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  HeadHash head;                 // of as many bytes as the saved head covers
  std::optional<uint64_t> tail;  // of as many bytes before the saved offset as the saved tail
};

Probe ProbeFile(const SavedFile& saved);

}  // namespace hctail
