// SPDX-License-Identifier: Apache-2.0
#include "ship/reply.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

using Kind = Verdict::Kind;
using namespace std::chrono_literals;

constexpr Timestamp kNow{784111777, 0};  // Sun, 06 Nov 1994 08:49:37 GMT

HttpReply Answer(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

Verdict Judge(const HttpReply& reply, size_t events) {
  return ReplyJudge().Judge(reply, events, kNow);
}

TEST_CASE("Reply: 200 and 202 say for each event what became of it") {
  const Verdict verdict =
      Judge(Answer(200, R"([{"status":202},{"status":429,"error":"slow down"},)"
                        R"({"error":"Event has too many columns.","status":400},{"status":500},)"
                        R"({"status":201,"error":null},{"status":403},{"status":408}])"),
            7);
  CHECK(verdict.kind == Kind::kJudged);
  CHECK(verdict.retried == std::vector<uint32_t>{1, 3, 6});
  REQUIRE(verdict.refused.size() == 2);
  CHECK(verdict.refused[0].event == 2);
  CHECK(verdict.refused[0].status == 400);
  CHECK(verdict.refused[0].reason == "Event has too many columns.");
  CHECK(verdict.refused[1].event == 5);
  CHECK(verdict.refused[1].reason == "403 Forbidden");
  CHECK_FALSE(verdict.overloaded);
  CHECK(Judge(Answer(202, R"([{"status":202}])"), 1).kind == Kind::kJudged);
}

TEST_CASE("Reply: a 200 that does not say it for exactly these events is no answer") {
  const char* const kBodies[] = {
      "",
      "OK",
      "{}",
      R"({"status":202})",
      R"([{"status":202}])",
      R"([{"status":202},{"status":202},{"status":202}])",
      R"([{"status":202},{"status":202})",
      R"([{"status":202},{"status":20)",
      R"([{"status":202},{"status":202}]x)",
      R"([{"status":202},{}])",
      R"([{"status":202},{"status":"202"}])",
      R"([{"status":202},{"status":0}])",
      R"([{"status":202},{"status":100}])",
      R"([{"status":202},{"status":302}])",
      R"([{"status":202},{"status":-1}])",
      R"([{"status":202},{"status":1e999}])",
      R"([{"status":202},{"status":99999999999999999999}])",
      R"([{"status":202},202])",
      R"([{"status":202},null])",
      R"([{"status":400},{"status":2 2}])",
      "[{\"status\":202},{\"status\":202,\"error\":\"\xFF\"}]",
      "<html>200</html>",
  };
  for (const char* const body : kBodies) {
    const Verdict verdict = Judge(Answer(200, body), 2);
    CAPTURE(body);
    CHECK(verdict.kind == Kind::kRetry);
    CHECK(verdict.refused.empty());
    CHECK(verdict.retried.empty());
    CHECK_FALSE(verdict.overloaded);
    CHECK(verdict.reason == "200 OK, but the reply does not say what became of each event");
  }
}

TEST_CASE("Reply: one that is too long to keep asks for smaller batches") {
  HttpReply reply = Answer(200, R"([{"status":202},)");
  reply.body_cut = true;
  CHECK(Judge(reply, 2).kind == Kind::kSplit);
  CHECK(Judge(reply, 1).kind == Kind::kRetry);
}

TEST_CASE("Reply: what each status means for a whole batch") {
  struct Case {
    int status;
    Kind kind;
    bool overloaded;
    const char* reason;
  };
  const Case cases[] = {
      {201, Kind::kRetry, false, "201: no"},
      {204, Kind::kRetry, false, "204 No Content: no"},
      {301, Kind::kHold, false, "301 Moved Permanently: no"},
      {400, Kind::kBisect, false, "400 Bad Request: no"},
      {401, Kind::kHold, false, "401 Unauthorized: no"},
      {402, Kind::kHold, false, "402: no"},
      {403, Kind::kHold, false, "403 Forbidden: no"},
      {404, Kind::kHold, false, "404 Not Found: no"},
      {405, Kind::kHold, false, "405 Method Not Allowed: no"},
      {406, Kind::kRefused, false, "406: no"},
      {407, Kind::kHold, false, "407 Proxy Authentication Required: no"},
      {408, Kind::kRetry, false, "408 Request Timeout: no"},
      {410, Kind::kHold, false, "410: no"},
      {413, Kind::kSplit, false, "413 Content Too Large: no"},
      {415, Kind::kRefused, false, "415 Unsupported Media Type: no"},
      {422, Kind::kRefused, false, "422: no"},
      {425, Kind::kRetry, false, "425: no"},
      {429, Kind::kRetry, true, "429 Too Many Requests: no"},
      {500, Kind::kRetry, false, "500 Internal Server Error: no"},
      {502, Kind::kRetry, true, "502 Bad Gateway: no"},
      {503, Kind::kRetry, true, "503 Service Unavailable: no"},
      {504, Kind::kRetry, true, "504 Gateway Timeout: no"},
      {599, Kind::kRetry, false, "599: no"},
  };
  for (const Case& c : cases) {
    const Verdict verdict = Judge(Answer(c.status, R"({"error":"no"})"), 3);
    CAPTURE(c.status);
    CHECK(verdict.kind == c.kind);
    CHECK(verdict.overloaded == c.overloaded);
    CHECK(verdict.status == c.status);
    CHECK(verdict.reason == c.reason);
  }
}

TEST_CASE("Reply: an unknown key is held even where the API says 400") {
  const Verdict verdict =
      Judge(Answer(400, R"({"error":"unknown API key - check your credentials"})"), 3);
  CHECK(verdict.kind == Kind::kHold);
  CHECK(verdict.status == 401);
}

TEST_CASE("Reply: no reply is the endpoint's fault, and a redirect says where it points") {
  HttpReply reply;
  reply.failure = HttpFailure::kConnect;
  reply.error = "connection refused by localhost:1";
  const Verdict verdict = Judge(reply, 3);
  CHECK(verdict.kind == Kind::kRetry);
  CHECK(verdict.overloaded);
  CHECK(verdict.reason == "connection refused by localhost:1");

  reply = Answer(301, "");
  reply.location = "https://elsewhere/";
  CHECK(Judge(reply, 1).reason == "301 Moved Permanently (redirects to 'https://elsewhere/')");
}

TEST_CASE("Reply: the server's own words are found, cut to a line and cleaned") {
  struct Case {
    std::string body, text;
  };
  const Case cases[] = {
      {"", ""},
      {R"({"error":"Request body is malformed."})", "Request body is malformed."},
      {R"({"status":429,"title":"Too fast","error":"","detail":"wait"})", "wait"},
      {R"({"error":{"code":1},"message":"m"})", "m"},
      {R"({"nothing":1})", ""},
      {"  upstream \x1b[31m gone\r\nsecond line", "upstream  [31m gone"},
      {"<html><title>502</title></html>", ""},
      {"[1,2]", ""},
  };
  ReplyJudge judge;
  for (const Case& c : cases) CHECK(judge.ErrorText(c.body) == c.text);
  std::string long_text;
  while (long_text.size() < 299) long_text += 'x';
  CHECK(judge.ErrorText(long_text + "xyz") == long_text + "x...");
  CHECK(judge.ErrorText(long_text + "\u00e9\u00e9") == long_text + "...");  // whole characters
}

TEST_CASE("Reply: Retry-After is seconds or one of three dates") {
  struct Case {
    const char* value;
    std::optional<Duration> wait;
  };
  const Case cases[] = {
      {"", std::nullopt},
      {"0", 0s},
      {"7", 7s},
      {" 7 ", 7s},
      {"1.5", 1500ms},
      {"299", 299s},
      {"300", 300s},
      {"86400", 300s},
      {"99999999999999999999999", 300s},
      {"-1", std::nullopt},
      {"nan", std::nullopt},
      {"inf", 300s},
      {"1e1", std::nullopt},
      {"soon", std::nullopt},
      {"7s", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:47 GMT", 10s},
      {"Sunday, 06-Nov-94 08:49:47 GMT", 10s},
      {"Sun Nov  6 08:49:47 1994", 10s},
      {"Sun, 06 Nov 1994 08:49:27 GMT", 0s},
      {"Mon, 07 Nov 1994 08:49:37 GMT", 300s},
      {"Mon, 31 Dec 9999 23:59:59 GMT", 300s},
      {"Wed, 30 Feb 2000 00:00:00 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 CET", std::nullopt},
      {"Sun, 06 Nov 1994 24:00:00 GMT", std::nullopt},
      {"Sun, 06 Nox 1994 08:49:37 GMT", std::nullopt},
      {",,,,", std::nullopt},
  };
  for (const Case& c : cases) {
    CAPTURE(c.value);
    CHECK(ParseRetryAfter(c.value, kNow) == c.wait);
  }
}

TEST_CASE("Reply: the RateLimit header's reset counts for a 429 without Retry-After") {
  CHECK(ParseRateLimitReset("limit=1000, remaining=0, reset=7") == 7s);
  CHECK(ParseRateLimitReset("limit=1000,remaining=0,reset=7.5") == 7500ms);
  CHECK(ParseRateLimitReset("limit=1000, remaining=0, reset=999999") == 300s);
  CHECK(ParseRateLimitReset("limit=1000, remaining=0") == std::nullopt);
  CHECK(ParseRateLimitReset("reset=x") == std::nullopt);
  CHECK(ParseRateLimitReset("") == std::nullopt);

  HttpReply reply = Answer(429, "");
  reply.rate_limit = "limit=1, remaining=0, reset=7";
  CHECK(Judge(reply, 1).wait == 7s);
  reply.retry_after = "2";
  CHECK(Judge(reply, 1).wait == 2s);
  reply = Answer(503, "");
  reply.rate_limit = "limit=1, remaining=9, reset=7";
  CHECK(Judge(reply, 1).wait == std::nullopt);
}

TEST_CASE("Reply: team and environment of a key") {
  ReplyJudge judge;
  const auto info = judge.ReadKeyInfo(
      R"({"api_key_access":{"events":true},"environment":{"slug":"prod"},"team":{"slug":"acme"}})");
  REQUIRE(info.has_value());
  CHECK(info->team == "acme");
  CHECK(info->environment == "prod");
  CHECK(judge.ReadKeyInfo(R"({"team":{"slug":"acme"}})")->environment.empty());
  CHECK_FALSE(judge.ReadKeyInfo("<html>").has_value());
}

}  // namespace
}  // namespace hctail
