// SPDX-License-Identifier: Apache-2.0
#include "parsers/unwrap/wrapped_line.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/time_iso.h"
#include "base/utf8.h"

namespace hctail::unwrap {
namespace {

constexpr size_t kPadding = 64;

// What the letter after a backslash stands for; 0: nothing, or more than a letter.
constexpr std::array<char, 256> MakeEscapes() {
  std::array<char, 256> escapes = {};
  constexpr std::string_view kLetters = "nrt\"\\/bf";
  constexpr std::string_view kMeanings = "\n\r\t\"\\/\b\f";
  for (size_t i = 0; i < kLetters.size(); ++i) {
    escapes[static_cast<unsigned char>(kLetters[i])] = kMeanings[i];
  }
  return escapes;
}
constexpr std::array<char, 256> kEscapes = MakeEscapes();

// How many bytes at `text`, of which there are eight, come before a '"' or '\\'; 8 if all.
size_t CountPlain(const char* text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  const auto zeros = [](uint64_t w) { return (w - kOnes) & ~w & (kOnes << 7); };
  const uint64_t found = zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\');
  return found == 0 ? sizeof word : static_cast<size_t>(std::countr_zero(found)) / 8;
}

// Takes a flat JSON object of strings apart.  Each method moves on only if it returns true.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A string as it is written, without its quotes.
  bool TakeString(std::string_view* raw) {
    if (!Take('"')) return false;
    size_t at = 0;
    while (at < rest_.size() && rest_[at] != '"') at += rest_[at] == '\\' ? 2 : 1;
    if (at >= rest_.size()) return false;
    *raw = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return true;
  }

  // A string and what it means, which is in `scratch` or, without escapes, where it stands.
  bool TakeText(std::string* scratch, std::string_view* text) {
    if (!Take('"')) return false;
    const size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) return false;
    if (std::memchr(rest_.data(), '\\', quote) == nullptr) {
      *text = rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      return true;
    }
    if (scratch->size() < rest_.size() + kPadding) scratch->resize(rest_.size() + kPadding);
    char* to = scratch->data();
    size_t at = 0;
    while (true) {
      at += CopyPlain(at, &to);
      if (at >= rest_.size()) return false;
      if (rest_[at] == '"') break;
      const size_t size = Unescape(rest_.substr(at), &to);
      if (size == 0) return false;
      at += size;
    }
    rest_.remove_prefix(at + 1);
    *text = {scratch->data(), static_cast<size_t>(to - scratch->data())};
    return true;
  }

  // An object of strings, with its braces.
  bool TakeObject(std::string_view* raw) {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    const char* const begin = rest_.data();
    if (!Take('{')) return false;
    std::string_view ignored;
    while (!Take('}')) {
      if (!TakeString(&ignored) || !Take(':') || !TakeString(&ignored)) return false;
      (void)Take(',');
    }
    *raw = {begin, static_cast<size_t>(rest_.data() - begin)};
    return true;
  }

  bool AtEnd() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return rest_.empty();
  }

 private:
  // Copies what comes before the next '"' or '\\'.  May write seven bytes more than that.
  size_t CopyPlain(size_t at, char** to) const {
    const size_t begin = at;
    while (rest_.size() - at >= 8) {
      std::memcpy(*to, rest_.data() + at, 8);
      const size_t count = CountPlain(rest_.data() + at);
      *to += count;
      at += count;
      if (count < 8) return at - begin;
    }
    for (; at < rest_.size() && rest_[at] != '"' && rest_[at] != '\\'; ++at) *(*to)++ = rest_[at];
    return at - begin;
  }

  // Decodes the escape at the front of `raw` and returns its size; 0 if JSON has no such.
  static size_t Unescape(std::string_view raw, char** to) {
    if (raw.size() < 2) return 0;
    if (const char meaning = kEscapes[static_cast<unsigned char>(raw[1])]; meaning != 0) {
      *(*to)++ = meaning;
      return 2;
    }
    std::string unicode;
    const size_t size = ReadUnicodeEscape(raw, &unicode);
    *to = std::ranges::copy(unicode, *to).out;
    return size;
  }

  std::string_view rest_;
};

bool ReadStream(std::string_view name, Stream* stream) {
  if (name != "stdout" && name != "stderr") return false;
  *stream = name == "stdout" ? Stream::kStdout : Stream::kStderr;
  return true;
}

bool ReadTime(std::string_view text, Timestamp* time) {
  const auto read = ParseRfc3339(text);
  if (read) *time = *read;
  return read.has_value();
}

// The line that "log" is, without its "\n", or "\r\n" of a terminal.
void SetText(std::string_view text, WrappedLine* read) {
  read->ends = text.ends_with('\n');
  if (read->ends) text.remove_suffix(1);
  if (read->ends && text.ends_with('\r')) text.remove_suffix(1);
  read->text = text;
}

bool ReadDocker(std::string_view line, std::string* scratch, WrappedLine* read) {
  constexpr unsigned kLog = 1;
  constexpr unsigned kStream = 2;
  constexpr unsigned kTime = 4;
  constexpr unsigned kAttrs = 8;
  Reader reader(line);
  std::string_view key;
  std::string_view value;
  std::string_view log;
  unsigned seen = 0;
  if (!reader.Take('{')) return false;
  do {
    if (!reader.TakeString(&key) || !reader.Take(':')) return false;
    const unsigned which = key == "log"      ? kLog
                           : key == "stream" ? kStream
                           : key == "time"   ? kTime
                           : key == "attrs"  ? kAttrs
                                             : 0;
    if (which == 0 || (seen & which) != 0) return false;
    seen |= which;
    if (!(which == kAttrs ? reader.TakeObject(&read->attrs)
          : which == kLog ? reader.TakeText(scratch, &log)
                          : reader.TakeString(&value))) {
      return false;
    }
    if (which == kStream && !ReadStream(value, &read->stream)) return false;
    if (which == kTime && !ReadTime(value, &read->time)) return false;
  } while (reader.Take(','));
  constexpr unsigned kNeeded = kLog | kStream | kTime;
  SetText(log, read);
  return reader.Take('}') && reader.AtEnd() && (seen & kNeeded) == kNeeded;
}

bool ReadCri(std::string_view line, WrappedLine* read) {
  // "2024-03-05T06:07:08Z stdout F text"; tags may follow the F: "F:tag".
  const size_t time_end = line.find(' ');
  if (time_end == std::string_view::npos || time_end < 20 || line[10] != 'T') return false;
  std::string_view rest = line.substr(time_end + 1);
  if (rest.size() < 8 || rest[6] != ' ' || !ReadStream(rest.substr(0, 6), &read->stream)) {
    return false;
  }
  rest.remove_prefix(7);
  const size_t tags_end = std::min(rest.find(' '), rest.size());
  const std::string_view tags = rest.substr(0, tags_end);
  if ((tags[0] != 'F' && tags[0] != 'P') || (tags.size() > 1 && tags[1] != ':')) return false;
  if (!ReadTime(line.substr(0, time_end), &read->time)) return false;
  read->ends = tags[0] == 'F';
  read->text = rest.substr(std::min(tags_end + 1, rest.size()));
  if (read->ends && read->text.ends_with('\r')) read->text.remove_suffix(1);
  return true;
}

}  // namespace

bool ReadWrapped(Wrapper wrapper, std::string_view line, std::string* scratch, WrappedLine* read) {
  *read = {};
  switch (wrapper) {
    case Wrapper::kDocker:
      return ReadDocker(line, scratch, read);
    case Wrapper::kCri:
      return ReadCri(line, read);
    case Wrapper::kNone:
      break;
  }
  return false;
}

void ForEachAttr(std::string_view attrs,
                 const std::function<void(std::string_view, std::string_view)>& take) {
  Reader reader(attrs);
  if (!reader.Take('{')) return;
  std::string scratches[2];
  std::string_view name;
  std::string_view value;
  while (reader.TakeText(&scratches[0], &name) && reader.Take(':') &&
         reader.TakeText(&scratches[1], &value)) {
    take(name, value);
    if (!reader.Take(',')) return;
  }
}

}  // namespace hctail::unwrap
