// SPDX-License-Identifier: Apache-2.0
// Which character set the text of a file is in.
//
// Thread-safe (no state).  Tested by charset_test.cc and charset_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hctail {

struct Charset {
  enum class Kind : uint8_t {
    kUtf8,  // taken as it is, valid or not
    kUtf16Le,
    kUtf16Be,
    kIconv,  // any other in which ASCII characters, newline above all, are their own bytes
  };
  Kind kind = Kind::kUtf8;
  std::string name = "UTF-8";  // as iconv(3) knows it

  friend bool operator==(const Charset&, const Charset&) = default;
};

// What --encoding takes: a name that iconv(3) knows, in any case ("latin1", "windows-1252",
// "shift_jis"), or one of UTF-8, UTF-16LE and UTF-16BE.  Not "auto", which the caller knows.  Error
// if it is unknown, or one whose line ends cannot be found (UTF-32, EBCDIC).
Result<Charset> ParseCharset(std::string_view name);

// As many first bytes are always enough to detect.
inline constexpr size_t kDetectBytes = 1024;

// Tells UTF-8 and the two UTF-16 apart by a byte order mark or else by where the NULs are. Nothing:
// too few bytes to tell (there is no line in them yet).  With `all`, which says that the file holds
// no more, the answer is always there.
//
// UTF-16 without a mark is believed only of text in which every fourth character or more is ASCII,
// and most of these stand together.  NUL runs, as copytruncate leaves them, are looked past: what
// is between them decides.
std::optional<Charset> DetectCharset(std::string_view first_bytes, bool all = false);

// Length of the byte order mark of `charset` that a file with these first bytes has; 0: none.
size_t MarkLength(const Charset& charset, std::string_view first_bytes);

// How many NUL bytes `line` begins with: all of a hole that copytruncate or a crash left.
size_t LeadingNuls(std::string_view line);

}  // namespace hctail
