// SPDX-License-Identifier: Apache-2.0
// Lines of the input as key=value lines with and without options, and as plain text.
#include "tests/fuzz/records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr hctail::Setup kSetups[] = {
      {"keyval", "", ""},
      {"keyval", "keyval.numeric-bools", "true"},
      {"keyval", "keyval.timefield", "ts"},
      {"keyval", "keyval.filter-regex", "a"},
      {"plain", "", ""},
  };
  hctail::RunSetups(kSetups, data, size);
  return 0;
}
