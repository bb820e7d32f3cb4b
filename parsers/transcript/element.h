// SPDX-License-Identifier: Apache-2.0
// The lines that module logging and exceptions leave in a transcript:
//
//   CommandInvocation(Get-Item): "Get-Item"
//   ParameterBinding(Get-Item): name="Path"; value="C:\x"
//   TerminatingError(Get-Item): "what happened"
//   NonTerminatingError(Get-Item): "what happened"
//
// A text may have several lines and hold quotes: it ends with a quote at the end of a line.  The
// names are English everywhere; quotes and the semicolon differ in Turkish and Chinese.
//
// Functions only.  Tested by lines_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hctail::transcript {

enum class ElementKind { kInvocation, kParameter, kTerminatingError, kError };

struct Element {
  ElementKind kind = ElementKind::kInvocation;
  std::string cmdlet = {};
  std::string name = {};  // of a parameter
  std::string text = {};  // or its value
  bool open = false;      // the text goes on in the next line
};

// The element that all of `line` is, or the first line of.
std::optional<Element> ReadElement(std::string_view line);
// Goes on with the text of an open element.
void AddLine(std::string_view line, Element* element);

}  // namespace hctail::transcript
