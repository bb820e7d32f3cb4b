// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/log_format.h"

#include <doctest/doctest.h>

#include <string>

namespace hctail::nginx {
namespace {

// The values joined by " | ", or "no".
std::string Match(const LogFormat& format, std::string_view line,
                  Matcher::Checks checks = Matcher::Checks::kStrict) {
  const Result<Matcher> matcher = Matcher::Compile(format);
  REQUIRE(matcher.has_value());
  std::vector<std::string_view> values(matcher->slots().size());
  if (!matcher->Match(line, checks, values.data())) return "no";
  std::string out;
  for (const std::string_view value : values) {
    if (!out.empty()) out += " | ";
    out += value.empty() ? "<>" : value;
  }
  return out;
}

TEST_CASE("Matcher: the text between variables says where values end") {
  struct Case {
    const char* format;
    std::string_view line;
    std::string_view values;
  };
  constexpr Case kCases[] = {
      {"$a $b", "1 2", "1 | 2"},
      {"$a $b", "1 2 3", "no"},
      {"$a $b", "1", "no"},
      {"${a}x$b", "1x2", "1 | 2"},
      {"[$a] ($b)", "[1] (2)", "1 | 2"},
      {"[$a] ($b)", "[1] (2) ", "no"},
      {"$a - $b", "x-y - z", "x-y | z"},
      {"<$a>", "<>", "<>"},
      {"$status", "200", "200"},
      {"$status", "-", "-"},
      {"$status", "20x", "no"},
      {"$status ", "200", "200"},
      {"$request_time|$x", "0.004|a", "0.004 | a"},
      {"$request_time|$x", "abc|a", "no"},
      // Quotes: a bare '"' ends a value, and an escaped one does not.
      {"\"$request\" $status", R"("GET /" 200)", "GET / | 200"},
      {"\"$request\" $status", R"("" 200)", "<> | 200"},
      {"\"$request\" $status", R"("a" b" 200)", "no"},
      {"\"$request\" $status", R"("a\x22b\x5C" 200)", R"(a\x22b\x5C | 200)"},
      {"\"$request\" $status", R"("a\" 5" 200)", R"(a\" 5 | 200)"},
      {"\"$request\"", R"("a" "b")", "no"},
      // Where the first place does not lead to a match, the next is tried.
      {"$client_ip:$client_port [", "2001:db8::1:443 [", "2001:db8::1 | 443"},
      {"$remote_user [$time_local]", "a [b] [05/Mar/2024:06:07:08 +0000]",
       "a [b] | 05/Mar/2024:06:07:08 +0000"},
      // Lists of upstreams.
      {"$upstream_addr $status", "10.0.0.1:80, 10.0.0.2:80 : unix:/a 200",
       "10.0.0.1:80, 10.0.0.2:80 : unix:/a | 200"},
      {"$upstream_addr $upstream_status $x", "[::1]:80, [::2]:80 502, 200 y",
       "[::1]:80, [::2]:80 | 502, 200 | y"},
      {"$upstream_status", "502, - : 200", "502, - : 200"},
      {"$upstream_response_time|$x", "0.1, 0.2|y", "0.1, 0.2 | y"},
      {"\"$upstream_addr\"", R"("a, b")", "a, b"},
      {"$upstream_addr $status", "- 200", "- | 200"},
      // Words end at a space, texts may have some.
      {"$host", "a b", "no"},
      {"$http_user_agent", "a b", "a b"},
      {"$my_variable", "a b", "no"},
      {"$http_x_y|$z", "a b|c", "a b | c"},
      // A '.' before the first variable is any byte; elsewhere it is a '.'.
      {".. $a", "xy 1", "1"},
      {"$a.$b", "1.2", "1 | 2"},
      {"$a.$b", "1x2", "no"},
  };
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.format) + " <- " + std::string(c.line));
    CHECK(Match({c.format}, c.line) == c.values);
  }
}

TEST_CASE("Matcher: with escape=none a value may have bare quotes in it") {
  CHECK(Match({"\"$request\" $status", Escape::kNone}, R"("a" b" 200)") == R"(a" b | 200)");
  CHECK(Match({"\"$request\"", Escape::kNone}, R"("a" "b")") == R"(a" "b)");
}

TEST_CASE("Matcher: a format that a user gave takes words for numbers, but never two") {
  const LogFormat format{"$status $body_bytes_sent"};
  CHECK(Match(format, "abc 5", Matcher::Checks::kLenient) == "abc | 5");
  CHECK(Match(format, "abc 5", Matcher::Checks::kStrict) == "no");
  CHECK(Match(format, "200 5 0.004", Matcher::Checks::kLenient) == "no");
}

TEST_CASE("Matcher: formats that cannot be told apart are refused") {
  struct Case {
    const char* format;
    std::string_view message;
  };
  constexpr Case kCases[] = {
      {"$a$b", "the log format has $a and $b side by side, and nothing tells where one ends"},
      {"x ${a}${b}", "the log format has $a and $b side by side, and nothing tells where one ends"},
      {"no variable", "the log format has no variable"},
      {"", "the log format has no variable"},
      {"$a $", "the log format has a '$' that begins no variable"},
      {"${a $b", "the log format has a '$' that begins no variable"},
  };
  for (const Case& c : kCases) {
    const auto matcher = Matcher::Compile({c.format});
    REQUIRE(!matcher.has_value());
    CHECK(matcher.error().message == c.message);
  }
}

TEST_CASE("Matcher: a long line that does not match is given up soon") {
  std::string line;
  for (int i = 0; i < 2000; ++i) line += "a [b] - ";
  CHECK(Match({"$http_a - $http_b [$http_c] - $http_d - $http_e [$time_local]"}, line) == "no");
}

}  // namespace
}  // namespace hctail::nginx
