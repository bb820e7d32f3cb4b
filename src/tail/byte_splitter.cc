// SPDX-License-Identifier: Apache-2.0
// Charsets in which a newline byte is always a newline.  Those of one byte a character, which most
// are, are decoded by a table that iconv filled; the others line by line with iconv.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/check.h"
#include "tail/iconv_handle.h"
#include "tail/line_splitter.h"

namespace hctail {
namespace {

constexpr size_t kBlock = 16;
constexpr size_t kMostGrowth = 3;  // of a byte: U+FFFD

constexpr uint8_t IsCrOrLf(char c) { return c == '\n' || c == '\r' ? 1 : 0; }

// The first CR or LF, or the size.
size_t FindCrOrLf(std::string_view text) {
  size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    uint8_t ends = 0;
    for (size_t i = 0; i < kBlock; ++i) {
      ends |= IsCrOrLf(text[at + i]);
    }
    if (ends != 0) break;
  }
  while (at < text.size() && IsCrOrLf(text[at]) == 0) ++at;
  return at;
}

// The bytes before the first that is not ASCII, but perhaps less than kBlock fewer.
size_t SkipAscii(std::string_view text) {
  size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    uint8_t bits = 0;
    for (size_t i = 0; i < kBlock; ++i) bits |= static_cast<uint8_t>(text[at + i]);
    if (bits >= 0x80) break;
  }
  return at;
}

bool IsAscii(std::string_view text) {
  const size_t at = SkipAscii(text);
  return std::ranges::all_of(text.substr(at),
                             [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

// Finds lines; how their text is decoded is left open.
class ByteSplitter : public LineDecoder::Splitter {
 public:
  using End = LineDecoder::End;
  using Stop = LineDecoder::Stop;
  using LineDecoder::Splitter::Splitter;

  Line TakeLine(std::string_view raw, bool final, char* out, size_t room) override {
    // A line that is not overlong ends in there, and the byte after a CR at its end is there, too.
    const std::string_view window =
        raw.substr(0, std::max(options_.max_line, options_.max_line + 2));
    End end = FindEnd(window, final);
    if (!end.found && final) end.size = raw.size();
    const size_t content = end.found ? end.size - 1 : end.size;
    if (content > options_.max_line) return {.stop = Stop::kOverlong};
    if (!end.found && !final) return {};
    const size_t most = RoomForLine() - 1;
    Line line = Decode(raw.substr(0, content), true, out, std::min(room, most));
    if (line.stop != Stop::kNoRoom) {
      line.taken = end.size;
    } else if (room >= most) {
      line.stop = Stop::kOverlong;  // a charset, like TSCII, of bytes that are several characters
    }
    return line;
  }

  Line TakeBegin(std::string_view raw, char* out, size_t room) override {
    return Decode(raw, false, out, room);
  }

  End FindEnd(std::string_view raw, bool final) const override {
    if (!options_.lone_cr) {
      const size_t newline = raw.find('\n');
      if (newline == std::string_view::npos) return {.size = raw.size()};
      return {.found = true, .size = newline + 1};
    }
    const size_t at = FindCrOrLf(raw);
    if (at == raw.size()) return {.size = at};
    if (raw[at] == '\n') return {.found = true, .size = at + 1};
    if (at + 1 == raw.size()) return {.found = final, .size = final ? at + 1 : at};
    return {.found = true, .size = raw[at + 1] == '\n' ? at + 2 : at + 1};
  }

  size_t RoomForLine() const override { return kMostGrowth * options_.max_line + 8; }

 protected:
  // With `whole`, half a character at the end is malformed; else it is left out.
  virtual Line Decode(std::string_view text, bool whole, char* out, size_t room) = 0;
};

class Utf8Splitter final : public ByteSplitter {
 public:
  using ByteSplitter::ByteSplitter;

  size_t RoomForLine() const override { return options_.max_line + 1; }

 protected:
  Line Decode(std::string_view text, bool whole, char* out, size_t room) override {
    if (whole && text.size() > room) return {.stop = Stop::kNoRoom};
    size_t size = std::min(text.size(), room);
    if (!whole) size = CutBetweenCharacters(text.substr(0, size));
    std::memcpy(out, text.data(), size);
    return {.written = size};
  }

 private:
  // Without what may be the begin of a character.
  static size_t CutBetweenCharacters(std::string_view text) {
    for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
      const auto byte = static_cast<uint8_t>(text[text.size() - back]);
      if (byte < 0x80) break;
      if (byte < 0xC0) continue;
      const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
      return length > back ? text.size() - back : text.size();
    }
    return text.size();
  }
};

// What a byte stands for.
struct TableEntry {
  std::array<char, 7> text = {};
  uint8_t size = 0;  // 0: nothing
};

struct Table {
  std::array<TableEntry, 256> entries;
  bool plain_ascii = true;  // ASCII stands for itself
  bool complete = true;     // every byte is a character, or none
};

Table MakeTable(IconvHandle* iconv) {
  Table table;
  for (int i = 0; i < 256; ++i) {
    const char byte = static_cast<char>(i);
    TableEntry& entry = table.entries[static_cast<size_t>(i)];
    iconv->Reset();
    const auto step = iconv->Convert({&byte, 1}, entry.text.data(), entry.text.size());
    entry.size = static_cast<uint8_t>(step.error == 0 ? step.written : 0);
    // Not a byte, but the first of several, or of an escape sequence, or to be combined.
    if (step.error == EINVAL || (step.error == 0 && step.written == 0)) table.complete = false;
    if (step.error == E2BIG) table.complete = false;
    if (i < 0x80 && (entry.size != 1 || entry.text[0] != byte)) table.plain_ascii = false;
    if (i != '\n' && entry.size == 1 && entry.text[0] == '\n') entry.text[0] = ' ';
  }
  iconv->Reset();
  return table;
}

class TableSplitter final : public ByteSplitter {
 public:
  TableSplitter(const Table& table, const LineDecoder::Options& options)
      : ByteSplitter(options), table_(table) {
    for (TableEntry& entry : table_.entries) {
      most_ = std::max<size_t>(most_, entry.size);
      if (entry.size > 0) continue;
      kReplacementText.copy(entry.text.data(), kReplacementText.size());
      entry.size = static_cast<uint8_t>(kReplacementText.size());
      unknown_[static_cast<size_t>(&entry - table_.entries.data())] = true;
    }
  }

  size_t RoomForLine() const override {
    return std::max(most_, kMostGrowth) * options_.max_line + 8;
  }

 protected:
  Line Decode(std::string_view text, bool, char* out, size_t room) override {
    Line line;
    while (!text.empty()) {
      if (table_.plain_ascii) {
        const size_t plain = SkipAscii(text.substr(0, room - line.written));
        std::memcpy(out + line.written, text.data(), plain);
        line.written += plain;
        text.remove_prefix(plain);
      }
      for (const char c : text.substr(0, kBlock)) {
        const auto byte = static_cast<uint8_t>(c);
        const TableEntry& entry = table_.entries[byte];
        if (entry.size > room - line.written) {
          line.stop = Stop::kNoRoom;
          return line;
        }
        std::memcpy(out + line.written, entry.text.data(), entry.size);
        line.written += entry.size;
        line.replaced += unknown_[byte] ? 1 : 0;
        text.remove_prefix(1);
      }
    }
    return line;
  }

 private:
  Table table_;
  std::array<bool, 256> unknown_ = {};
  size_t most_ = 1;
};

class IconvSplitter final : public ByteSplitter {
 public:
  IconvSplitter(IconvHandle iconv, bool plain_ascii, const LineDecoder::Options& options)
      : ByteSplitter(options), iconv_(std::move(iconv)), plain_ascii_(plain_ascii) {}

 protected:
  Line Decode(std::string_view text, bool whole, char* out, size_t room) override {
    Line line;
    if (plain_ascii_ && text.size() <= room && IsAscii(text)) {
      std::memcpy(out, text.data(), text.size());
      line.written = text.size();
      return line;
    }
    iconv_.Reset();
    while (line.stop != Stop::kNoRoom) {
      const auto step = iconv_.Convert(text, out + line.written, room - line.written);
      text.remove_prefix(step.taken);
      line.written += step.written;
      if (step.error == 0 || (step.error == EINVAL && !whole)) break;
      if (step.error == E2BIG || !Replace(&text, out, room, &line)) line.stop = Stop::kNoRoom;
    }
    const auto held = iconv_.Flush(out + line.written, room - line.written);
    line.written += held.written;
    if (held.error == E2BIG) line.stop = Stop::kNoRoom;
    // Some charsets have more ways to write a newline.
    std::replace(out, out + line.written, '\n', ' ');
    return line;
  }

 private:
  // The byte that iconv stumbled over.
  static bool Replace(std::string_view* text, char* out, size_t room, Line* line) {
    if (room - line->written < kReplacementText.size()) return false;
    kReplacementText.copy(out + line->written, kReplacementText.size());
    line->written += kReplacementText.size();
    ++line->replaced;
    text->remove_prefix(std::min<size_t>(1, text->size()));
    return true;
  }

  IconvHandle iconv_;
  const bool plain_ascii_;
};

}  // namespace

std::unique_ptr<LineDecoder::Splitter> MakeByteSplitter(const Charset& charset,
                                                        const LineDecoder::Options& options) {
  if (charset.kind == Charset::Kind::kUtf8) return std::make_unique<Utf8Splitter>(options);
  IconvHandle iconv(charset.name);
  HC_CHECK(iconv.ok());  // ParseCharset has tried it
  const Table table = MakeTable(&iconv);
  if (table.complete) return std::make_unique<TableSplitter>(table, options);
  return std::make_unique<IconvSplitter>(std::move(iconv), table.plain_ascii, options);
}

}  // namespace hctail
