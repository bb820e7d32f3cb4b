// SPDX-License-Identifier: Apache-2.0
// What the lines of an error look like.  Functions only.  Tested by errors_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hctail::transcript {

// "Name: message", with how much the name alone says.
struct Head {
  enum class Evidence { kNone, kIfRepeated, kSure };
  Evidence evidence = Evidence::kNone;
  std::string name = {};
  std::string message = {};
};
// `command`: the first word of the command that wrote `line`.
Head ReadHead(std::string_view line, std::string_view command);

// The text after "+ CategoryInfo :" or "+ FullyQualifiedErrorId :".
std::optional<std::string_view> ReadCategory(std::string_view line);
std::optional<std::string_view> ReadId(std::string_view line);

// "Kind: (target:Type) [Cmdlet], Exception" in its parts; empty where it is no such text.
struct Category {
  std::string_view kind = {};
  std::string_view exception = {};
};
Category SplitCategory(std::string_view text);

// "At line:1 char:1" in any language: it ends with two numbers that stand after colons.
bool IsPosition(std::string_view line);

// "Line |", under the name of an error.
bool BeginsExcerpt(std::string_view line);
// "  12 |  code" and "     | message": what is right of the bar.
std::optional<std::string_view> ExcerptText(std::string_view line);
// "~~~~"
bool IsUnderline(std::string_view text);

// One of the names of System.Management.Automation.ErrorCategory.
bool IsErrorCategory(std::string_view name);
// Verb-Noun with an approved verb.
bool IsCmdletName(std::string_view name);

}  // namespace hctail::transcript
