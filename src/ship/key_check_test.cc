// SPDX-License-Identifier: Apache-2.0
#include "ship/key_check.h"

#include <doctest/doctest.h>

#include "ship/fake_transport.h"

namespace hctail {
namespace {

using namespace std::chrono_literals;
using testing::FakeTransport;

struct Fixture {
  testing::FakeClock clock;
  Random random{1};
  std::vector<HttpReply> replies;  // the last one again and again
  std::vector<HttpRequest> requests;
  FakeTransport transport{clock, [this](const HttpRequest& request) {
                            requests.push_back(request);
                            return replies[std::min(requests.size(), replies.size()) - 1];
                          }};

  static HttpReply Answer(int status, std::string body = {}) {
    HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
  }
  static HttpReply Failure(HttpFailure failure, std::string error) {
    HttpReply reply;
    reply.failure = failure;
    reply.error = std::move(error);
    return reply;
  }
  Result<ReplyJudge::KeyInfo> Verify() {
    return VerifyKey(transport, clock, random,
                     {.write_key = "secretkey",
                      .user_agent = "hctail/1",
                      .key_origin = "$HONEYCOMB_API_KEY",
                      .host = "api.test"},
                     &away);
  }
  bool away = false;
};

TEST_CASE_FIXTURE(Fixture, "VerifyKey: a key that is known tells its team and environment") {
  replies = {Answer(200, R"({"team":{"slug":"acme"},"environment":{"slug":"prod"}})")};
  const auto info = Verify();
  REQUIRE(info.has_value());
  CHECK(info->team == "acme");
  CHECK(info->environment == "prod");
  REQUIRE(requests.size() == 1);
  CHECK_FALSE(requests[0].post);
  CHECK(requests[0].path == "/1/auth");
  CHECK(requests[0].headers == std::vector<std::pair<std::string, std::string>>{
                                   {"User-Agent", "hctail/1"}, {"X-Honeycomb-Team", "secretkey"}});
}

TEST_CASE_FIXTURE(Fixture, "VerifyKey: what may pass is tried again") {
  replies = {Answer(503), Failure(HttpFailure::kConnect, "connection refused by api.test:443"),
             Answer(429), Answer(200, R"({"team":{"slug":"acme"}})")};
  CHECK(Verify()->team == "acme");
  CHECK(requests.size() == 4);
  CHECK_FALSE(away);
}

TEST_CASE_FIXTURE(Fixture, "VerifyKey: an outage is told from a refusal") {
  for (const auto& [reply, expected] : {std::pair(Answer(401), false),
                                        {Answer(503), true},
                                        {Failure(HttpFailure::kTls, "TLS: bad"), false},
                                        {Failure(HttpFailure::kResolve, "no such host"), true}}) {
    replies.assign(4, reply);
    CHECK_FALSE(Verify().has_value());
    CHECK(away == expected);
  }
}

TEST_CASE_FIXTURE(Fixture, "VerifyKey: each refusal has its words, and none holds the key") {
  struct Case {
    HttpReply reply;
    const char *message, *hint;
    size_t requests;
  };
  HttpReply redirect = Answer(301);
  redirect.location = "https://elsewhere/1/auth";
  const Case cases[] = {
      {Answer(401, R"({"error":"unknown key secretkey"})"),
       "the API refused the key from $HONEYCOMB_API_KEY (401 from api.test)",
       "Check the key, and that it belongs to this host: keys of EU teams need\n"
       "--api-host https://api.eu1.honeycomb.io.",
       1},
      {Answer(403), "the API refused the key from $HONEYCOMB_API_KEY (403 from api.test)",
       "Check the key, and that it belongs to this host: keys of EU teams need\n"
       "--api-host https://api.eu1.honeycomb.io.",
       1},
      {Answer(404), "api.test has no /1/auth to check the key with (404)",
       "Check --api-host.  For a proxy that lacks it, --skip-auth-check starts without this check.",
       1},
      {redirect, "api.test redirects to 'https://elsewhere/1/auth' (301)",
       "The key is not sent there.  If the place is right, give it as --api-host.", 1},
      {Answer(418), "api.test answered the key check with 418",
       "--skip-auth-check starts without this check.", 1},
      {Answer(500, "secretkey"), "api.test answered the key check with 500 Internal Server Error",
       "--skip-auth-check starts without this check.", 4},
      {Answer(200, "<html>secretkey"),
       "api.test answered the key check with something else than key data",
       "Check --api-host.  For a proxy that lacks it, --skip-auth-check starts without this check.",
       1},
      {Failure(HttpFailure::kResolve, "could not resolve host: api.test"),
       "cannot reach the API: could not resolve host: api.test",
       "Check --api-host and this machine's DNS.", 4},
      {Failure(HttpFailure::kConnect, "connection refused by api.test:443"),
       "cannot reach the API: connection refused by api.test:443",
       "Check --api-host, firewalls, and the proxy if https_proxy or http_proxy is set.", 4},
      {Failure(HttpFailure::kTls, "TLS: certificate problem: self-signed certificate"),
       "cannot reach the API: TLS: certificate problem: self-signed certificate",
       "If a private CA signed the certificate, give it with --ca-file.", 1},
      {Failure(HttpFailure::kTls, "TLS: OpenSSL SSL_connect: SSL_ERROR_SYSCALL"),
       "cannot reach the API: TLS: OpenSSL SSL_connect: SSL_ERROR_SYSCALL",
       "Check --api-host: what answers there does not speak TLS as it should.", 1},
      {Failure(HttpFailure::kCut, "connection closed before the reply was complete"),
       "cannot reach the API: connection closed before the reply was complete",
       "Check --api-host, firewalls and proxies in between.", 4},
  };
  for (const Case& c : cases) {
    replies = {c.reply};
    requests.clear();
    const auto info = Verify();
    REQUIRE_FALSE(info.has_value());
    CHECK(info.error().message == c.message);
    CHECK(info.error().hint == c.hint);
    CHECK(requests.size() == c.requests);
  }
}

TEST_CASE_FIXTURE(Fixture, "VerifyKey: a silent server is given up after the timeout") {
  transport.latency = [](const HttpRequest&) { return 1h; };
  const Instant begin = clock.Now();
  const auto info = Verify();
  REQUIRE_FALSE(info.has_value());
  CHECK(info.error().message == "api.test did not answer the key check within 15 s");
  CHECK(clock.Now() - begin == 15s);
  CHECK(away);
}

}  // namespace
}  // namespace hctail
