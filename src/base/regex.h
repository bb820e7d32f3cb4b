// SPDX-License-Identifier: Apache-2.0
// Regular expressions: the one door to RE2.
//
// The syntax is RE2's, which is Go's and so honeytail's: no back-references and no look-around, but
// matching takes time linear in the text.  Groups may be named (?P<name>...) or (?<name>...).
//
// Text need not be UTF-8: where a line is not, '.' and negated classes match its odd bytes one by
// one, as they do in Go.
//
// Immutable once made; all const functions are thread-safe.
// Tested by regex_test.cc.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_pattern.h"
#include "base/result.h"

namespace re2 {
class RE2;
}

namespace hctail {

// Groups that Search can report, the whole match included.
inline constexpr size_t kMaxRegexGroups = 64;

// What is wrong with a pattern, and at which byte of it.
struct RegexFault {
  std::string what;  // "missing ')'"
  size_t position = 0;
  std::string advice = {};  // a sentence, or empty
};

// The two lines that show a place in a pattern, for Error::hint:
//   ^(?P<host>\S+
//    ^ here
std::string ShowPlace(std::string_view pattern, size_t position);

class Regex {
 public:
  // As an Error: "`what` is not a regular expression: missing ')'", and the place as its hint.
  static Result<Regex> Compile(std::string_view pattern, std::string_view what);
  static std::expected<Regex, RegexFault> Compile(std::string_view pattern);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // Names of the groups: names()[i] belongs to group i + 1 and is empty if the group has none.  Two
  // groups may have the same name.
  const std::vector<std::string>& names() const { return names_; }

  // Looks for the leftmost match anywhere in `text`.  groups[0] becomes the whole match, groups[i]
  // group i; one that took no part has a null data().  `groups` may be shorter than there are, and
  // the shorter the faster.
  bool Search(std::string_view text, std::span<std::string_view> groups = {}) const;

 private:
  Regex();

  std::unique_ptr<re2::RE2> regex_;
  std::unique_ptr<re2::RE2> bytes_;          // the same for text that is not UTF-8
  std::optional<LinePattern> line_pattern_;  // the same, if it is so simple
  std::vector<std::string> names_;
};

}  // namespace hctail
