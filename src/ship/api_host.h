// SPDX-License-Identifier: Apache-2.0
// The value of --api-host: where the API is.  Tested by api_host_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hctail {

struct ApiHost {
  std::string url;   // without a final slash: "https://api.honeycomb.io/prefix"
  std::string name;  // for messages: "api.honeycomb.io", "localhost:8080"
  bool tls = true;
};

// Accepts https://HOST[:PORT][/PREFIX] and the same with http://.  HOST is a name, an IPv4 address
// or an IPv6 address in brackets.  Error: "'VALUE' is not the URL of an API: REASON", with an
// example.
Result<ApiHost> ParseApiHost(std::string_view value);

}  // namespace hctail
