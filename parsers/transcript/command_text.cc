// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/command_text.h"

#include <algorithm>

#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

enum class Quote { kNone, kSingle, kDouble };

// PowerShell takes typographic quotes for plain ones.  `size`: of the one at `at`.
Quote QuoteAt(std::string_view line, size_t at, size_t* size) {
  *size = 1;
  if (line[at] == '\'') return Quote::kSingle;
  if (line[at] == '"') return Quote::kDouble;
  if (line.substr(at, 2) != "\xe2\x80" || at + 2 >= line.size()) return Quote::kNone;
  *size = 3;
  const auto last = static_cast<unsigned char>(line[at + 2]);
  if (last >= 0x98 && last <= 0x9b) return Quote::kSingle;
  if (last >= 0x9c && last <= 0x9e) return Quote::kDouble;
  return Quote::kNone;
}

// A '#' begins a comment only at the start of a word.
bool BeginsWord(std::string_view line, size_t at) {
  static constexpr std::string_view kBefore = " \t;|&(){}";
  return at == 0 || kBefore.find(line[at - 1]) != std::string_view::npos;
}

}  // namespace

size_t CommandText::InCode(std::string_view line, size_t at) {
  size_t size = 1;
  const Quote quote = QuoteAt(line, at, &size);
  if (quote != Quote::kNone) {
    state_ = quote == Quote::kSingle ? State::kSingle : State::kDouble;
    return at + size;
  }
  switch (line[at]) {
    case '`':
      return at + 2;
    case '(':
    case '{':
    case '[':
      ++depth_;
      break;
    case ')':
    case '}':
    case ']':
      depth_ = std::max(depth_ - 1, 0);
      break;
    case '#':
      if (BeginsWord(line, at)) return line.size();
      break;
    case '<':
      if (line.substr(at, 2) != "<#") break;
      state_ = State::kComment;
      return at + 2;
    case '-':
      if (BeginsWord(line, at) && line.substr(at, 4) == "--% ") return line.size();
      break;
    case '@': {
      // A here-string begins at the end of a line.
      if (at + 1 >= line.size()) break;
      const Quote here = QuoteAt(line, at + 1, &size);
      if (here == Quote::kNone || at + 1 + size != TrimRight(line).size()) break;
      state_ = here == Quote::kSingle ? State::kHereSingle : State::kHereDouble;
      return line.size();
    }
    default:
      break;
  }
  return at + 1;
}

size_t CommandText::InString(std::string_view line, size_t at) {
  if (line[at] == '`' && state_ == State::kDouble) return at + 2;
  size_t size = 1;
  const Quote quote = QuoteAt(line, at, &size);
  const Quote own = state_ == State::kSingle ? Quote::kSingle : Quote::kDouble;
  if (quote != own) return at + 1;
  size_t next_size = 1;
  const size_t next = at + size;
  // Two of them stand for one.
  if (next < line.size() && QuoteAt(line, next, &next_size) == own) return next + next_size;
  state_ = State::kCode;
  return next;
}

size_t CommandText::InComment(std::string_view line, size_t at) {
  const size_t end = line.find("#>", at);
  if (end == std::string_view::npos) return line.size();
  state_ = State::kCode;
  return end + 2;
}

bool CommandText::EndsHereString(std::string_view line, size_t* at) {
  size_t size = 1;
  if (line.empty()) return false;
  const Quote own = state_ == State::kHereSingle ? Quote::kSingle : Quote::kDouble;
  if (QuoteAt(line, 0, &size) != own || line.substr(size, 1) != "@") return false;
  state_ = State::kCode;
  *at = size + 1;
  return true;
}

void CommandText::Add(std::string_view line) {
  size_t at = 0;
  joined_ = false;
  if (in_here_string() && !EndsHereString(line, &at)) return;
  while (at < line.size()) {
    switch (state_) {
      case State::kCode:
        at = InCode(line, at);
        break;
      case State::kSingle:
      case State::kDouble:
        at = InString(line, at);
        break;
      case State::kComment:
        at = InComment(line, at);
        break;
      case State::kHereSingle:
      case State::kHereDouble:
        at = line.size();
        break;
    }
  }
  if (state_ != State::kCode) return;
  const std::string_view text = TrimRight(line);
  // A comment's end says nothing; nor does a backtick that is not the very last byte.
  if (Trim(text).starts_with('#')) return;
  joined_ = line.ends_with('`') || text.ends_with('|') || text.ends_with(',') ||
            text.ends_with("&&") || (text.ends_with('=') && text.starts_with('$'));
}

bool CommandText::GoesOn(std::string_view last, std::string_view line) {
  if (!TrimRight(last).ends_with('}')) return false;
  line = Trim(line);
  for (const std::string_view word : {"else", "elseif", "catch", "finally", "until", "while"}) {
    if (line.size() <= word.size() || !EqualsIgnoringCase(line.substr(0, word.size()), word)) {
      continue;
    }
    const std::string_view rest = Trim(line.substr(word.size()));
    const char next = rest.empty() ? '\0' : rest[0];
    if (next == '{' || next == '(' || (word == "catch" && next == '[')) return true;
  }
  return false;
}

}  // namespace hctail::transcript
