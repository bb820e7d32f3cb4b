// SPDX-License-Identifier: Apache-2.0
// Writes JSON text (RFC 8259): strings, values, and an event's fields as one object.
//
// Only what JSON requires is escaped: '"', '\' and the controls below U+0020.  Every byte that is
// not part of valid UTF-8 becomes one U+FFFD, as in Go's encoder, so the output is always valid.
// Numbers and RawJson keep their text; floats get the shortest text that reads back the same.
//
// All functions append and never clear; none keeps a reference.  Thread-safe: no state.
// Tested by encode_json_test.cc; measured by tests/bench/encode_bench.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "event/event.h"

namespace hctail {

// `text` with its quotes.
void AppendJsonString(std::string_view text, std::string* out);

// One value; false, and nothing is appended, if JSON has no such number (NaN, infinities).
bool AppendJsonValue(const Value& value, std::string* out);

// The event's fields as "{...}", returning how many there are.  The verbatim pieces if the event
// has them; otherwise its fields, of which nulls and non-finite floats are left out (so does
// honeytail), and of equal names only the last is written.
size_t AppendData(const Event& event, std::string* out);

}  // namespace hctail
