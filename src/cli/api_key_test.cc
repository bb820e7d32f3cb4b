// SPDX-License-Identifier: Apache-2.0
#include "cli/api_key.h"

#include <doctest/doctest.h>

#include <string>

#include "base/log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

// Every place that a key can come from, each with its own key.
struct Places {
  testing::TempDir dir;
  GivenOptions given;
  Environment environment;

  Places() {
    given.command_line.Set("writekey", {"typed"}, "--writekey");
    given.command_line.Set("writekey-file", {dir.Write("key", "typed-file\n")}, "--writekey-file");
    given.config_file.Set("writekey", {"config"}, "x.conf:1");
    given.config_file.Set("writekey-file", {dir.Write("key2", "config-file")}, "x.conf:2");
    environment.variables["HONEYCOMB_API_KEY"] = "variable";
    dir.Write("credentials/writekey", "credential\n");
    environment.variables["CREDENTIALS_DIRECTORY"] = dir.File("credentials");
  }
  std::string Found() const {
    const Result<ApiKey> key = FindApiKey(given, environment);
    return key ? key->value : "error: " + key.error().message;
  }
};

OptionValues Only(const OptionValues& values, std::string_view name) {
  OptionValues only;
  only.Set(name, values.All(name), std::string(values.Origin(name)));
  return only;
}

TEST_CASE("FindApiKey: command line, config file, environment, systemd, in this order") {
  Places places;
  CHECK(places.Found() == "typed");
  places.given.command_line = Only(places.given.command_line, "writekey-file");
  CHECK(places.Found() == "typed-file");
  places.given.command_line = {};
  CHECK(places.Found() == "config");
  places.given.config_file = Only(places.given.config_file, "writekey-file");
  CHECK(places.Found() == "config-file");
  places.given.config_file = {};
  CHECK(places.Found() == "variable");
  places.environment.variables["HONEYCOMB_API_KEY"] = "";
  CHECK(places.Found() == "credential");
  places.environment.variables["CREDENTIALS_DIRECTORY"] = places.dir.path();
  CHECK(places.Found().empty());
  places.environment.variables.clear();
  CHECK(places.Found().empty());
}

TEST_CASE("FindApiKey: what cannot be a key is an error that does not repeat it") {
  const struct {
    const char* key;
    const char* text;
  } kCases[] = {
      {"",
       "hctail: error: the API key is empty (from --writekey)\n"
       "  Copy the key from your environment's settings in Honeycomb.\n"},
      {"NULL",
       "hctail: error: the API key is 'NULL', which honeytail's image uses for none (from "
       "--writekey)\n"
       "  Copy the key from your environment's settings in Honeycomb.\n"},
      {"sec ret",
       "hctail: error: the API key contains a blank or another character that no key has (from "
       "--writekey)\n"
       "  Copy the key from your environment's settings in Honeycomb.\n"},
      {"sec\r\nret",
       "hctail: error: the API key contains a blank or another character that no key has (from "
       "--writekey)\n"
       "  Copy the key from your environment's settings in Honeycomb.\n"},
  };
  for (const auto& c : kCases) {
    GivenOptions given;
    given.command_line.Set("writekey", {c.key}, "--writekey");
    const Result<ApiKey> key = FindApiKey(given, {});
    REQUIRE_FALSE(key.has_value());
    CHECK(FormatLogMessage(Log::Level::kError, key.error()) == c.text);
  }
}

TEST_CASE("FindApiKey: a key file that is missing or empty is an error") {
  const testing::TempDir dir;
  const auto error_of = [](const std::string& path) {
    GivenOptions given;
    given.command_line.Set("writekey-file", {path}, "--writekey-file");
    const Result<ApiKey> key = FindApiKey(given, {});
    return key ? "no error" : FormatLogMessage(Log::Level::kError, key.error());
  };
  CHECK(error_of(dir.File("none")) == "hctail: error: cannot read '" + dir.File("none") +
                                          "': no such file or directory (from --writekey-file)\n"
                                          "  The file should hold the API key and nothing else.\n");
  const std::string blank = dir.Write("blank", " \n");
  CHECK(error_of(blank) == "hctail: error: the API key is empty (from " + blank +
                               ")\n  Copy the key from your environment's settings in "
                               "Honeycomb.\n");
}

}  // namespace
}  // namespace hctail
