// SPDX-License-Identifier: Apache-2.0
#include "parsers/keyval/scan.h"

#include "base/utf8.h"

namespace hctail::keyval {
namespace {

bool IsKeyByte(char c) { return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '='; }

char LetterEscape(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case '"':
    case '\'':
    case '\\':
    case '/':
      return letter;
    default:
      return 0;
  }
}

}  // namespace

void Scanner::ReadQuoted(Pair* pair) {
  const size_t begin = at_ + 1;
  pair->quoted = true;
  for (size_t i = begin; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      pair->escaped = true;
      ++i;
      continue;
    }
    if (text_[i] != '"') continue;
    pair->value = text_.substr(begin, i - begin);
    at_ = i + 1;
    return;
  }
  pair->value = text_.substr(begin);
  pair->closed = false;
  at_ = text_.size();
}

bool Scanner::Next(Pair* pair) {
  *pair = {};
  while (at_ < text_.size() && !IsKeyByte(text_[at_])) ++at_;
  if (at_ == text_.size()) return false;
  begin_ = at_;
  while (at_ < text_.size() && IsKeyByte(text_[at_])) ++at_;
  pair->key = text_.substr(begin_, at_ - begin_);
  if (at_ == text_.size() || text_[at_] != '=') return true;
  pair->has_equals = true;
  ++at_;
  if (at_ < text_.size() && text_[at_] == '"') {
    ReadQuoted(pair);
    return true;
  }
  const size_t value = at_;
  while (at_ < text_.size() && IsKeyByte(text_[at_])) ++at_;
  pair->value = text_.substr(value, at_ - value);
  return true;
}

bool Unescape(std::string_view text, std::string* out) {
  const size_t size_before = out->size();
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out->push_back(text[at++]);
      continue;
    }
    const char letter = at + 1 < text.size() ? LetterEscape(text[at + 1]) : '\0';
    size_t size = 2;
    if (letter != 0) {
      out->push_back(letter);
    } else {
      size = ReadUnicodeEscape(text.substr(at), out);
    }
    if (size == 0) {
      out->resize(size_before);
      return false;
    }
    at += size;
  }
  return true;
}

}  // namespace hctail::keyval
