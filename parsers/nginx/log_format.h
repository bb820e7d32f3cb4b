// SPDX-License-Identifier: Apache-2.0
// A log_format, compiled into a matcher: the text between the variables says where values end.
//
// Source: nginx, src/http/modules/ngx_http_log_module.c.  "$name" is the longest run of letters,
// digits and underscores, or "${name}"; all else is literal.  Two variables side by side cannot be
// told apart and are refused.
//
// Matching: a value is the shortest text up to the literal after it.  What nginx never writes is
// never a value:
//  - between double quotes, a bare '"' (it is escaped), except with escape=none;
//  - outside them, text with a space where the variable's kind has none;
//  - where a number or a time belongs, anything else.  '-' (absent) and nothing are always good.
// Lists of upstreams ("10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80") reach as far as their commas and
// colons do.  Where the shortest text does not lead to a match, longer ones are tried, a bounded
// number of times: IPv6 addresses before a ':' need it, and user names with " [" in them.
//
// In the text before the first variable a '.' stands for any byte, as in honeytail, whose users
// skip a prefix so ("... .. ..:..:.. $host").
//
// Tested by log_format_test.cc and property_test.cc; measured by tests/bench/nginx_bench.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "parsers/nginx/variables.h"

namespace hctail::nginx {

// How values were made safe.
enum class Escape {
  kDefault,  // \xHH
  kJson,     // as in JSON strings
  kNone,
  kApache,  // \xhh, \", \\, \n and their like
};

struct LogFormat {
  std::string text;  // of all its strings, joined
  Escape escape = Escape::kDefault;
  // Of the formats of a list, the first that fits a line is the right one.  So many of those right
  // before this one may fit its lines too.
  size_t rivals = 0;
};

class Matcher {
 public:
  struct Slot {
    std::string name;
    Variable variable;
    std::string literal;  // after it; empty only at the end
    bool quoted = false;  // literals on both sides have '"' next to it
  };

  // Error: "'$a$b' ... side by side".
  static Result<Matcher> Compile(const LogFormat& format);

  const std::vector<Slot>& slots() const { return slots_; }
  Escape escape() const { return escape_; }

  // Numbers and times must be such (kStrict), or may be any text without a space (kLenient).
  enum class Checks { kStrict, kLenient };
  // Puts the values, as they stand, into `values`, one for each slot.  `record` is all of the line
  // without the spaces around it.
  bool Match(std::string_view record, Checks checks, std::string_view* values) const;

 private:
  struct Attempt;
  bool MatchQuickly(std::string_view text, std::string_view* values) const;
  bool MatchFrom(size_t slot, std::string_view text, Attempt* attempt) const;
  size_t NextEnd(const Slot& slot, std::string_view text, size_t from) const;

  std::string prefix_;  // before the first variable
  std::vector<Slot> slots_;
  Escape escape_ = Escape::kDefault;
};

}  // namespace hctail::nginx
