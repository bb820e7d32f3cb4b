// SPDX-License-Identifier: Apache-2.0
// The unit of acknowledgement: a range of raw bytes of one file generation.
#pragma once

#include <compare>
#include <cstdint>

namespace hctail {

// Names one generation of one input for the life of the process: a truncated file that is
// read again from 0 gets a new key, so late acknowledgements of the old one are harmless.
using FileKey = uint64_t;

struct Span {
  FileKey file = 0;
  uint64_t begin = 0;
  uint64_t end = 0;  // one past the last byte

  friend constexpr auto operator<=>(const Span&, const Span&) = default;
};

}  // namespace hctail
