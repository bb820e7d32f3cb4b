// SPDX-License-Identifier: Apache-2.0
#include "tail/line_decoder.h"

#include "tail/line_splitter.h"

namespace hctail {
namespace {

bool IsUtf16(const Charset& charset) {
  return charset.kind == Charset::Kind::kUtf16Le || charset.kind == Charset::Kind::kUtf16Be;
}

void Count(uint64_t replaced, DecodeCounts* counts) {
  counts->replaced += replaced;
  counts->lines += replaced > 0 ? 1 : 0;
}

}  // namespace

LineDecoder::LineDecoder(const Charset& charset, Options options)
    : charset_(charset),
      splitter_(IsUtf16(charset) ? MakeUtf16Splitter(charset.kind, options)
                                 : MakeByteSplitter(charset, options)) {}
LineDecoder::~LineDecoder() = default;
LineDecoder::LineDecoder(LineDecoder&&) noexcept = default;
LineDecoder& LineDecoder::operator=(LineDecoder&&) noexcept = default;

LineDecoder::Taken LineDecoder::Decode(std::string_view raw, uint64_t offset, bool final, char* out,
                                       size_t room, std::vector<uint32_t>* raw_lengths,
                                       DecodeCounts* counts) {
  Taken result;
  size_t mark = offset == 0 ? MarkLength(charset_, raw) : 0;
  raw.remove_prefix(mark);
  while (!raw.empty() || (mark > 0 && final)) {
    if (result.written == room) {
      result.stop = Stop::kNoRoom;
      break;
    }
    // A byte is kept for the '\n'.
    char* const to = out + result.written;
    const auto line = raw.empty() ? Splitter::Line{}
                                  : splitter_->TakeLine(raw, final, to, room - result.written - 1);
    if (line.taken == 0 && !raw.empty()) {
      result.stop = line.stop;
      break;
    }
    to[line.written] = '\n';
    result.written += line.written + 1;
    result.taken += mark + line.taken;
    raw_lengths->push_back(static_cast<uint32_t>(mark + line.taken));
    Count(line.replaced, counts);
    raw.remove_prefix(line.taken);
    mark = 0;
  }
  return result;
}

size_t LineDecoder::RoomForLine() const { return splitter_->RoomForLine(); }

LineDecoder::End LineDecoder::FindEnd(std::string_view raw, bool final) const {
  return splitter_->FindEnd(raw, final);
}

size_t LineDecoder::DecodeBegin(std::string_view raw, uint64_t offset, char* out, size_t room,
                                DecodeCounts* counts) {
  if (room == 0) return 0;
  if (offset == 0) raw.remove_prefix(MarkLength(charset_, raw));
  const auto line = splitter_->TakeBegin(raw, out, room);
  Count(line.replaced, counts);
  return line.written;
}

}  // namespace hctail
