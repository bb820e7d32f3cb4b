// SPDX-License-Identifier: Apache-2.0
// A reply can be anything.  Whatever it is, the verdict names only events that were sent, each at
// most once, and waits stay within their limits.
//
// Input: one byte for the number of events, two for the status, then headers and body, separated
// by NUL.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ship/reply.h"

namespace {

using namespace hctail;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string_view TakeUntilNul(std::string_view* input) {
  const size_t end = std::min(input->find('\0'), input->size());
  const std::string_view part = input->substr(0, end);
  input->remove_prefix(std::min(end + 1, input->size()));
  return part;
}

void CheckWait(const std::optional<Duration>& wait) {
  if (wait) Require(*wait >= Duration(0) && *wait <= kLongestWait);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const size_t events = 1 + data[0] % 8;
  HttpReply reply;
  reply.status = (data[1] << 8 | data[2]) % 600;
  std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  reply.retry_after = TakeUntilNul(&input);
  reply.rate_limit = TakeUntilNul(&input);
  reply.body = input;
  reply.error = input;

  static ReplyJudge judge;
  const Verdict verdict = judge.Judge(reply, events, {1709618828, 0});
  CheckWait(verdict.wait);
  CheckWait(ParseRetryAfter(reply.retry_after, {1709618828, 0}));
  CheckWait(ParseRateLimitReset(reply.rate_limit));
  Require(verdict.reason.find('\n') == std::string::npos);
  const bool judged = verdict.kind == Verdict::Kind::kJudged;
  Require(judged || (verdict.retried.empty() && verdict.refused.empty()));
  int seen[8] = {};
  for (const uint32_t event : verdict.retried) {
    Require(event < events);
    ++seen[event];
  }
  for (const Verdict::Refusal& refusal : verdict.refused) {
    Require(refusal.event < events && refusal.status >= 400 && !refusal.reason.empty());
    ++seen[refusal.event];
  }
  for (const int times : seen) Require(times <= 1);
  judge.ReadKeyInfo(input);
  return 0;
}
