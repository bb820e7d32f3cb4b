// SPDX-License-Identifier: Apache-2.0
#include "sample/json_path.h"

#include <charconv>
#include <cstdint>

namespace hctail {
namespace {

constexpr size_t kEnd = std::string_view::npos;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

// The position after the string whose opening quote is at `at`, or kEnd.
size_t SkipString(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return kEnd;
}

// The position after the value that begins at `at`, or kEnd.
size_t SkipValue(std::string_view text, size_t at) {
  if (at >= text.size()) return kEnd;
  if (text[at] == '"') return SkipString(text, at);
  if (text[at] != '{' && text[at] != '[') {
    const size_t begin = at;
    while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' &&
           !IsSpace(text[at])) {
      ++at;
    }
    return at == begin ? kEnd : at;
  }
  for (size_t depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = SkipString(text, at);
      if (at == kEnd) return kEnd;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return kEnd;
}

struct Member {
  std::string_view name;  // with its quotes
  std::string_view value;
};

// Steps over one member at `*at`, which is after '{' or ','; false at the end or if it is broken.
bool NextMember(std::string_view object, size_t* at, Member* member) {
  size_t begin = SkipSpace(object, *at);
  if (begin >= object.size() || object[begin] != '"') return false;
  size_t end = SkipString(object, begin);
  if (end == kEnd) return false;
  member->name = object.substr(begin, end - begin);
  begin = SkipSpace(object, end);
  if (begin >= object.size() || object[begin] != ':') return false;
  begin = SkipSpace(object, begin + 1);
  end = SkipValue(object, begin);
  if (end == kEnd) return false;
  member->value = object.substr(begin, end - begin);
  *at = SkipSpace(object, end);
  if (*at < object.size() && object[*at] == ',') ++*at;
  return true;
}

void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// The number in "\uXXXX" at `at`, or nothing.
std::optional<uint32_t> UnicodeEscape(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  uint32_t code = 0;
  const char* const digits = text.data() + at + 2;
  const auto [stop, error] = std::from_chars(digits, digits + 4, code, 16);
  if (error != std::errc() || stop != digits + 4) return std::nullopt;
  return code;
}

// Appends what the escape at `at` means and returns the position after it.
size_t Unescape(std::string_view text, size_t at, std::string* out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (at + 1 >= text.size()) return text.size();
  const size_t known = kLetters.find(text[at + 1]);
  if (known != kEnd) {
    out->push_back(kMeanings[known]);
    return at + 2;
  }
  const auto high = UnicodeEscape(text, at);
  if (!high) return at + 2;
  if (*high < 0xD800 || *high > 0xDFFF) {
    AppendUtf8(*high, out);
    return at + 6;
  }
  const auto low = UnicodeEscape(text, at + 6);
  if (*high < 0xDC00 && low && *low >= 0xDC00 && *low <= 0xDFFF) {
    AppendUtf8(0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00), out);
    return at + 12;
  }
  AppendUtf8(0xFFFD, out);
  return at + 6;
}

}  // namespace

std::string_view UnquoteJson(std::string_view quoted, std::string* scratch) {
  if (quoted.size() < 2) return {};
  const std::string_view text = quoted.substr(1, quoted.size() - 2);
  size_t at = text.find('\\');
  if (at == kEnd) return text;
  scratch->assign(text.substr(0, at));
  while (at < text.size()) {
    if (text[at] == '\\') {
      at = Unescape(text, at, scratch);
      continue;
    }
    const size_t next = std::min(text.find('\\', at), text.size());
    scratch->append(text.substr(at, next - at));
    at = next;
  }
  return *scratch;
}

std::optional<std::string_view> FindJsonMember(std::string_view object, std::string_view path,
                                               std::string* scratch) {
  size_t at = SkipSpace(object, 0);
  if (at >= object.size() || object[at] != '{') return std::nullopt;
  ++at;
  std::optional<std::string_view> whole;
  std::string_view inner;  // the object of the longest name that `path` begins with
  size_t inner_name = 0;   // its length
  for (Member member; NextMember(object, &at, &member);) {
    const std::string_view name = UnquoteJson(member.name, scratch);
    if (name == path) {
      whole = member.value;
    } else if (name.size() < path.size() && path[name.size()] == '.' && path.starts_with(name) &&
               member.value.starts_with('{') && name.size() >= inner_name) {
      inner = member.value;
      inner_name = name.size();
    }
  }
  if (whole || inner.empty()) return whole;
  return FindJsonMember(inner, path.substr(inner_name + 1), scratch);
}

}  // namespace hctail
