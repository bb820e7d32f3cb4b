// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/element.h"

#include <algorithm>

#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxText = 64 << 10;
constexpr std::string_view kQuotes[] = {"\"", "\xe2\x80\x9d", "\xe2\x80\x9c"};

constexpr struct {
  std::string_view word;
  ElementKind kind;
} kWords[] = {
    {"CommandInvocation(", ElementKind::kInvocation},
    {"ParameterBinding(", ElementKind::kParameter},
    {"TerminatingError(", ElementKind::kTerminatingError},
    {"NonTerminatingError(", ElementKind::kError},
};

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

bool TakeQuote(std::string_view* text) {
  return std::ranges::any_of(kQuotes, [&](std::string_view q) { return TakePrefix(q, text); });
}

bool EndsWithQuote(std::string_view text, size_t* size) {
  for (const std::string_view quote : kQuotes) {
    *size = quote.size();
    if (text.ends_with(quote)) return true;
  }
  return false;
}

// The text after its opening quote.
void TakeText(std::string_view rest, Element* element) {
  rest = TrimRight(rest);
  size_t quote = 0;
  element->open = !EndsWithQuote(rest, &quote);
  if (!element->open) rest.remove_suffix(quote);
  element->text += CutAt(rest, kMaxText - std::min(kMaxText, element->text.size()));
}

// name="X"; value="
bool TakeName(std::string_view* rest, Element* element) {
  if (!TakePrefix("name=", rest) || !TakeQuote(rest)) return false;
  const size_t value = rest->find("value=");
  if (value == std::string_view::npos) return false;
  std::string_view name = TrimRight(rest->substr(0, value));
  for (const std::string_view semicolon : {";", "\xef\xbc\x9b"}) {
    if (name.ends_with(semicolon)) name.remove_suffix(semicolon.size());
  }
  size_t quote = 0;
  if (!EndsWithQuote(name, &quote)) return false;
  name.remove_suffix(quote);
  element->name = name;
  rest->remove_prefix(value + std::string_view("value=").size());
  return TakeQuote(rest);
}

}  // namespace

std::optional<Element> ReadElement(std::string_view line) {
  if (line.empty() || line[0] < 'C' || line[0] > 'T') return std::nullopt;
  for (const auto& [word, kind] : kWords) {
    std::string_view rest = line;
    if (!TakePrefix(word, &rest)) continue;
    const size_t close = rest.find(')');
    if (close == std::string_view::npos) return std::nullopt;
    Element element{.kind = kind, .cmdlet = std::string(rest.substr(0, close))};
    rest.remove_prefix(close + 1);
    if (!TakePrefix(":", &rest) && !TakePrefix("\xef\xbc\x9a", &rest)) return std::nullopt;
    TakePrefix("\xc2\xa0", &rest);
    rest = Trim(rest);
    const bool quoted =
        kind == ElementKind::kParameter ? TakeName(&rest, &element) : TakeQuote(&rest);
    if (!quoted) return std::nullopt;
    TakeText(rest, &element);
    return element;
  }
  return std::nullopt;
}

void AddLine(std::string_view line, Element* element) {
  element->text += '\n';
  TakeText(line, element);
}

}  // namespace hctail::transcript
