// SPDX-License-Identifier: Apache-2.0
// From a format to tokens: strftime to a Go layout, and the layout to tokens.
//
// Directives that Go's notation cannot say become a mark in the layout: the byte 1 and a letter.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/time_layout.h"

namespace hctail {
namespace {

using Kind = TimeLayout::Kind;
using Offset = TimeLayout::Offset;
using Token = TimeLayout::Token;

constexpr char kMark = '\1';

constexpr std::string_view kKnownDirectives =
    "Known are %Y %y %m %b %B %d %e %j %H %k %I %l %M %S %f %L %p %P %z %Z %s %a %A, the short\n"
    "forms %F %T %D %R %r %c %x %X %h %+, and %n %t %%.  A Go layout (2006-01-02 15:04:05) or\n"
    "'unixepoch' can be given instead.";

Token Number(int CivilTime::* field, uint8_t low, uint8_t high, bool two_digits, uint8_t pad = 0) {
  return {.kind = Kind::kNumber,
          .field = field,
          .low = low,
          .high = high,
          .two_digits = two_digits,
          .pad = pad};
}

Token Second(bool two_digits) {
  Token token = Number(&CivilTime::second, 0, 59, two_digits);
  token.kind = Kind::kSecond;
  return token;
}

Token OffsetToken(Offset offset, bool z_is_utc) {
  return {.kind = Kind::kOffset, .offset = offset, .z_is_utc = z_is_utc};
}

struct LayoutWord {
  std::string_view text;
  Token token;
  bool not_before_lower = false;  // "Jan" but not "Janet"
};

// Go's words; of two that begin alike the one that Go tries first stands first.
const std::vector<LayoutWord>& LayoutWords() {
  static const std::vector<LayoutWord> kWords = {
      {"January", {.kind = Kind::kMonthName}},
      {"Jan", {.kind = Kind::kShortMonthName}, true},
      {"Monday", {.kind = Kind::kDayName}},
      {"Mon", {.kind = Kind::kShortDayName}, true},
      {"MST", {.kind = Kind::kZoneName}},
      {"01", Number(&CivilTime::month, 1, 12, true)},
      {"02", Number(&CivilTime::day, 0, 99, true)},
      {"03", Number(&CivilTime::hour, 0, 12, true)},
      {"04", Number(&CivilTime::minute, 0, 59, true)},
      {"05", Second(true)},
      {"06", {.kind = Kind::kShortYear}},
      {"002", {.kind = Kind::kDayOfYear, .two_digits = true}},
      {"15", Number(&CivilTime::hour, 0, 23, false)},
      {"1", Number(&CivilTime::month, 1, 12, false)},
      {"2006", {.kind = Kind::kYear}},
      {"2", Number(&CivilTime::day, 0, 99, false)},
      {"_2", Number(&CivilTime::day, 0, 99, false, 1)},
      {"__2", {.kind = Kind::kDayOfYear, .pad = 2}},
      {"3", Number(&CivilTime::hour, 0, 12, false)},
      {"4", Number(&CivilTime::minute, 0, 59, false)},
      {"5", Second(false)},
      {"PM", {.kind = Kind::kAmPm}},
      {"pm", {.kind = Kind::kAmPm}},
      {"-070000", OffsetToken(Offset::kPlainSeconds, false)},
      {"-07:00:00", OffsetToken(Offset::kColonSeconds, false)},
      {"-0700", OffsetToken(Offset::kPlain, false)},
      {"-07:00", OffsetToken(Offset::kColon, false)},
      {"-07", OffsetToken(Offset::kHours, false)},
      {"Z070000", OffsetToken(Offset::kPlainSeconds, true)},
      {"Z07:00:00", OffsetToken(Offset::kColonSeconds, true)},
      {"Z0700", OffsetToken(Offset::kPlain, true)},
      {"Z07:00", OffsetToken(Offset::kColon, true)},
      {"Z07", OffsetToken(Offset::kHours, true)},
      // Ours, for what Go has no word for.
      {"\1f", {.kind = Kind::kFractionDigits}},
      {"\1k", Number(&CivilTime::hour, 0, 23, false, 1)},
      {"\1l", Number(&CivilTime::hour, 0, 12, false, 1)},
      {"\1s", {.kind = Kind::kEpoch}},
      {"\1u", {.kind = Kind::kIgnoredDigits, .count = 1}},
      {"\1U", {.kind = Kind::kIgnoredDigits, .count = 2}},
      {"\1z", OffsetToken(Offset::kAny, true)},
  };
  return kWords;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The word that `layout` begins with, or null.
const LayoutWord* WordAt(std::string_view layout) {
  // In "_2006" the '_' is itself and "2006" the word.
  if (layout.starts_with("_2006")) return nullptr;
  for (const LayoutWord& word : LayoutWords()) {
    if (!layout.starts_with(word.text)) continue;
    const std::string_view rest = layout.substr(word.text.size());
    if (word.not_before_lower && !rest.empty() && rest[0] >= 'a' && rest[0] <= 'z') continue;
    return &word;
  }
  return nullptr;
}

// The size of ".000" or ",999" at the start of `layout`, or 0.
size_t FractionSize(std::string_view layout) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
  if (layout[1] != '0' && layout[1] != '9') return 0;
  size_t size = 1;
  while (size < layout.size() && layout[size] == layout[1]) ++size;
  // Only a fraction that is all zeros or all nines is one.
  return size < layout.size() && IsDigit(layout[size]) ? 0 : size;
}

struct Directive {
  char letter;
  std::string_view layout;
};

// The table of parity.md, section 3.1, mended where it matched nothing.
constexpr Directive kDirectives[] = {
    {'a', "Mon"},
    {'A', "Monday"},
    {'b', "Jan"},
    {'B', "January"},
    {'c', "Mon Jan _2 15:04:05 2006"},
    {'C', "06"},
    {'d', "02"},
    {'D', "01/02/06"},
    {'e', "_2"},
    {'F', "2006-01-02"},
    {'h', "Jan"},
    {'H', "15"},
    {'I', "03"},
    {'j', "002"},
    {'k', "\1k"},
    {'l', "\1l"},
    {'m', "01"},
    {'M', "04"},
    {'n', "\n"},
    {'p', "PM"},
    {'P', "pm"},
    {'r', "03:04:05 PM"},
    {'R', "15:04"},
    {'s', "\1s"},
    {'S', "05"},
    {'t', "\t"},
    {'T', "15:04:05"},
    {'u', "\1u"},
    {'U', "\1U"},
    {'V', "\1U"},
    {'w', "\1u"},
    {'W', "\1U"},
    {'x', "01/02/06"},
    {'X', "15:04:05"},
    {'y', "06"},
    {'Y', "2006"},
    {'z', "\1z"},
    {'Z', "MST"},
    {'+', "Mon Jan _2 15:04:05 MST 2006"},
    {'%', "%"},
};

// GNU's "%-d": not padded.
constexpr Directive kUnpadded[] = {{'d', "2"},  {'e', "2"}, {'H', "15"}, {'I', "3"}, {'j', "__2"},
                                   {'k', "15"}, {'l', "3"}, {'m', "1"},  {'M', "4"}, {'S', "5"}};

// What `letter` stands for; empty if nothing.
std::string_view LayoutOf(std::span<const Directive> table, char letter) {
  for (const Directive& directive : table) {
    if (directive.letter == letter) return directive.layout;
  }
  return {};
}

// Reads the directive at the start of `format`, a '%', and appends its layout; returns its size,
// or 0 if it is unknown.
size_t TranslateDirective(std::string_view format, std::string* layout) {
  if (format.size() < 2) return 0;
  if (format[1] == 'f' || format[1] == 'L') {
    // After a point this is Go's optional fraction, elsewhere digits that stand alone.
    const bool after_point = layout->ends_with('.') || layout->ends_with(',');
    *layout += after_point ? std::string_view("999") : std::string_view("\1f");
    return 2;
  }
  const bool unpadded = format[1] == '-' && format.size() > 2;
  const std::string_view found =
      unpadded ? LayoutOf(kUnpadded, format[2]) : LayoutOf(kDirectives, format[1]);
  *layout += found;
  if (found.empty()) return 0;
  return unpadded ? 3 : 2;
}

Error UnknownDirective(std::string_view format, size_t at) {
  const size_t size = at + 2 < format.size() && format[at + 1] == '-' ? 3 : 2;
  return {fmt::format("bad time format '{}': unknown directive '{}' at character {}", format,
                      format.substr(at, size), at + 1),
          fmt::format("{}\n{:>{}} here\n{}", format, '^', at + 1, kKnownDirectives)};
}

Result<std::string> ToGoLayout(std::string_view format) {
  std::string layout;
  for (size_t i = 0; i < format.size();) {
    if (format[i] != '%') {
      layout += format[i++];
      continue;
    }
    const size_t size = TranslateDirective(format.substr(i), &layout);
    if (size == 0) return std::unexpected(UnknownDirective(format, i));
    i += size;
  }
  return layout;
}

}  // namespace

TimeLayout TimeLayout::FromGo(std::string_view layout) {
  TimeLayout result;
  std::vector<Token>& tokens = result.tokens_;
  while (!layout.empty()) {
    if (const size_t size = FractionSize(layout)) {
      const Kind kind = layout[1] == '0' ? Kind::kFraction : Kind::kAnyFraction;
      tokens.push_back(
          {.kind = kind, .count = static_cast<uint8_t>(std::min<size_t>(size, 256) - 1)});
      layout.remove_prefix(size);
    } else if (const LayoutWord* word = WordAt(layout)) {
      tokens.push_back(word->token);
      layout.remove_prefix(word->text.size());
    } else {
      if (tokens.empty() || tokens.back().kind != Kind::kLiteral) tokens.push_back({});
      tokens.back().literal += layout[0];
      layout.remove_prefix(1);
    }
  }
  return result;
}

Result<TimeLayout> TimeLayout::Compile(std::string_view format) {
  std::string text(format);
  if (format.contains(kMark)) {
    return Fail(fmt::format("bad time format '{}': it has a control character", format));
  }
  if (format.contains('%')) {
    Result<std::string> layout = ToGoLayout(format);
    if (!layout) return std::unexpected(layout.error());
    text = *std::move(layout);
  }
  TimeLayout result = FromGo(text);
  if (result.IsLiteral()) {
    return Fail(fmt::format("bad time format '{}': nothing in it stands for a time", format),
                "Give strftime directives (%Y-%m-%d %H:%M:%S), a Go layout (2006-01-02 15:04:05)\n"
                "or 'unixepoch'; without a format the usual ones are recognised.");
  }
  return result;
}

}  // namespace hctail
