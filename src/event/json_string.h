// SPDX-License-Identifier: Apache-2.0
// What a JSON string means (RFC 8259, section 7).
//
// Functions only; none reads beyond its text, however broken that is.  Tested by
// json_string_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace hctail {

// Appends the inside of a string with its escapes replaced.  Half a surrogate pair becomes U+FFFD;
// a backslash before anything else goes, with the letter after it.
void UnescapeJson(std::string_view text, std::string* out);

// What `quoted`, with its quotes, means: a view into it if nothing is escaped, else into `scratch`,
// which is overwritten.
std::string_view UnquoteJson(std::string_view quoted, std::string* scratch);

}  // namespace hctail
