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
      {"", "'' is not the URL of an API: it does not begin with https:// or http://"},
      {"htps:/x", "'htps:/x' is not the URL of an API: it does not begin with https:// or http://"},
      {"api.honeycomb.io",
       "'api.honeycomb.io' is not the URL of an API: it does not begin with https:// or http://"},
      {"https://", "'https://' is not the URL of an API: the host is missing"},
      {"https:///x", "'https:///x' is not the URL of an API: the host is missing"},
      {"https://:80", "'https://:80' is not the URL of an API: the host is missing"},
      {"https://a b", "'https://a b' is not the URL of an API: the host has a strange character"},
      {"https://a:",
       "'https://a:' is not the URL of an API: the port is not a number from 1 to 65535"},
      {"https://a:x",
       "'https://a:x' is not the URL of an API: the port is not a number from 1 to 65535"},
      {"https://a:65536",
       "'https://a:65536' is not the URL of an API: the port is not a number from 1 to 65535"},
      {"https://[::1",
       "'https://[::1' is not the URL of an API: the address has no closing bracket"},
      {"https://[x]",
       "'https://[x]' is not the URL of an API: what is in brackets is not an IPv6 address"},
      {"https://[::1]80",
       "'https://[::1]80' is not the URL of an API: the address is not followed by a port"},
      {"https://a/b c",
       "'https://a/b c' is not the URL of an API: the path has a strange character"},
      {"https://a/?q",
       "'https://a/?q' is not the URL of an API: a query or fragment has no place here"},
      {"https://me:secret@a",
       "the API host is not the URL of an API: a user or password has no place here"},
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
