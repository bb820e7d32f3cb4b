// SPDX-License-Identifier: Apache-2.0
#include "ship/api_host.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("ApiHost: names, addresses, ports and prefixes") {
  struct Case {
    const char *value, *url, *name;
    bool tls;
  };
  const Case cases[] = {
      {"https://api.honeycomb.io", "https://api.honeycomb.io", "api.honeycomb.io", true},
      {"https://api.honeycomb.io/", "https://api.honeycomb.io", "api.honeycomb.io", true},
      {"http://localhost:8080", "http://localhost:8080", "localhost:8080", false},
      {"http://[::1]:80/a/b//", "http://[::1]:80/a/b", "[::1]:80", false},
      {"http://[fe80::1]", "http://[fe80::1]", "[fe80::1]", false},
      {"https://proxy_1.example/honey", "https://proxy_1.example/honey", "proxy_1.example", true},
  };
  for (const Case& c : cases) {
    const auto host = ParseApiHost(c.value);
    CAPTURE(c.value);
    REQUIRE(host.has_value());
    CHECK(host->url == c.url);
    CHECK(host->name == c.name);
    CHECK(host->tls == c.tls);
  }
}

TEST_CASE("ApiHost: the error says what is wrong and gives an example") {
  struct Case {
    const char *value, *message;
  };
  const Case cases[] = {
      {"", "invalid --api-host '': it does not begin with https:// or http://"},
      {"htps:/x", "invalid --api-host 'htps:/x': it does not begin with https:// or http://"},
      {"api.honeycomb.io",
       "invalid --api-host 'api.honeycomb.io': it does not begin with https:// or http://"},
      {"https://", "invalid --api-host 'https://': the host is missing"},
      {"https:///x", "invalid --api-host 'https:///x': the host is missing"},
      {"https://:80", "invalid --api-host 'https://:80': the host is missing"},
      {"https://a b", "invalid --api-host 'https://a b': the host has a strange character"},
      {"https://a:", "invalid --api-host 'https://a:': the port is not a number from 1 to 65535"},
      {"https://a:x", "invalid --api-host 'https://a:x': the port is not a number from 1 to 65535"},
      {"https://a:65536",
       "invalid --api-host 'https://a:65536': the port is not a number from 1 to 65535"},
      {"https://[::1", "invalid --api-host 'https://[::1': the address has no closing bracket"},
      {"https://[x]",
       "invalid --api-host 'https://[x]': what is in brackets is not an IPv6 address"},
      {"https://[::1]80",
       "invalid --api-host 'https://[::1]80': the address is not followed by a port"},
      {"https://a/b c", "invalid --api-host 'https://a/b c': the path has a strange character"},
      {"https://a/?q", "invalid --api-host 'https://a/?q': a query or fragment has no place here"},
      {"https://me:secret@a", "invalid --api-host: a user or password has no place here"},
  };
  for (const Case& c : cases) {
    const auto host = ParseApiHost(c.value);
    REQUIRE_FALSE(host.has_value());
    CHECK(host.error().message == c.message);
    CHECK(host.error().hint ==
          "Give it as https://HOST[:PORT][/PREFIX], for example https://api.honeycomb.io.");
  }
}

}  // namespace
}  // namespace hctail
