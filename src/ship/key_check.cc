// SPDX-License-Identifier: Apache-2.0
#include "ship/key_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "ship/retry_policy.h"

namespace hctail {
namespace {

constexpr uint64_t kFirstId = std::numeric_limits<uint64_t>::max() / 2;  // the sender's begin at 0
constexpr std::string_view kWithout = "--skip-auth-check starts without this check.";

// Polls until the reply of `id` comes; nothing if `end` comes first.
std::optional<HttpReply> Await(Transport& transport, const Clock& clock, uint64_t id, Instant end) {
  while (true) {
    const Duration left = end - clock.Now();
    if (left <= Duration(0)) return std::nullopt;
    for (HttpReply& reply : transport.Poll(left)) {
      if (reply.id == id) return std::move(reply);
    }
  }
}

bool MayChange(const HttpReply& reply) {
  if (reply.status == 0) return reply.failure != HttpFailure::kTls;
  return reply.status == 408 || reply.status == 425 || reply.status == 429 || reply.status >= 500;
}

std::string_view FailureHint(HttpFailure failure, std::string_view error) {
  switch (failure) {
    case HttpFailure::kResolve:
      return "Check --api-host and this machine's DNS.";
    case HttpFailure::kConnect:
      return "Check --api-host, firewalls, and the proxy if https_proxy or http_proxy is set.";
    case HttpFailure::kTls:
      return error.find("certificate") != std::string::npos
                 ? "If a private CA signed the certificate, give it with --ca-file."
                 : "Check --api-host: what answers there does not speak TLS as it should.";
    default:
      return "Check --api-host, firewalls and proxies in between.";
  }
}

std::unexpected<Error> Explain(const HttpReply& reply, const KeyCheck& check, ReplyJudge& judge) {
  if (reply.status == 0) {
    return Fail(fmt::format("cannot reach the API: {}", reply.error),
                std::string(FailureHint(reply.failure, reply.error)));
  }
  if (reply.status == 401 || reply.status == 403) {
    return Fail(fmt::format("the API refused the key from {} ({} from {})", check.key_origin,
                            reply.status, check.host),
                "Check the key, and that it belongs to this host: keys of EU teams need\n"
                "--api-host https://api.eu1.honeycomb.io.");
  }
  if (reply.status == 404) {
    return Fail(fmt::format("{} has no /1/auth to check the key with (404)", check.host),
                fmt::format("Check --api-host.  For a proxy that lacks it, {}", kWithout));
  }
  if (reply.status >= 300 && reply.status < 400) {
    return Fail(fmt::format("{} redirects to '{}' ({})", check.host, reply.location, reply.status),
                "The key is not sent there.  If the place is right, give it as --api-host.");
  }
  // The server's own text stays out: it may repeat the key.
  const bool answered = reply.status == 200 && !judge.ErrorText(reply.body).empty();
  if (reply.status == 200 || answered) {
    return Fail(
        fmt::format("{} answered the key check with something else than key data", check.host),
        fmt::format("Check --api-host.  For a proxy that lacks it, {}", kWithout));
  }
  return Fail(
      fmt::format("{} answered the key check with {}", check.host, StatusText(reply.status)),
      std::string(kWithout));
}

}  // namespace

Result<ReplyJudge::KeyInfo> VerifyKey(Transport& transport, const Clock& clock, Random& random,
                                      const KeyCheck& check, bool* away) {
  bool ignored = false;
  if (away == nullptr) away = &ignored;
  const Instant end = clock.Now() + check.timeout;
  ReplyJudge judge;
  for (uint32_t attempt = 1;; ++attempt) {
    HttpRequest request;
    request.id = kFirstId + attempt;
    request.post = false;
    request.path = "/1/auth";
    request.headers = {{"User-Agent", check.user_agent}, {"X-Honeycomb-Team", check.write_key}};
    transport.Start(request);
    const std::optional<HttpReply> reply = Await(transport, clock, request.id, end);
    *away = !reply || MayChange(*reply);
    if (!reply) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(check.timeout).count();
      return Fail(fmt::format("{} did not answer the key check within {} s", check.host, seconds),
                  std::string(FailureHint(HttpFailure::kTimeout, {})));
    }
    if (reply->status == 200) {
      if (auto info = judge.ReadKeyInfo(reply->body)) return std::move(*info);
    }
    const Duration delay = RetryDelay({.base = std::chrono::milliseconds(500)}, attempt,
                                      ParseRetryAfter(reply->retry_after, clock.Wall()), random);
    if (!*away || attempt >= check.tries || clock.Now() + delay >= end) {
      return Explain(*reply, check, judge);
    }
    Await(transport, clock, kFirstId, clock.Now() + delay);  // an id that no reply has
  }
}

}  // namespace hctail
