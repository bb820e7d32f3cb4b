// SPDX-License-Identifier: Apache-2.0
// One way to find and decode a line: what a LineDecoder does its work with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tail/charset.h"
#include "tail/line_decoder.h"

namespace hctail {

class LineDecoder::Splitter {
 public:
  struct Line {
    size_t taken = 0;  // raw bytes with the terminator; 0: no line, because of `stop`
    size_t written = 0;
    uint64_t replaced = 0;
    Stop stop = Stop::kNeedMore;
  };

  explicit Splitter(const Options& options) : options_(options) {}
  virtual ~Splitter() = default;

  // The text of the first line of `raw`, which is not empty, without a '\n'.
  virtual Line TakeLine(std::string_view raw, bool final, char* out, size_t room) = 0;
  // As much of the begin of a line as there is room for; only `written` and `replaced` are set.
  virtual Line TakeBegin(std::string_view raw, char* out, size_t room) = 0;
  virtual End FindEnd(std::string_view raw, bool final) const = 0;
  // For one line with its '\n'.
  virtual size_t RoomForLine() const = 0;

 protected:
  const Options options_;
};

std::unique_ptr<LineDecoder::Splitter> MakeUtf16Splitter(Charset::Kind kind,
                                                         const LineDecoder::Options& options);
// For charsets in which a newline byte is always a newline: UTF-8 and those of iconv.
std::unique_ptr<LineDecoder::Splitter> MakeByteSplitter(const Charset& charset,
                                                        const LineDecoder::Options& options);

// U+FFFD.
inline constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";

}  // namespace hctail
