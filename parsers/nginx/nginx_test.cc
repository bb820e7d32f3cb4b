// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/nginx.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/time_format.h"
#include "event/encode_json.h"
#include "parsers/nginx/error_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail::nginx {
namespace {

using Given = std::map<std::string, std::string>;

Result<std::unique_ptr<Parser>> Make(const Given& given) {
  OptionValues options;
  for (const auto& [name, value] : given) options.Set(name, {value}, "--" + name);
  return kNginx.create({.options = options});
}

std::string Parse(Parser& parser, std::string_view line) {
  Event event;
  const Parsed parsed = parser.Parse(line, &event);
  if (parsed.outcome != Parsed::Outcome::kEvent) return std::string(parsed.why);
  std::string out = event.time ? FormatRfc3339(*event.time) + " " : "";
  AppendData(event, &out);
  return out;
}

TEST_CASE("nginx: what cannot be understood is answered with what to do") {
  const testing::TempDir dir;
  const std::string conf = dir.Write("nginx.conf", "log_format bad '$a$b';\n");
  struct Case {
    Given given;
    std::string message;
    std::string hint;
  };
  const Case kCases[] = {
      {{{"nginx.format", "mine"}},
       "there is no well-known log format 'mine' (from --nginx.format)",
       "Known are apache-combined, apache-common, apache-ssl-request, apache-vhost-combined, "
       "combined, haproxy-http, "
       "ingress-nginx, main, nginx-proxy-manager, traefik, auto. For one of your own, give "
       "--nginx.conf."},
      {{{"nginx.conf", conf}, {"nginx.format", "bad"}},
       "the log format has $a and $b side by side, and nothing tells where one ends",
       "Put a space or another character between them in nginx.conf."},
      {{{"nginx.log-format", "$a"}, {"nginx.format", "main"}},
       "--nginx.log-format and --nginx.format both say what the format is (from "
       "--nginx.log-format)",
       ""},
      {{{"nginx.log-format", "$a"}, {"nginx.conf", conf}},
       "--nginx.log-format and --nginx.conf both say what the format is (from --nginx.log-format)",
       ""},
      {{{"nginx.log-format", "log_format x '$a';"}},
       "--nginx.log-format is a whole directive: 'log_format x '$a';' (from --nginx.log-format)",
       "Give only what stands between its quotes, or its file with --nginx.conf."},
      {{{"nginx.log-format", "a $"}},
       "the log format has a '$' that begins no variable",
       "a $\n  ^ here"},
  };
  for (const Case& c : kCases) {
    const auto parser = Make(c.given);
    REQUIRE(!parser.has_value());
    CHECK(parser.error().message == c.message);
    CHECK(parser.error().hint == c.hint);
  }
}

TEST_CASE("nginx: a format from a configuration, in a file that it includes") {
  const testing::TempDir dir;
  const std::string conf = dir.Write("nginx.conf", "http { include formats/*; }\n");
  dir.Write("formats/a", "log_format short escape=json '$remote_addr \"$request\" $status';\n");
  auto parser = Make({{"nginx.conf", conf}, {"nginx.format", "short"}});
  REQUIRE(parser.has_value());
  CHECK(Parse(**parser, R"(10.0.0.1 "GET /\"a\" HTTP/1.1" 200)") ==
        R"({"remote_addr":"10.0.0.1","request":"GET /\"a\" HTTP/1.1","status":200})");
}

TEST_CASE("nginx: honeytail's own example") {
  auto parser = Make(
      {{"nginx.log-format", R"($remote_addr "$request" $status $body_bytes_sent $request_time)"}});
  REQUIRE(parser.has_value());
  CHECK(Parse(**parser, R"(10.0.0.1 "GET /a/b?x=1&y=2&x=0 HTTP/1.1" 200 512 0.004)") ==
        R"({"remote_addr":"10.0.0.1","request":"GET /a/b?x=1&y=2&x=0 HTTP/1.1","status":200,)"
        R"("body_bytes_sent":512,"request_time":0.004})");
  CHECK(Parse(**parser, R"(10.0.0.1 "-" 400 0 0.000)") ==
        R"({"remote_addr":"10.0.0.1","status":400,"body_bytes_sent":0,"request_time":0})");
  CHECK(Parse(**parser, R"(10.0.0.1 "GET / HTTP/1.1" 200 512 0.004 1)") == "not the log format");
}

TEST_CASE("nginx: which variable is the time") {
  struct Case {
    const char* format;
    std::string_view line;
    std::string_view result;
  };
  constexpr Case kCases[] = {
      {"$time_local|$x", "05/Mar/2024:07:07:08 +0100|1", "2024-03-05T06:07:08Z {\"x\":1}"},
      {"$time_iso8601|$x", "2024-03-05T07:07:08+01:00|1", "2024-03-05T06:07:08Z {\"x\":1}"},
      {"$msec|$x", "1709618828.123|1", "2024-03-05T06:07:08.123Z {\"x\":1}"},
      {"$msec|$x", "1709618828|1", "2024-03-05T06:07:08Z {\"x\":1}"},
      {"$msec|$time_local", "1709618828.123|05/Mar/2024:06:07:08 +0000",
       "2024-03-05T06:07:08.123Z {\"msec\":1709618828.123}"},
      {"$msec|$time_local", "1709618000.123|05/Mar/2024:06:07:08 +0000",
       "2024-03-05T06:07:08Z {\"msec\":1709618000.123}"},
      {"$time_local|$msec", "-|1709618828.123", "no field besides the time"},
      {"$date|$x", "2024-03-05T06:07:08Z|1", "2024-03-05T06:07:08Z {\"x\":1}"},
      {"$x|$y", "1|2", "{\"x\":1,\"y\":2}"},
  };
  for (const Case& c : kCases) {
    auto parser = Make({{"nginx.log-format", c.format}});
    REQUIRE(parser.has_value());
    CAPTURE(c.format);
    CHECK(Parse(**parser, c.line) == c.result);
  }
}

TEST_CASE("nginx: a record parses the same whatever came before it") {
  const std::string_view kLines[] = {
      R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c")",
      R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5)",
      R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c" "-")",
      R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c" 7 x)",
      R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" x)",
      R"(h 10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c")",
      R"(h:1 10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c")",
      R"(10.0.0.1 ident u [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c")",
      R"(10.0.0.1 - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c")",
      R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c" 7 0.1 [a] [] )"
      R"(b:1 5 0.1 200 id)",
      R"(10.0.0.1 - [10.0.0.1] - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c" 7 )"
      R"(0.1 [a] [] b:1 5 0.1 200 id)",
      R"(10.0.0.1 - [10.0.0.1] - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "c" 7 )"
      R"(0.1 [a] b:1 5 0.1 200 id)",
      R"([05/Mar/2024:06:07:08 +0000] 200 - GET https h "/" [Client ::1] [Length 1] [Gzip -] "c" "-")",
      R"(10.0.0.1:5 [05/Mar/2024:06:07:08.1] a b/c 0/0/0/0/0 200 1 - - ---- 1/1/1/1/0 0/0 "GET /")",
  };
  for (const std::string_view before : kLines) {
    for (const std::string_view line : kLines) {
      auto fresh = Make({});
      auto used = Make({});
      Parse(**used, before);
      CHECK(Parse(**used, line) == Parse(**fresh, line));
    }
  }
}

TEST_CASE("nginx-error: a line without a time continues the record before it") {
  const OptionValues none;
  const auto parser = kNginxError.create({.options = none});
  REQUIRE(parser.has_value());
  CHECK((*parser)->StartsRecord("2024/03/05 06:07:08 [error] 1#1: x"));
  CHECK((*parser)->StartsRecord("web-1 nginx: 2024/03/05 06:07:08 [error] 1#1: x"));
  CHECK((*parser)->StartsRecord("nginx: [emerg] x"));
  CHECK(!(*parser)->StartsRecord("stack traceback:"));
  CHECK(!(*parser)->StartsRecord("2024/03/05 06:07:08 x"));
  CHECK(Parse(**parser,
              "2024/03/05 06:07:08 [error] 1#1: *2 lua: x\nstack traceback:\n\ta, "
              "client: 10.0.0.1, server: , request: \"GET / HTTP/1.1\"") ==
        R"(2024-03-05T06:07:08Z {"level":"error","pid":1,"tid":1,"connection":2,)"
        R"("message":"lua: x\nstack traceback:\n\ta","client":"10.0.0.1",)"
        R"("request":"GET / HTTP/1.1"})");
}

}  // namespace
}  // namespace hctail::nginx
