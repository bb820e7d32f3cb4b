// SPDX-License-Identifier: Apache-2.0
// The lines of a checkpoint and its log, as text and back.
//
//   hctail checkpoint 1 GENERATION            first line of a snapshot: format version, generation
//   hctail log 1 GENERATION                   first line of a log: the snapshot it continues
//   file ID offset=N tail=N:HASH saved=TIME device=N inode=N head=N:HASH gone=N
//        [since=TIME] [whole=N] [backfill=1] state=WORD path=PATH
//   advance ID offset=N tail=N:HASH saved=TIME [state=HASH]
//   forget ID
//   end COUNT next=ID                         last line of a snapshot; only there
//
// Each line goes on with a space and the XXH3 of all before it, as 16 hexadecimal digits, and ends
// with a newline.  HASH is 16 such digits, TIME Unix seconds.  PATH is the rest of the line; in it
// a backslash is \\ and a control byte \xHH, so that a path may hold any byte.  WORD is written
// like it, with spaces as \x20; the HASH of an advance is that of the state it goes with, if there
// is one.
//
// Every line is true on its own: it holds values, not differences, and no id is ever used twice.
// So a line that is damaged can be left out and those after it still count.
//
// Functions only, no I/O.  Tested by checkpoint_format_test.cc and tests/fuzz/checkpoint_fuzz.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/saved_file.h"

namespace hctail {

constexpr uint64_t kFormatVersion = 1;
constexpr uint64_t kLargestId = UINT64_MAX / 2;  // of ids and generations; beyond is damage

// What the lines read so far add up to.
struct Positions {
  std::map<uint64_t, SavedFile> files;
  uint64_t next_id = 1;  // above every id seen
};

enum class TextKind { kSnapshot, kLog };

// Each appends one line to `to`.
void AppendHeader(TextKind kind, uint64_t generation, std::string* to);
void AppendFile(const SavedFile& file, std::string* to);
void AppendAdvance(const SavedFile& file, std::string* to);
void AppendForget(uint64_t id, std::string* to);
void AppendEnd(uint64_t count, uint64_t next_id, std::string* to);

// What the whole first line of `text` says; nothing if that is not a header of this kind.  The
// form of this line and its checksum are the same in every version.
struct Header {
  uint64_t version = 0;
  uint64_t generation = 0;
};
std::optional<Header> DecodeHeader(std::string_view text, TextKind kind);

// Takes every whole line after the first of `text` into `positions`.
struct Replayed {
  uint64_t damaged = 0;        // lines that were left out; a torn last line is not counted
  uint64_t first_damaged = 0;  // line number, from 1; 0 if there is none
  size_t whole_length = 0;     // of the text up to its last newline
  bool ended = false;          // the last line is an end line and its count is right
};
Replayed Replay(std::string_view text, Positions* positions);

// The path with its control bytes and backslashes escaped, also fit for a terminal.
std::string EscapePath(std::string_view path);

}  // namespace hctail
