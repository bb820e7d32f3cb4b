// SPDX-License-Identifier: Apache-2.0
// Nearly all text of logs is ASCII, so units are narrowed sixteen at a time while all of them are,
// in loops that the compiler turns into vector instructions.
#include <algorithm>
#include <bit>
#include <cstring>

#include "tail/line_splitter.h"

namespace hctail {
namespace {

constexpr size_t kBlock = 16;

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

template <bool kBig>
uint16_t UnitAt(std::string_view raw, size_t index) {
  uint16_t unit = 0;
  std::memcpy(&unit, raw.data() + index * 2, sizeof unit);
  return kBig == (std::endian::native == std::endian::big) ? unit : std::byteswap(unit);
}

// Narrows kBlock units; false, and `out` has no meaning, if one is not ASCII or is a CR or LF.
template <bool kBig>
bool NarrowBlock(std::string_view raw, char* out) {
  uint16_t units[kBlock];
  uint8_t bytes[kBlock];
  uint16_t wide = 0;
  uint8_t ends = 0;
  for (size_t i = 0; i < kBlock; ++i) units[i] = UnitAt<kBig>(raw, i);
  for (size_t i = 0; i < kBlock; ++i) wide |= units[i];
  for (size_t i = 0; i < kBlock; ++i) bytes[i] = static_cast<uint8_t>(units[i]);
  for (size_t i = 0; i < kBlock; ++i) {
    ends |= bytes[i] == '\n' || bytes[i] == '\r' ? 1 : 0;
  }
  std::memcpy(out, bytes, kBlock);
  return (wide & 0xFF80) == 0 && ends == 0;
}

// Writes 1 to 4 bytes.
size_t PutUtf8(uint32_t code, char* out) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = static_cast<char>(0xC0 | code >> 6);
    out[1] = tail(0);
    return 2;
  }
  if (code < 0x10000) {
    out[0] = static_cast<char>(0xE0 | code >> 12);
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | code >> 18);
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

template <bool kBig>
class Utf16Splitter final : public LineDecoder::Splitter {
 public:
  using Stop = LineDecoder::Stop;
  using LineDecoder::Splitter::Splitter;

  Line TakeLine(std::string_view raw, bool final, char* out, size_t room) override {
    return Take(raw, final, options_.max_line / 2, out, room);
  }

  Line TakeBegin(std::string_view raw, char* out, size_t room) override {
    return Take(raw, false, raw.size(), out, room);
  }

  LineDecoder::End FindEnd(std::string_view raw, bool final) const override {
    const size_t units = raw.size() / 2;
    for (size_t at = 0; at < units; ++at) {
      switch (EndAt(raw, at, final)) {
        case Is::kEnd:
          return {.found = true, .size = (at + 1) * 2};
        case Is::kMaybe:
          return {.size = at * 2};
        case Is::kNone:
          break;
      }
    }
    return {.size = units * 2};
  }

  size_t RoomForLine() const override { return options_.max_line / 2 * 3 + 8; }

 private:
  enum class Is : uint8_t { kNone, kEnd, kMaybe };

  // What the unit at `at` is: the end of a line, or one if no LF follows.
  Is EndAt(std::string_view raw, size_t at, bool final) const {
    const uint16_t unit = UnitAt<kBig>(raw, at);
    if (unit == '\n') return Is::kEnd;
    if (unit != '\r' || !options_.lone_cr) return Is::kNone;
    if (at + 1 == raw.size() / 2) return final ? Is::kEnd : Is::kMaybe;
    return UnitAt<kBig>(raw, at + 1) == '\n' ? Is::kNone : Is::kEnd;
  }

  Line Take(std::string_view raw, bool final, size_t max_units, char* out, size_t room) const {
    const size_t units = raw.size() / 2;
    const size_t limit = std::min(units, max_units + 1);
    Line line;
    size_t at = 0;
    size_t next_try = 0;  // of whole blocks
    while (at < limit) {
      if (at >= next_try) {
        Narrow(raw, limit, &at, out, room, &line.written);
        next_try = at + kBlock;
        if (at == limit) break;
      }
      const Is is = EndAt(raw, at, final);
      if (is == Is::kMaybe) return line;
      if (is == Is::kEnd) {
        line.taken = (at + 1) * 2;
        return line;
      }
      if (room - line.written < 4 && room - line.written < RoomAt(raw, at)) return NoRoom(line);
      if (!TakeOne(raw, final, &at, out, &line)) return line;
    }
    if (at > max_units) {
      line.stop = Stop::kOverlong;
      return line;
    }
    if (!final) return line;
    if (raw.size() % 2 != 0) {
      if (room - line.written < kReplacementText.size()) return NoRoom(line);
      kReplacementText.copy(out + line.written, kReplacementText.size());
      line.written += kReplacementText.size();
      ++line.replaced;
    }
    line.taken = raw.size();
    return line;
  }

  static Line NoRoom(Line line) {
    line.stop = Stop::kNoRoom;
    return line;
  }

  // As many blocks as are plain.
  static void Narrow(std::string_view raw, size_t limit, size_t* at, char* out, size_t room,
                     size_t* written) {
    const size_t blocks = std::min(limit - *at, room - *written) / kBlock;
    for (size_t i = 0; i < blocks; ++i) {
      if (!NarrowBlock<kBig>(raw.substr(*at * 2), out + *written)) return;
      *at += kBlock;
      *written += kBlock;
    }
  }

  // Bytes of UTF-8 that the unit at `at` may need.
  static size_t RoomAt(std::string_view raw, size_t at) {
    const uint16_t unit = UnitAt<kBig>(raw, at);
    return unit < 0x80 ? 1 : unit < 0x800 ? 2 : IsHighSurrogate(unit) ? 4 : 3;
  }

  // The character at `at`.  False if its second half is not there yet.
  static bool TakeOne(std::string_view raw, bool final, size_t* at, char* out, Line* line) {
    uint32_t code = UnitAt<kBig>(raw, (*at)++);
    if (IsHighSurrogate(code)) {
      if (*at == raw.size() / 2 && !final) return false;
      const uint32_t low = *at < raw.size() / 2 ? UnitAt<kBig>(raw, *at) : 0;
      if (IsLowSurrogate(low)) {
        ++*at;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
    }
    if (IsHighSurrogate(code) || IsLowSurrogate(code)) {
      code = 0xFFFD;
      ++line->replaced;
    }
    line->written += PutUtf8(code, out + line->written);
    return true;
  }
};

}  // namespace

std::unique_ptr<LineDecoder::Splitter> MakeUtf16Splitter(Charset::Kind kind,
                                                         const LineDecoder::Options& options) {
  if (kind == Charset::Kind::kUtf16Be) return std::make_unique<Utf16Splitter<true>>(options);
  return std::make_unique<Utf16Splitter<false>>(options);
}

}  // namespace hctail
