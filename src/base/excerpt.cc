// SPDX-License-Identifier: Apache-2.0
#include "base/excerpt.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace hctail {
namespace {

// The bytes of the character at the front of `text`; 0 if it is none, or one that controls.
size_t CharacterSize(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x20 || lead == 0x7F) return 0;
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (size > text.size() || !IsUtf8(text.substr(0, size))) return 0;
  // U+0080 to U+009F, U+200E and the like: what turns the direction of the text, or ends a line.
  const std::string_view character = text.substr(0, size);
  if (lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) return 0;
  if (character >= "\xE2\x80\x8E" && character <= "\xE2\x80\x8F") return 0;
  if (character >= "\xE2\x80\xA8" && character <= "\xE2\x80\xAE") return 0;
  if (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9") return 0;
  return size;
}

// Appends at most `limit` bytes of `text`, as they can be shown; how many those are.
size_t AppendPrintable(std::string_view text, size_t limit, std::string* out) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t size = CharacterSize(text.substr(at));
    if (at + (size == 0 ? 1 : size) > limit) break;
    if (size > 0) {
      *out += text.substr(at, size);
    } else if (text[at] == '\n') {
      *out += "\\n";
    } else if (text[at] == '\t') {
      *out += "\\t";
    } else {
      *out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(text[at])));
    }
    at += size == 0 ? 1 : size;
  }
  return at;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string shown;
  AppendPrintable(text, text.size(), &shown);
  return shown;
}

std::string Excerpt(std::string_view text, size_t limit) {
  std::string shown = "'";
  const size_t end = AppendPrintable(text, limit, &shown);
  shown += "'";
  if (end < text.size()) shown += "...";
  return shown;
}

}  // namespace hctail
