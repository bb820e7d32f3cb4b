// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/log_format.h"

#include <algorithm>

#include "parsers/nginx/access_time.h"

namespace hctail::nginx {
namespace {

// Lines that match at all need a few; only odd ones of the wrong format come near.
constexpr int kMaxAttempts = 300;

constexpr size_t kNowhere = std::string_view::npos;

bool IsNameChar(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// --- Reading the text of a format ---

// Reads "$name" or "${name}" at the start of `text`; 0 if there is none.
size_t ReadVariable(std::string_view text, std::string_view* name) {
  const bool braces = text.size() > 1 && text[1] == '{';
  const size_t begin = braces ? 2 : 1;
  size_t end = begin;
  while (end < text.size() && IsNameChar(text[end])) ++end;
  *name = text.substr(begin, end - begin);
  if (name->empty()) return 0;
  if (!braces) return end;
  return end < text.size() && text[end] == '}' ? end + 1 : 0;
}

Error SideBySide(std::string_view first, std::string_view second) {
  return {"the log format has $" + std::string(first) + " and $" + std::string(second) +
              " side by side, and nothing tells where one ends",
          "Put a space or another character between them in nginx.conf."};
}

// --- What values may be ---

bool IsInteger(std::string_view text) {
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, IsDigit);
}

bool IsDecimal(std::string_view text) {
  if (text[0] == '-') text.remove_prefix(1);
  const size_t point = text.find('.');
  if (point == kNowhere) return !text.empty() && std::ranges::all_of(text, IsDigit);
  return point > 0 && std::ranges::all_of(text.substr(0, point), IsDigit) &&
         std::ranges::all_of(text.substr(point + 1), IsDigit);
}

bool MayHaveSpaces(const Matcher::Slot& slot) {
  const Variable& variable = slot.variable;
  return slot.quoted || variable.spaces || variable.type == Type::kTimeLocal ||
         IsList(variable.type);
}

// "a, b, c": commas, and a space nowhere but after one.
bool IsAddressList(std::string_view text) {
  for (size_t at = text.find(' '); at != kNowhere; at = text.find(' ', at + 1)) {
    if (at == 0 || text[at - 1] != ',') return false;
  }
  return !text.ends_with(',') && !text.contains('"');
}

// Not what stands second in lines behind text of a syslog daemon or docker compose:
// "Mar 15 06:07:08 web nginx: 10.0.0.1 - -", "web  | 10.0.0.1 - -".
bool IsName(std::string_view text) {
  if (text.empty()) return false;
  const char lower = static_cast<char>(text[0] | 0x20);
  return text == "-" || (lower >= 'a' && lower <= 'z');
}

bool IsOfType(Type type, std::string_view text) {
  if (type == Type::kName) return IsName(text);
  if (text.empty() || text == "-") return true;
  switch (type) {
    case Type::kInteger:
      return IsInteger(text);
    case Type::kDecimal:
    case Type::kSeconds:
      return IsDecimal(text);
    case Type::kTimeLocal:
      return text.size() == 26 && HasShape(text, "00/aaa/0000:00:00:00 a0000");
    case Type::kDateTime:
      return HasShape(text, "00/aaa/0000:00:00:00");
    case Type::kTimeIso:
      return HasShape(text, "0000-00-00T00:00:00");
    case Type::kAddress:
      return text.find_first_of(",\"") == kNowhere;
    case Type::kAddresses:
      return IsAddressList(text);
    default:
      return true;
  }
}

bool IsPossible(const Matcher::Slot& slot, std::string_view value, Matcher::Checks checks) {
  const Variable& variable = slot.variable;
  if (slot.quoted && IsAddress(variable.type)) return true;
  if (IsTime(variable.type) || checks == Matcher::Checks::kStrict) {
    if (!IsOfType(variable.type, value)) return false;
  }
  return MayHaveSpaces(slot) || !value.contains(' ');
}

// The end of the unquoted list at the start of `text`: elements without spaces, joined by ", " and
// " : ".
size_t EndOfList(std::string_view text) {
  size_t at = 0;
  while (true) {
    at = text.find(' ', at);
    if (at == kNowhere) return text.size();
    if (at > 0 && text[at - 1] == ',') {
      ++at;
    } else if (text.substr(at).starts_with(" : ")) {
      at += 3;
    } else {
      return at;
    }
  }
}

// The bare quote at or after `from`: one that no backslash escapes.
size_t FindQuote(std::string_view text, size_t from) {
  while (true) {
    const size_t at = text.find('"', from);
    if (at == kNowhere) return kNowhere;
    size_t backslashes = 0;
    while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at;
    from = at + 1;
  }
}

}  // namespace

Result<Matcher> Matcher::Compile(const LogFormat& format) {
  Matcher matcher;
  matcher.escape_ = format.escape;
  const std::string_view text = TrimEnd(format.text);
  std::string* literal = &matcher.prefix_;
  for (size_t at = 0; at < text.size();) {
    std::string_view name;
    const size_t size = text[at] == '$' ? ReadVariable(text.substr(at), &name) : 0;
    if (size == 0) {
      if (text[at] == '$') {
        return Fail("the log format has a '$' that begins no variable",
                    std::string(text) + "\n" + std::string(at, ' ') + "^ here");
      }
      literal->push_back(text[at++]);
      continue;
    }
    if (!matcher.slots_.empty() && literal->empty()) {
      return std::unexpected(SideBySide(matcher.slots_.back().name, name));
    }
    const bool after_quote = literal->ends_with('"');
    matcher.slots_.push_back({.name = std::string(name),
                              .variable = VariableCalled(name),
                              .literal = {},
                              .quoted = after_quote});
    literal = &matcher.slots_.back().literal;
    at += size;
  }
  if (matcher.slots_.empty()) return Fail("the log format has no variable");
  for (Slot& slot : matcher.slots_) slot.quoted = slot.quoted && slot.literal.starts_with('"');
  return matcher;
}

// The next place at or after `from` where the value of `slot`, which begins `text`, may end.
size_t Matcher::NextEnd(const Slot& slot, std::string_view text, size_t from) const {
  const std::string_view literal = slot.literal;
  if (slot.quoted && escape_ != Escape::kNone) {
    // There is one quote that can end it, and if the literal does not follow there is no match.
    if (from > 0) return kNowhere;
    const size_t at = FindQuote(text, 0);
    return at != kNowhere && text.substr(at).starts_with(literal) ? at : kNowhere;
  }
  if (IsList(slot.variable.type) && !slot.quoted && (literal.empty() || literal[0] == ' ')) {
    const size_t at = EndOfList(text);
    return from <= at && text.substr(at).starts_with(literal) ? at : kNowhere;
  }
  if (literal.empty()) return from <= text.size() ? text.size() : kNowhere;
  return text.find(literal, from);
}

struct Matcher::Attempt {
  Checks checks;
  std::string_view* values;
  int left = kMaxAttempts;
};

bool Matcher::MatchFrom(size_t index, std::string_view text, Attempt* attempt) const {
  const Slot& slot = slots_[index];
  const bool last = index + 1 == slots_.size();
  for (size_t from = 0; attempt->left > 0; ++from) {
    --attempt->left;
    from = NextEnd(slot, text, from);
    if (from == kNowhere) return false;
    const std::string_view value = text.substr(0, from);
    const std::string_view rest = text.substr(from + slot.literal.size());
    if (!MayHaveSpaces(slot) && value.contains(' ')) return false;  // nor may a longer one
    if ((last && !rest.empty()) || !IsPossible(slot, value, attempt->checks)) continue;
    attempt->values[index] = value;
    if (last || MatchFrom(index + 1, rest, attempt)) return true;
  }
  return false;
}

// What nearly every line needs: the first place is the right one.
bool Matcher::MatchQuickly(std::string_view text, std::string_view* values) const {
  for (const Slot& slot : slots_) {
    const size_t end = NextEnd(slot, text, 0);
    if (end == kNowhere) return false;
    *values = text.substr(0, end);
    if (!IsPossible(slot, *values, Checks::kStrict)) return false;
    ++values;
    text.remove_prefix(end + slot.literal.size());
  }
  return text.empty();
}

bool Matcher::Match(std::string_view record, Checks checks, std::string_view* values) const {
  if (record.size() < prefix_.size()) return false;
  for (size_t i = 0; i < prefix_.size(); ++i) {
    if (prefix_[i] != '.' && prefix_[i] != record[i]) return false;
  }
  const std::string_view text = record.substr(prefix_.size());
  if (MatchQuickly(text, values)) return true;
  Attempt attempt = {.checks = Checks::kStrict, .values = values};
  if (MatchFrom(0, text, &attempt)) return true;
  if (checks == Checks::kStrict) return false;
  attempt = {.checks = Checks::kLenient, .values = values};
  return MatchFrom(0, text, &attempt);
}

}  // namespace hctail::nginx
