// SPDX-License-Identifier: Apache-2.0
// URLs, taken apart as Go's net/url does it (parity.md, section 9.4), because honeytail does.
//
// Tested by request_shape_test.cc.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/text_arena.h"

namespace hctail {

struct Url {
  std::string_view path;   // decoded; without scheme, host and fragment
  std::string_view query;  // as it stands
};

// Empty if Go would refuse `text`: control characters, bad escapes or hosts, a ':' in the first
// part of a path.  What must be decoded goes to `arena`.
std::optional<Url> ParseUrl(std::string_view text, TextArena* arena);

struct QueryPair {
  std::string_view key;  // both decoded
  std::string_view value;
};

// The pairs of `query` in their order.  Those with a ';' or a bad escape are left out.
void ParseQuery(std::string_view query, TextArena* arena, std::vector<QueryPair>* pairs);

}  // namespace hctail
