// SPDX-License-Identifier: Apache-2.0
#include "base/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace hctail {
namespace {

constexpr int64_t kMaxMemory = int64_t{32} << 20;  // of one program and its automata

// --- Reading a pattern without understanding it ---

// Steps over one item of a pattern: an escape, a class, or one byte.
size_t ItemSize(std::string_view rest) {
  if (rest[0] == '\\') {
    if (rest.starts_with("\\Q")) {
      const size_t end = rest.find("\\E", 2);
      return end == std::string_view::npos ? rest.size() : end + 2;
    }
    return std::min<size_t>(2, rest.size());
  }
  if (rest[0] != '[') return 1;
  size_t at = 1;
  if (at < rest.size() && rest[at] == '^') ++at;
  if (at < rest.size() && rest[at] == ']') ++at;
  while (at < rest.size() && rest[at] != ']') {
    if (rest[at] == '\\') {
      at += 2;
    } else if (rest.substr(at).starts_with("[:") && rest.find(":]", at) != std::string_view::npos) {
      at = rest.find(":]", at) + 2;
    } else {
      ++at;
    }
  }
  return std::min(at + 1, rest.size());
}

// The first ')' without its '(', or else the last '(' that is not closed.
size_t UnbalancedParenthesis(std::string_view pattern) {
  std::vector<size_t> open;
  for (size_t at = 0; at < pattern.size(); at += ItemSize(pattern.substr(at))) {
    if (pattern[at] == '(') open.push_back(at);
    if (pattern[at] != ')') continue;
    if (open.empty()) return at;
    open.pop_back();
  }
  return open.empty() ? pattern.size() : open.back();
}

size_t UnclosedClass(std::string_view pattern) {
  for (size_t at = 0; at < pattern.size();) {
    const size_t size = ItemSize(pattern.substr(at));
    if (pattern[at] == '[' && pattern[at + size - 1] != ']') return at;
    at += size;
  }
  return pattern.size();
}

// (?<name> as (?P<name>, which every RE2 understands.  `added` are the places of the P's.
std::string WithPythonNames(std::string_view pattern, std::vector<size_t>* added) {
  std::string out;
  for (size_t at = 0; at < pattern.size();) {
    const std::string_view rest = pattern.substr(at);
    if (rest.size() > 3 && rest.starts_with("(?<") && rest[3] != '=' && rest[3] != '!') {
      out += "(?";
      added->push_back(out.size());
      out += "P<";
      at += 3;
      continue;
    }
    const size_t size = ItemSize(rest);
    out += rest.substr(0, size);
    at += size;
  }
  return out;
}

// --- Faults ---

std::string WhatOf(const re2::RE2& regex) {
  switch (regex.error_code()) {
    case re2::RE2::ErrorMissingBracket:
      return "missing ']'";
    case re2::RE2::ErrorMissingParen:
      return "missing ')'";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected ')'";
    case re2::RE2::ErrorTrailingBackslash:
      return "a backslash at the end";
    case re2::RE2::ErrorRepeatArgument:
      return "nothing to repeat before '" + regex.error_arg() + "'";
    case re2::RE2::ErrorRepeatSize:
      return "bad repeat count '" + regex.error_arg() + "'";
    case re2::RE2::ErrorRepeatOp:
      return "bad repeat '" + regex.error_arg() + "'";
    case re2::RE2::ErrorBadEscape:
      return "unknown escape '" + regex.error_arg() + "'";
    case re2::RE2::ErrorBadCharClass:
      return "bad character class";
    case re2::RE2::ErrorBadCharRange:
      return "bad range '" + regex.error_arg() + "'";
    case re2::RE2::ErrorBadPerlOp:
      return "unknown group '" + regex.error_arg() + "'";
    case re2::RE2::ErrorBadUTF8:
      return "not UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "bad group name '" + regex.error_arg() + "'";
    case re2::RE2::ErrorPatternTooLarge:
      return "too large";
    default:
      return regex.error();
  }
}

size_t PositionOf(const re2::RE2& regex) {
  const std::string& pattern = regex.pattern();
  switch (regex.error_code()) {
    case re2::RE2::ErrorMissingParen:
    case re2::RE2::ErrorUnexpectedParen:
      return UnbalancedParenthesis(pattern);
    case re2::RE2::ErrorMissingBracket:
      return UnclosedClass(pattern);
    case re2::RE2::ErrorTrailingBackslash:
      return pattern.size() - 1;
    default: {
      const size_t at = pattern.find(regex.error_arg());
      return at == std::string::npos ? 0 : at;
    }
  }
}

std::string AdviceFor(std::string_view pattern, size_t position) {
  const std::string_view rest = pattern.substr(std::min(position, pattern.size()));
  for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!", "(?P<=", "(?P<!"}) {
    if (rest.starts_with(look)) return "RE2 has no look-ahead or look-behind.";
  }
  if (rest.size() > 1 && rest[0] == '\\' && rest[1] >= '1' && rest[1] <= '9') {
    return "RE2 has no back-references.";
  }
  if (rest.starts_with("(?>")) return "RE2 never goes back: write (?: in place of it.";
  if (rest.size() > 1 && rest[1] == '+' && std::string_view("*+?").contains(rest[0])) {
    return "RE2 never goes back: leave the second + out.";
  }
  return {};
}

re2::RE2::Options OptionsFor(re2::RE2::Options::Encoding encoding) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  options.set_encoding(encoding);
  return options;
}

bool Match(const re2::RE2& regex, std::string_view text, std::span<std::string_view> groups) {
  std::array<re2::StringPiece, kMaxRegexGroups> pieces;
  const size_t count = std::min(
      {groups.size(), pieces.size(), static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1});
  if (!regex.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                   pieces.data(), static_cast<int>(count))) {
    return false;
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    groups[i] = i < count && pieces[i].data() != nullptr
                    ? std::string_view(pieces[i].data(), pieces[i].size())
                    : std::string_view();
  }
  return true;
}

}  // namespace

std::string ShowPlace(std::string_view pattern, size_t position) {
  size_t column = 0;
  for (const char c : pattern.substr(0, position)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
  }
  return std::string(pattern) + "\n" + std::string(column, ' ') + "^ here";
}

Regex::Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::expected<Regex, RegexFault> Regex::Compile(std::string_view pattern) {
  std::vector<size_t> added;
  const std::string python = WithPythonNames(pattern, &added);
  Regex out;
  out.regex_ = std::make_unique<re2::RE2>(python, OptionsFor(re2::RE2::Options::EncodingUTF8));
  if (!out.regex_->ok()) {
    const size_t position = PositionOf(*out.regex_);
    RegexFault fault = {.what = WhatOf(*out.regex_), .position = position};
    fault.advice = AdviceFor(python, position);
    for (const size_t place : added) {
      if (place < position) --fault.position;
    }
    return std::unexpected(std::move(fault));
  }
  out.bytes_ = std::make_unique<re2::RE2>(python, OptionsFor(re2::RE2::Options::EncodingLatin1));
  if (!out.bytes_->ok()) out.bytes_.reset();
  out.line_pattern_ = LinePattern::Compile(pattern);
  out.names_.resize(static_cast<size_t>(out.regex_->NumberOfCapturingGroups()));
  for (const auto& [index, name] : out.regex_->CapturingGroupNames()) {
    out.names_[static_cast<size_t>(index) - 1] = name;
  }
  return out;
}

Result<Regex> Regex::Compile(std::string_view pattern, std::string_view what) {
  auto regex = Compile(pattern);
  if (regex) return std::move(*regex);
  const RegexFault& fault = regex.error();
  std::string hint = ShowPlace(pattern, fault.position);
  if (!fault.advice.empty()) hint += "\n" + fault.advice;
  return Fail(std::string(what) + " is not a regular expression: " + fault.what, std::move(hint));
}

bool Regex::Search(std::string_view text, std::span<std::string_view> groups) const {
  if (line_pattern_) return line_pattern_->Match(text, groups);
  if (Match(*regex_, text, groups)) return true;
  return bytes_ != nullptr && !IsUtf8(text) && Match(*bytes_, text, groups);
}

}  // namespace hctail
