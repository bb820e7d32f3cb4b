// SPDX-License-Identifier: Apache-2.0
// A line of a dead-letter file: what is read of it, and that reading it twice says the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ship/letter_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using hctail::Letter;
  using hctail::LetterReader;
  static LetterReader& reader = *new LetterReader;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  Letter first;
  if (!reader.Read(line, &first)) return 0;
  const std::string record(first.record), file(first.file);
  const bool is_event = first.is_event;
  if (is_event && !record.starts_with('{')) std::abort();
  Letter second;
  LetterReader fresh;
  if (!fresh.Read(line, &second) || second.record != record || second.file != file ||
      second.is_event != is_event) {
    std::abort();
  }
  return 0;
}
