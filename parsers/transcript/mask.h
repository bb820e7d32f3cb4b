// SPDX-License-Identifier: Apache-2.0
// Takes secrets out of what is sent: transcripts hold passwords as they were typed.
//
// The rules of hctail's own know "-Password X", ConvertTo-SecureString "X", net use and net user,
// password=X in connection strings, $token = "X", Authorization headers, user:password@ in URLs and
// the like; they err on the side of masking too much.  Rules of the user's come on top.
//
// Immutable once made.  Tested by mask_test.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "base/result.h"

namespace hctail::transcript {

class Mask {
 public:
  // Each of `patterns` masks its groups, or all that it matches if it has none.
  static Result<Mask> Create(std::span<const std::string> patterns, bool own_rules);

  // `text` with "***" for every secret; `scratch` holds it if it differs from `text`.
  std::string_view Apply(std::string_view text, std::string* scratch) const;

  // Values of a parameter or variable called `name` are secrets.
  bool IsSecretName(std::string_view name) const;

 private:
  const std::vector<Regex>* own_ = nullptr;
  std::vector<Regex> given_;
};

// Whether it is worth while to try hctail's own rules.
bool LooksSecret(std::string_view text);

inline constexpr std::string_view kMasked = "***";

}  // namespace hctail::transcript
