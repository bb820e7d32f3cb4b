// SPDX-License-Identifier: Apache-2.0
// What nginx variables hold: the types of the fields they become.
//
// Source: nginx.org, the "Embedded Variables" of the core, log, upstream, proxy, gzip, realip and
// stream modules.  A variable that is not listed (a map, a cookie, an argument) is typed by its
// value, as honeytail does with all.  "$_" is ours: it stands for text that is of no interest.
#pragma once

#include <cstdint>
#include <string_view>

namespace hctail::nginx {

enum class Type : uint8_t {
  kGuess,  // a number if it looks like one
  kText,   // never a number, even if it looks like one
  kName,   // text; if strictly looked at, "-" or what begins with a letter
  // Text; outside quotes, where it is not just what a client sent:
  kAddress,    // of one machine, no comma and no quote in it
  kAddresses,  // "a, b, c", as proxies make it
  kInteger,    //
  kDecimal,    //
  kTimeLocal,  // 07/Feb/2020:11:48:51 +0000
  kTimeIso,    // 2020-02-07T11:48:51+00:00
  kSeconds,    // 1581076131.123
  kDateTime,   // 25/Feb/2019:16:19:48.143, HAProxy's, without a zone
  kListText,   // of upstreams: an element an attempt, "a, b : c"
  kListInteger,
  kListDecimal,
};

struct Variable {
  Type type = Type::kGuess;
  bool spaces = false;  // the value may have spaces in it even where it is not quoted
};

// The variable called `name`, without its '$'.
Variable VariableCalled(std::string_view name);

constexpr bool IsTime(Type type) { return type >= Type::kTimeLocal && type <= Type::kDateTime; }
constexpr bool IsText(Type type) { return type <= Type::kAddresses; }
constexpr bool IsAddress(Type type) { return type == Type::kAddress || type == Type::kAddresses; }
constexpr bool IsList(Type type) { return type >= Type::kListText; }
constexpr bool IsNumber(Type type) { return type == Type::kInteger || type == Type::kDecimal; }

}  // namespace hctail::nginx
