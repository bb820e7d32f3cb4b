// SPDX-License-Identifier: Apache-2.0
#include "cli/api_key.h"

#include <unistd.h>

#include <algorithm>

#include "base/file.h"

namespace hctail {
namespace {

Result<ApiKey> CheckedKey(std::string_view key, std::string origin) {
  const auto fail = [&origin](std::string_view what) {
    return Fail("the API key " + std::string(what) + " (from " + origin + ")",
                "Copy the key from your environment's settings in Honeycomb.");
  };
  if (key.empty()) return fail("is empty");
  if (key == "NULL") return fail("is 'NULL', which honeytail's image uses for none");
  // It becomes a header's value.
  const bool printable = std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!printable) return fail("contains a blank or another character that no key has");
  return ApiKey{.value = std::string(key), .origin = std::move(origin)};
}

Result<ApiKey> KeyFromFile(const std::string& path, const std::string& origin) {
  const Result<std::string> content = ReadWholeFile(path);
  if (!content) {
    return Fail(content.error().message + " (from " + origin + ")",
                "The file should hold the API key and nothing else.");
  }
  std::string_view key = *content;
  const size_t end = key.find_last_not_of(" \t\r\n");
  key = key.substr(0, end == std::string_view::npos ? 0 : end + 1);
  return CheckedKey(key, path);
}

}  // namespace

Result<ApiKey> FindApiKey(const GivenOptions& given, const Environment& environment) {
  for (const OptionValues* values : {&given.command_line, &given.config_file}) {
    if (values->Has("writekey")) {
      return CheckedKey(values->Get("writekey"), std::string(values->Origin("writekey")));
    }
    if (values->Has("writekey-file")) {
      return KeyFromFile(std::string(values->Get("writekey-file")),
                         std::string(values->Origin("writekey-file")));
    }
  }
  if (const std::string_view key = environment.Get("HONEYCOMB_API_KEY"); !key.empty()) {
    return CheckedKey(key, "$HONEYCOMB_API_KEY");
  }
  const std::string_view credentials = environment.Get("CREDENTIALS_DIRECTORY");
  if (credentials.empty()) return ApiKey{};
  const std::string path = std::string(credentials) + "/writekey";
  // systemd sets the variable for any credential, ours may not be among them.
  if (::access(path.c_str(), F_OK) != 0) return ApiKey{};
  return KeyFromFile(path, "$CREDENTIALS_DIRECTORY");
}

}  // namespace hctail
