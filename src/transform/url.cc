// SPDX-License-Identifier: Apache-2.0
#include "transform/url.h"

#include <algorithm>

#include "base/utf8.h"

namespace hctail {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

enum class Plus { kIsPlus, kIsSpace };

// Decodes %XX; empty if one is bad.
std::optional<std::string_view> Decode(std::string_view text, Plus plus, TextArena* arena) {
  const bool spaces = plus == Plus::kIsSpace && text.contains('+');
  if (!text.contains('%') && !spaces) return text;
  char* const memory = arena->Allocate(text.size());
  size_t size = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      const int byte = ReadHex(text.substr(at + 1), 2);
      if (byte < 0) return std::nullopt;
      c = static_cast<char>(byte);
      at += 2;
    } else if (c == '+' && spaces) {
      c = ' ';
    }
    memory[size++] = c;
  }
  return std::string_view(memory, size);
}

// The scheme at the start of `text`, taken off with its ':'.  False: ':' stands first.
bool TakeScheme(std::string_view* text, std::string_view* scheme) {
  for (size_t at = 0; at < text->size(); ++at) {
    const char c = (*text)[at];
    if (IsLetter(c)) continue;
    if (IsDigit(c) || c == '+' || c == '-' || c == '.') {
      if (at == 0) return true;
      continue;
    }
    if (c != ':') return true;
    *scheme = text->substr(0, at);
    text->remove_prefix(at + 1);
    return at > 0;
  }
  return true;
}

// ":80", ":" or nothing.
bool IsPort(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' && std::ranges::all_of(text.substr(1), IsDigit);
}

bool IsHostByte(char c) {
  static constexpr std::string_view kAllowed = "!$&'()*+,;=:[]<>\"-_.~";
  return static_cast<unsigned char>(c) >= 0x80 || IsLetter(c) || IsDigit(c) || kAllowed.contains(c);
}

// Escapes in a host stand for bytes of UTF-8; a zone may begin with %25.
bool AreHostBytes(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      if (!IsHostByte(text[at])) return false;
      continue;
    }
    const int byte = ReadHex(text.substr(at + 1), 2);
    if (byte < 0 || (byte < 0x80 && byte != '%')) return false;
    at += 2;
  }
  return true;
}

bool IsAuthority(std::string_view text) {
  static constexpr std::string_view kUserBytes = "-._:~!$&'()*+,;=%@";
  if (const size_t at = text.rfind('@'); at != kNowhere) {
    const bool good = std::ranges::all_of(text.substr(0, at), [](char c) {
      return IsLetter(c) || IsDigit(c) || kUserBytes.contains(c);
    });
    if (!good) return false;
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const size_t close = text.rfind(']');
    return close != kNowhere && IsPort(text.substr(close + 1)) && AreHostBytes(text);
  }
  const size_t colon = text.rfind(':');
  return (colon == kNowhere || IsPort(text.substr(colon))) && AreHostBytes(text);
}

}  // namespace

std::optional<Url> ParseUrl(std::string_view text, TextArena* arena) {
  const bool control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
  if (control) return std::nullopt;
  const size_t hash = text.find('#');
  if (hash != kNowhere && !Decode(text.substr(hash + 1), Plus::kIsPlus, arena)) return std::nullopt;
  text = text.substr(0, hash);
  Url url;
  std::string_view scheme;
  if (!TakeScheme(&text, &scheme)) return std::nullopt;
  if (const size_t mark = text.find('?'); mark != kNowhere) {
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (!text.starts_with('/')) {
    if (!scheme.empty()) return url;  // "mailto:x"
    if (text.substr(0, text.find('/')).contains(':')) return std::nullopt;
  }
  if (text.starts_with("//") && (!scheme.empty() || !text.starts_with("///"))) {
    const size_t end = std::min(text.find('/', 2), text.size());
    if (!IsAuthority(text.substr(2, end - 2))) return std::nullopt;
    text.remove_prefix(end);
  }
  const auto path = Decode(text, Plus::kIsPlus, arena);
  if (!path) return std::nullopt;
  url.path = *path;
  return url;
}

void ParseQuery(std::string_view query, TextArena* arena, std::vector<QueryPair>* pairs) {
  pairs->clear();
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (piece.empty() || piece.contains(';')) continue;
    const size_t equals = std::min(piece.find('='), piece.size());
    const auto key = Decode(piece.substr(0, equals), Plus::kIsSpace, arena);
    const auto value =
        Decode(piece.substr(std::min(equals + 1, piece.size())), Plus::kIsSpace, arena);
    if (key && value) pairs->push_back({*key, *value});
  }
}

}  // namespace hctail
