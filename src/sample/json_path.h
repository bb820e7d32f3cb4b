// SPDX-License-Identifier: Apache-2.0
// Looks into the JSON text of one field: a member by its path.
//
// The text is what a parser left verbatim.  It should be valid JSON, but nothing here relies on
// it: broken text gives nothing, never a read beyond its end.  Keys and conditions look at a few
// members of small objects, so the text is walked each time and no tree is built.
//
// Functions only; no allocation once `scratch` has grown.  Tested by json_path_test.cc and
// tests/fuzz/rules_fuzz.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hctail {

// The value of `path` in `object`, as its JSON text.  A path is names joined by dots; since names
// may hold dots themselves, the longest name that fits wins: "a.b.c" is the member "a.b.c", or
// "c" in "a.b", or "b.c" in "a", ...  Of equal names the last counts.  `scratch` is overwritten.
std::optional<std::string_view> FindJsonMember(std::string_view object, std::string_view path,
                                               std::string* scratch);

}  // namespace hctail
