// SPDX-License-Identifier: Apache-2.0
// What an answer of the Events API means for the events that were sent.
//
//   200, 202        each event has its own status: 2xx is accepted; 408, 425, 429 and 5xx are tried
//                   again; another 4xx is final.  A body that does not say so for exactly the
//                   events sent (garbage, cut, too few, too many) counts as no answer.
//   413             too big: split
//   400             one event spoils the batch: split until it is found.  But "unknown API key",
//                   which older APIs say with 400, is a 401
//   401 402 403 404 405 407 410 and 3xx
//                   not the events' fault: hold them and try again slowly
//   other 4xx       final for all
//   anything else   (408, 425, 429, 5xx, no answer) try all again
//
// 429, 502, 503, 504 and failing connections say something about the endpoint, not about these
// events: `overloaded`.  Sources: Honeycomb's API reference; RFC 9110 10.2.3 (Retry-After) and
// 5.6.7 (dates); draft-ietf-httpapi-ratelimit-headers-03 (RateLimit).
//
// Not thread-safe: one ReplyJudge per sender.  The one file of `ship` that knows simdjson.
// Tested by reply_test.cc and tests/fuzz/reply_fuzz.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ship/transport.h"

namespace hctail {

struct Verdict {
  enum class Kind {
    kJudged,   // `retried` and `refused` name events; all others are accepted
    kRetry,    // all again
    kSplit,    // in halves
    kBisect,   // in halves, to find the one that is refused
    kHold,     // all again, slowly
    kRefused,  // all of them, for ever
  };
  struct Refusal {
    uint32_t event = 0;
    int status = 0;
    std::string reason;
  };

  Kind kind = Kind::kRetry;
  bool overloaded = false;
  int status = 0;
  std::string reason;             // for people, one line: "503 Service Unavailable: try later"
  std::optional<Duration> wait;   // the server's wish
  std::vector<uint32_t> retried;  // ascending
  std::vector<Refusal> refused;   // ascending
};

class ReplyJudge {
 public:
  ReplyJudge();
  ~ReplyJudge();

  // `events` were sent, at least one; `now` is the wall clock, for dates.
  Verdict Judge(const HttpReply& reply, size_t events, Timestamp now);

  // What the server says went wrong, from a JSON body's "error" or the text itself; or "".
  std::string ErrorText(std::string_view body);

  // Team and environment of the key, from the answer to GET /1/auth; nothing if it is not that.
  struct KeyInfo {
    std::string team;
    std::string environment;  // empty for classic keys
  };
  std::optional<KeyInfo> ReadKeyInfo(std::string_view body);

 private:
  struct Parser;

  bool ReadStatuses(const HttpReply& reply, size_t events, Verdict* verdict);

  std::unique_ptr<Parser> parser_;
};

// "503 Service Unavailable"; the number alone if it has no name.
std::string StatusText(int status);

// Retry-After: seconds, with a fraction or without, or an HTTP date.  Never negative and at most
// kLongestWait; nothing if it makes no sense.
inline constexpr Duration kLongestWait = std::chrono::minutes(5);
std::optional<Duration> ParseRetryAfter(std::string_view value, Timestamp now);

// The reset of "limit=1000, remaining=0, reset=7", with the same limits.
std::optional<Duration> ParseRateLimitReset(std::string_view value);

}  // namespace hctail
