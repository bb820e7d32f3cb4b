// SPDX-License-Identifier: Apache-2.0
#include "sample/json_path.h"

#include "event/json_string.h"

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

}  // namespace

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
