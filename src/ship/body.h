// SPDX-License-Identifier: Apache-2.0
// Cuts events out of an unpacked Events API body, and makes bodies of some of them.
// Functions only; thread-safe.  Tested by body_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ship/batch.h"

namespace hctail {

// The event `index` of a batch whose unpacked body is `unpacked`, as it was sent.
inline std::string_view EventIn(const Batch& batch, std::string_view unpacked, uint32_t index) {
  const size_t begin = index == 0 ? 1 : batch.events[index - 1].end + size_t{1};
  return unpacked.substr(begin, batch.events[index].end - begin);
}

// A body of only these events.
inline std::string BodyOf(const Batch& batch, std::string_view unpacked,
                          std::span<const uint32_t> events) {
  std::string body;
  char separator = '[';
  for (const uint32_t event : events) {
    body.push_back(separator);
    body.append(EventIn(batch, unpacked, event));
    separator = ',';
  }
  body.push_back(']');
  return body;
}

// `dataset` as one segment of a path (RFC 3986 3.3): all but unreserved characters become %XX, and
// so do the dots of "." and "..", which would otherwise name another path.
inline std::string EncodePathSegment(std::string_view dataset) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const bool dots = dataset == "." || dataset == "..";
  std::string segment;
  for (const char c : dataset) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '_' || c == '~' || (c == '.' && !dots)) {
      segment.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    segment.push_back('%');
    segment.push_back(kHex[byte >> 4]);
    segment.push_back(kHex[byte & 15]);
  }
  return segment;
}

}  // namespace hctail
