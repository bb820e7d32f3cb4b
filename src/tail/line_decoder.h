// SPDX-License-Identifier: Apache-2.0
// Splits raw bytes of a file into lines and decodes them to UTF-8, so that offsets stay those of
// the raw bytes.
//
// Needed for files that are not UTF-8, and for UTF-8 ones if `lone_cr` is set.  A line ends with
// LF, or, with `lone_cr`, with a CR that no LF follows.  Of CRLF the CR stays in the text.  UTF-16
// is split at aligned units; `raw` must begin at the begin of a line, so it is aligned.
//
// What is malformed (half a surrogate pair, a sequence that the charset does not know, half a
// character at the end) becomes U+FFFD and is counted; UTF-8 is copied as it is.  A NUL stays a
// NUL.
//
// No state between calls: one may serve all files of its charset.  Not thread-safe (iconv).
// Tested by line_decoder_test.cc and charset_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tail/charset.h"

namespace hctail {

struct DecodeCounts {
  uint64_t replaced = 0;  // sequences that became U+FFFD
  uint64_t lines = 0;     // with at least one of these
};

class LineDecoder {
 public:
  struct Options {
    bool lone_cr = false;
    size_t max_line = 1 << 20;  // raw bytes of a line without its LF or lone CR, and the mark
  };

  enum class Stop : uint8_t {
    kNeedMore,  // the line at `taken`, if any, has no end yet
    kNoRoom,    // its text has no room in the output
    kOverlong,  // longer than max_line, whether its end is there or not: see FindEnd
  };
  struct Taken {
    size_t taken = 0;    // raw bytes: whole lines
    size_t written = 0;  // bytes of text; what stands after them in `out` has no meaning
    Stop stop = Stop::kNeedMore;
  };
  struct End {
    bool found = false;
    size_t size = 0;  // up to and with the terminator; else: there is none before, go on from here
  };

  // `charset` comes from ParseCharset or DetectCharset.
  LineDecoder(const Charset& charset, Options options);
  ~LineDecoder();
  LineDecoder(LineDecoder&&) noexcept;
  LineDecoder& operator=(LineDecoder&&) noexcept;

  // Decodes as many whole lines as stand at the begin of `raw`, which is the file's content from
  // `offset` on, into out[0, room): the text of each and a '\n'.  Appends to `raw_lengths` for each
  // line the raw bytes that it took, with its terminator and, at offset 0, the byte order mark.  No
  // text holds a '\n'.  With `final`, when nothing will follow `raw`, its rest is a line, too.  (A
  // file that is only a mark, or only half a UTF-16 unit, is one line.)
  Taken Decode(std::string_view raw, uint64_t offset, bool final, char* out, size_t room,
               std::vector<uint32_t>* raw_lengths, DecodeCounts* counts);
  // Any line that is not overlong fits into as much room.
  size_t RoomForLine() const;

  // The end of the first line of `raw`, which begins with a whole character of any line: for what
  // Decode calls overlong.
  End FindEnd(std::string_view raw, bool final) const;
  // Decodes what is the begin of a line at `offset`, as much as there is room for, cut between
  // characters and without a '\n'.  Returns the bytes of text.  `raw` should not have the
  // terminator.
  size_t DecodeBegin(std::string_view raw, uint64_t offset, char* out, size_t room,
                     DecodeCounts* counts);

  const Charset& charset() const { return charset_; }

  class Splitter;  // one of the ways to split and decode

 private:
  Charset charset_;
  std::unique_ptr<Splitter> splitter_;
};

}  // namespace hctail
