// SPDX-License-Identifier: Apache-2.0
// How the walk stays inside its text without looking where it ends at every step: the tokenizer
// ends its list with two tokens, the fence, that stand at the byte after the text.  A text that
// stops early leads the walk there.  If that byte is no punctuation, it is nothing that a walk can
// wait for, so the walk stops on the first token of the fence.  It nearly always is a line end; if
// not, the text is copied.
#include "parsers/json/json_walk.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "parsers/json/json_text.h"

namespace hctail::json {
namespace {

constexpr size_t kFirstCapacity = size_t{1} << 14;
constexpr size_t kKeptMembers = size_t{1} << 14;
constexpr size_t kSuspectDigits = 300;  // without an exponent: perhaps more than a double holds
// The tokenizer has stacks of its own for a second stage that we do not use.
constexpr size_t kTokenizerDepth = 1;

bool IsSpace(char c) {
  if (static_cast<unsigned char>(c) > ' ') return false;  // nearly always
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool IsPunctuation(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}

bool IsOpener(char c) { return c == '{' || c == '['; }

// What most numbers are; not all integers.
bool IsShortInteger(std::string_view text) {
  constexpr size_t kShort = 20;
  if (text.empty() || text.size() > kShort || text[0] == '0') return false;
  bool digits = true;
  for (const char c : text) digits &= c >= '0' && c <= '9';
  return digits;
}

size_t FindBackslash(const char* text, size_t begin, size_t end) {
  const void* const found = std::memchr(text + begin, '\\', end - begin);
  if (found == nullptr) return SIZE_MAX;
  return static_cast<size_t>(static_cast<const char*>(found) - text);
}

Fault FaultOf(simdjson::error_code error) {
  switch (error) {
    case simdjson::SUCCESS:
      return Fault::kNone;
    case simdjson::UTF8_ERROR:
      return Fault::kInvalidUtf8;
    case simdjson::UNCLOSED_STRING:
      return Fault::kUnclosedString;
    case simdjson::UNESCAPED_CHARS:
      return Fault::kControlCharacter;
    default:
      return Fault::kBadValue;
  }
}

}  // namespace

std::string_view Why(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "";
    case Fault::kNotAnObject:
      return "not a JSON object";
    case Fault::kInvalidUtf8:
      return "bad JSON: invalid UTF-8";
    case Fault::kUnclosedString:
      return "bad JSON: unclosed string";
    case Fault::kControlCharacter:
      return "bad JSON: control character in a string";
    case Fault::kBadEscape:
      return "bad JSON: bad escape";
    case Fault::kBadNumber:
      return "bad JSON: bad number";
    case Fault::kNumberOutOfRange:
      return "bad JSON: number out of range";
    case Fault::kBadValue:
      return "bad JSON: bad value";
    case Fault::kBadName:
      return "bad JSON: name is not a string";
    case Fault::kNoColon:
      return "bad JSON: missing colon";
    case Fault::kNoComma:
      return "bad JSON: missing comma";
    case Fault::kCutShort:
      return "bad JSON: cut short";
    case Fault::kTrailingText:
      return "bad JSON: trailing text";
    case Fault::kTooDeep:
      return "bad JSON: nested too deep";
    case Fault::kTooLong:
      return "bad JSON: too long";
  }
  return "bad JSON";
}

Walker::Walker() = default;
Walker::~Walker() = default;

bool Walker::Reserve(size_t size) {
  const size_t capacity = tokenizer_ == nullptr ? 0 : tokenizer_->capacity();
  const bool shrink = capacity > kKeptCapacity && size <= kKeptCapacity;
  if (shrink) guarded_ = {};
  if (members_.capacity() > kKeptMembers && shrink) members_ = {};
  if (inner_.capacity() > kKeptMembers && shrink) inner_ = {};
  if (size <= capacity && !shrink) return true;
  if (size > simdjson::SIMDJSON_MAXSIZE_BYTES) return false;
  size_t wanted = kFirstCapacity;
  while (wanted < size && wanted < kKeptCapacity) wanted *= 2;
  if (wanted < size) wanted = size;
  tokenizer_.reset();
  return simdjson::get_active_implementation()->create_dom_parser_implementation(
             wanted, kTokenizerDepth, tokenizer_) == simdjson::SUCCESS;
}

Fault Walker::Tokenize(std::string_view text) {
  if (!Reserve(text.size())) return Fault::kTooLong;
  if (IsPunctuation(text.data()[text.size()])) text = guarded_.assign(text);
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  const simdjson::error_code error =
      tokenizer_->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return FaultOf(error);
  text_ = text.data();
  size_ = text.size();
  tokens_ = tokenizer_->structural_indexes.get();
  tokens_end_ = tokens_ + tokenizer_->n_structural_indexes;
  next_backslash_ = FindBackslash(text_, 0, size_);
  return Fault::kNone;
}

Fault Walker::Walk(std::string_view text) {
  members_.clear();
  lone_surrogate_ = false;
  escaped_name_ = false;
  fault_ = Fault::kNone;
  if (!text.starts_with('{')) return Fault::kNotAnObject;
  if (const Fault fault = Tokenize(text); fault != Fault::kNone) return fault;
  const uint32_t* const end = WalkMembers(tokens_, &members_);
  if (end == nullptr) return fault_;
  if (end < tokens_end_) return Fault::kTrailingText;
  return end == tokens_end_ ? Fault::kNone : Fault::kCutShort;
}

std::span<Member> Walker::MembersOf(const Member& outer) {
  inner_.clear();
  escaped_name_ = false;
  const uint32_t* const token = tokens_ + outer.token;
  next_backslash_ = FindBackslash(text_, *token, size_);
  WalkMembers(token, &inner_);
  return inner_;
}

const uint32_t* Walker::Failed(const uint32_t* token, Fault fault) {
  fault_ = token >= tokens_end_ ? Fault::kCutShort : fault;
  return nullptr;
}

// One past the last byte, spaces aside, before the token at `next`.
inline uint32_t Walker::EndBefore(const uint32_t* next) const {
  uint32_t end = *next;
  while (end > 0 && IsSpace(text_[end - 1])) --end;
  return end;
}

// The hot loop: what most members look like, `"name":` and `"text",` without escapes or spaces,
// takes the short ways.
const uint32_t* Walker::WalkMembers(const uint32_t* token, std::vector<Member>* members) {
  const char* const text = text_;
  ++token;
  if (text[*token] == '}') return token + 1;
  while (true) {
    const char* const begin = text + *token;
    const bool plain_name = IsPlainString(token) && text[token[1]] == ':';
    const uint32_t* const value = plain_name ? token + 2 : WalkName(token);
    if (value == nullptr) return nullptr;
    const char* const name_end = text + (plain_name ? token[1] : EndBefore(token + 1)) - 1;
    const std::string_view name(begin + 1, name_end);
    const bool escaped = !plain_name && name.contains('\\');
    escaped_name_ |= escaped;

    const bool plain_value = IsPlainString(value);
    token = plain_value ? value + 1 : WalkValue(value);
    if (token == nullptr) return nullptr;
    const char* const value_end = text + (plain_value ? *token : EndBefore(token));
    members->emplace_back(name, std::string_view(text + *value, value_end), begin,
                          static_cast<uint32_t>(value - tokens_), escaped, uint8_t{0});
    const char after = text[*token];
    if (after != ',' && after != '}') return Failed(token, Fault::kNoComma);
    ++token;
    if (after == '}') return token;
  }
}

// At `token` is a string without escapes or spaces behind it.
inline bool Walker::IsPlainString(const uint32_t* token) const {
  const uint32_t begin = token[0];
  const uint32_t next = token[1];
  return text_[begin] == '"' && begin + 2 <= next && text_[next - 1] == '"' &&
         next <= next_backslash_;
}

// A string and the colon after it.
inline const uint32_t* Walker::WalkName(const uint32_t* token) {
  if (text_[*token] != '"') return Failed(token, Fault::kBadName);
  token = IsPlainString(token) ? token + 1 : WalkString(token);
  if (token == nullptr) return nullptr;
  if (text_[*token] != ':') return Failed(token, Fault::kNoColon);
  return token + 1;
}

inline const uint32_t* Walker::WalkValue(const uint32_t* token) {
  return IsOpener(text_[*token]) ? WalkContainer(token) : WalkScalar(token);
}

// An object or array, with all that is in it.  Not recursive, so that no text can use up the stack.
const uint32_t* Walker::WalkContainer(const uint32_t* token) {
  size_t depth = 0;
  token = Open(token, &depth);
  while (token != nullptr && depth > 0) {
    if (closers_[depth - 1] == '}') token = WalkName(token);
    if (token == nullptr) return nullptr;
    if (IsOpener(text_[*token])) {
      token = Open(token, &depth);
    } else {
      token = WalkScalar(token);
      if (token != nullptr) token = CloseOrGoOn(token, &depth);
    }
  }
  return token;
}

// Goes into the container at `token` or, if it is empty, past it.
const uint32_t* Walker::Open(const uint32_t* token, size_t* depth) {
  // + 1: the object around it all.
  if (*depth + 1 >= kMaxDepth) return Failed(token, Fault::kTooDeep);
  const char closer = text_[*token] == '{' ? '}' : ']';
  ++token;
  closers_[(*depth)++] = closer;
  return text_[*token] == closer ? CloseOrGoOn(token, depth) : token;
}

// After a value: past a comma, or out of all containers that end here and past the comma then.
const uint32_t* Walker::CloseOrGoOn(const uint32_t* token, size_t* depth) {
  while (*depth > 0) {
    const char c = text_[*token];
    if (c == ',') return token + 1;
    if (c != closers_[*depth - 1]) return Failed(token, Fault::kNoComma);
    ++token;
    --*depth;
  }
  return token;
}

const uint32_t* Walker::WalkScalar(const uint32_t* token) {
  const char c = text_[*token];
  if (c == '"') return IsPlainString(token) ? token + 1 : WalkString(token);
  const std::string_view text(text_ + *token, std::max(EndBefore(token + 1), *token) - *token);
  if (c == '-' || (c >= '0' && c <= '9')) {
    if (IsShortInteger(text)) return token + 1;
    const Number number = ReadNumber(text);
    if (number == Number::kNone) return Failed(token, Fault::kBadNumber);
    const bool suspect = number == Number::kScientific || text.size() >= kSuspectDigits;
    if (suspect && !FitsDouble(text)) return Failed(token, Fault::kNumberOutOfRange);
  } else if (text != "true" && text != "false" && text != "null") {
    return Failed(token, Fault::kBadValue);
  }
  return token + 1;
}

const uint32_t* Walker::WalkString(const uint32_t* token) {
  const uint32_t begin = *token;
  const uint32_t end = EndBefore(token + 1);
  // The tokenizer promises the closing quote.
  if (end < begin + 2 || text_[end - 1] != '"') return Failed(token, Fault::kBadValue);
  if (next_backslash_ < end && !CheckEscapes(begin + 1, end - 1)) {
    return Failed(token, Fault::kBadEscape);
  }
  return token + 1;
}

bool Walker::CheckEscapes(size_t begin, size_t end) {
  size_t at = FindBackslash(text_, begin, end);
  while (at != SIZE_MAX) {
    size_t size = 0;
    const Escape escape = ReadEscape({text_ + at, end - at}, &size);
    if (escape == Escape::kBad) return false;
    lone_surrogate_ |= escape == Escape::kLoneSurrogate;
    at = FindBackslash(text_, at + size, end);
  }
  next_backslash_ = FindBackslash(text_, end, size_);
  return true;
}

}  // namespace hctail::json
