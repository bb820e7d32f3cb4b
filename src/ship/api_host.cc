// SPDX-License-Identifier: Apache-2.0
#include "ship/api_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hctail {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool IsAddressCharacter(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

// Why `authority` is not HOST[:PORT], or "".
std::string_view CheckAuthority(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return "the address has no closing bracket";
    host = authority.substr(1, close - 1);
    std::string_view rest = authority.substr(close + 1);
    if (host.empty() || !std::ranges::all_of(host, IsAddressCharacter)) {
      return "what is in brackets is not an IPv6 address";
    }
    has_port = !rest.empty();
    if (has_port && rest.front() != ':') return "the address is not followed by a port";
    if (has_port) port = rest.substr(1);
  } else {
    const size_t colon = authority.find(':');
    host = authority.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = authority.substr(colon + 1);
    if (host.empty()) return "the host is missing";
    if (!std::ranges::all_of(host, IsNameCharacter)) return "the host has a strange character";
  }
  if (!has_port) return {};
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
    return "the port is not a number from 1 to 65535";
  }
  return {};
}

bool IsPathCharacter(char c) { return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>'; }

}  // namespace

Result<ApiHost> ParseApiHost(std::string_view value) {
  const auto fail = [value](std::string_view reason) {
    // What stands before an '@' may be a password.
    const bool secret = value.find('@') != std::string_view::npos;
    return Fail(secret ? fmt::format("the API host is not the URL of an API: {}", reason)
                       : fmt::format("'{}' is not the URL of an API: {}", value, reason),
                "Give it as https://HOST[:PORT][/PREFIX], for example https://api.honeycomb.io.");
  };
  ApiHost host;
  std::string_view rest = value;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    host.tls = false;
  } else {
    return fail("it does not begin with https:// or http://");
  }
  const size_t slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  if (rest.find('@') != std::string_view::npos) return fail("a user or password has no place here");
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return fail("a query or fragment has no place here");
  }
  if (const std::string_view reason = CheckAuthority(authority); !reason.empty()) {
    return fail(reason);
  }
  if (slash != std::string_view::npos &&
      !std::ranges::all_of(rest.substr(slash), IsPathCharacter)) {
    return fail("the path has a strange character");
  }
  host.url = value;
  while (host.url.ends_with('/')) host.url.pop_back();
  host.name = authority;
  return host;
}

}  // namespace hctail
