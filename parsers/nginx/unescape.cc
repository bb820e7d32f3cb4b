// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/unescape.h"

#include "base/utf8.h"

namespace hctail::nginx {
namespace {

// The byte that one letter after a backslash stands for, or 0.
char LetterEscape(char letter) {
  static constexpr std::string_view kLetters = "nrtbfv\"\\/";
  static constexpr std::string_view kBytes = "\n\r\t\b\f\v\"\\/";
  const size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? '\0' : kBytes[at];
}

// Reads the escape at the start of `text`; the size of what was read, or 0 if it is none.
size_t ReadEscape(std::string_view text, Escape escape, std::string* out) {
  if (text.size() < 2) return 0;
  if (text[1] == 'x' && escape != Escape::kJson) {
    const int byte = ReadHex(text.substr(2), 2);
    if (byte < 0) return 0;
    out->push_back(static_cast<char>(byte));
    return 4;
  }
  if (escape == Escape::kDefault) return 0;
  if (text[1] == 'u' && escape == Escape::kJson) return ReadUnicodeEscape(text, out);
  const char byte = LetterEscape(text[1]);
  if (byte == 0) return 0;
  out->push_back(byte);
  return 2;
}

}  // namespace

std::string_view Unescape(std::string_view text, Escape escape, std::string* scratch) {
  if (escape == Escape::kNone || !text.contains('\\')) return text;
  const size_t begin = scratch->size();
  for (size_t at = 0; at < text.size();) {
    size_t size = 0;
    if (text[at] == '\\') size = ReadEscape(text.substr(at), escape, scratch);
    if (size == 0) {
      scratch->push_back(text[at]);
      size = 1;
    }
    at += size;
  }
  const std::string_view unescaped = std::string_view(*scratch).substr(begin);
  if (IsUtf8(unescaped)) return unescaped;
  scratch->resize(begin);
  return text;
}

}  // namespace hctail::nginx
