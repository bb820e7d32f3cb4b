// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "base/log.h"
#include "cli/flags.h"

namespace hctail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Pairs = std::initializer_list<std::pair<const char*, const char*>>;

// What was typed, besides one file.
GivenOptions Typed(Pairs pairs) {
  GivenOptions given;
  given.command_line.Set("file", {"app.log"}, "--file");
  for (const auto& [name, value] : pairs) {
    given.command_line.Set(name, {value}, "--" + std::string(name));
  }
  return given;
}

Environment Home() {
  Environment environment;
  environment.variables["HOME"] = "/home/me";
  return environment;
}

Options Made(const GivenOptions& given, const Environment& environment = Home()) {
  Result<Options> options = MakeOptions(given, environment);
  if (!options) FAIL(options.error().message);
  return std::move(*options);
}

std::string ErrorOf(const GivenOptions& given, const Environment& environment = Home()) {
  const Result<Options> options = MakeOptions(given, environment);
  return options ? "no error" : FormatLogMessage(Log::Level::kError, options.error());
}

TEST_CASE("Options: the defaults without a key print events from the beginning") {
  const Options options = Made(Typed({}));
  CHECK(options.files == std::vector<std::string>{"app.log"});
  CHECK(options.parser == "auto");
  CHECK(options.dataset.empty());
  CHECK(options.output == Options::Output::kStdout);
  CHECK(options.output_is_default);
  CHECK(options.read_from == Options::ReadFrom::kBeginning);
  CHECK_FALSE(options.stop);
  CHECK(options.dead_letter_path == "/home/me/.local/state/hctail/dead-letter.jsonl");
  CHECK_FALSE(options.state_dir_explicit);
  CHECK(options.max_line == 1'000'000);
  CHECK(options.shutdown_timeout == seconds(10));
  CHECK(options.request_timeout == seconds(60));
  CHECK(options.status_interval == seconds(60));
  CHECK(options.log_level == Log::Level::kInfo);
}

TEST_CASE("Options: with a key events are sent, from where the last run stopped") {
  const Options options = Made(Typed({{"writekey", "k"}}));
  CHECK(options.output == Options::Output::kHoneycomb);
  CHECK(options.write_key == "k");
  CHECK(options.write_key_origin == "--writekey");
  CHECK(options.read_from == Options::ReadFrom::kLast);
  CHECK(options.api_host.url == "https://api.honeycomb.io");
  CHECK(options.state_dir == "/home/me/.local/state/hctail");
  CHECK(options.dead_letter_path == "/home/me/.local/state/hctail/dead-letter.jsonl");
  CHECK(options.compression == "zstd");
  CHECK(options.compression_level == 1);
  CHECK(options.send_frequency == milliseconds(40));
}

TEST_CASE("Options: stdout that was asked for ignores even a key that is no key") {
  const Options options = Made(Typed({{"output", "stdout"}, {"writekey", "NULL"}}));
  CHECK(options.output == Options::Output::kStdout);
  CHECK_FALSE(options.output_is_default);
  CHECK(options.write_key.empty());
}

TEST_CASE("Options: a state directory that is named is used with stdout too") {
  const Options options = Made(Typed({{"output", "stdout"}, {"state-dir", "/s"}}));
  CHECK(options.state_dir_explicit);
  CHECK(options.dead_letter_path == "/s/dead-letter.jsonl");
}

TEST_CASE("Options: the state directory's default") {
  const struct {
    bool root;
    std::initializer_list<std::pair<const std::string, std::string>> variables;
    const char* state_dir;
  } kCases[] = {
      {false, {{"STATE_DIRECTORY", "/s"}, {"HOME", "/h"}}, "/s"},
      {true, {{"STATE_DIRECTORY", "/s:/t"}}, "/s"},
      {true, {{"HOME", "/root"}, {"XDG_STATE_HOME", "/x"}}, "/var/lib/hctail"},
      {false, {{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}, "/x/hctail"},
      {false, {{"XDG_STATE_HOME", "relative"}, {"HOME", "/h"}}, "/h/.local/state/hctail"},
      {false, {}, ""},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.state_dir);
    CHECK(Made(Typed({}), {.variables = c.variables, .root = c.root}).state_dir == c.state_dir);
  }
}

TEST_CASE("Options: --backfill reads from the beginning and stops, whatever a config file says") {
  GivenOptions given = Typed({{"backfill", "true"}, {"writekey", "k"}});
  given.config_file.Set("tail.read-from", {"end"}, "x.conf:1");
  const Options options = Made(given);
  CHECK(options.backfill);
  CHECK(options.stop);
  CHECK(options.read_from == Options::ReadFrom::kBeginning);
}

TEST_CASE("Options: slashes at the end of the API host go, its path stays") {
  CHECK(Made(Typed({{"api-host", "http://[::1]:8080/pre//"}})).api_host.url ==
        "http://[::1]:8080/pre");
}

TEST_CASE("Options: compression and its level") {
  const struct {
    const char* text;
    const char* method;
    int level;
  } kCases[] = {{"zstd", "zstd", 1},
                {"zstd:19", "zstd", 19},
                {"gzip", "gzip", 1},
                {"gzip:9", "gzip", 9},
                {"none", "none", 0}};
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    CHECK(Made(Typed({{"compression", c.text}})).compression == c.method);
    CHECK(Made(Typed({{"compression", c.text}})).compression_level == c.level);
  }
}

TEST_CASE("Options: a zone wins over --localtime") {
  CHECK(Made(Typed({{"localtime", "true"}})).localtime);
  const Options options = Made(Typed({{"localtime", "true"}, {"timezone", "Europe/Oslo"}}));
  CHECK_FALSE(options.localtime);
  CHECK(options.zone == "Europe/Oslo");
}

TEST_CASE("Options: the machine's zone may stand in the environment") {
  const auto zone_of = [](const std::string& tz) {
    Environment environment = Home();
    environment.variables["TZ"] = tz;
    return Made(Typed({}), environment).machine_zone;
  };
  CHECK(zone_of("Europe/Oslo") == "Europe/Oslo");
  CHECK(zone_of(":America/New_York") == "America/New_York");
  CHECK(zone_of(":/usr/share/zoneinfo/Asia/Tokyo") == "Asia/Tokyo");
  CHECK(zone_of(":/etc/localtime").empty());
  CHECK(zone_of("").empty());
}

TEST_CASE("Options: the parser's options are handed on with their origins") {
  const std::string name(FindOption("json.timefield")->name);
  const Options options = Made(Typed({{name.c_str(), "ts"}}));
  CHECK(options.parser_options.Get(name) == "ts");
  CHECK(options.parser_options.Origin(name) == "--" + name);
  CHECK_FALSE(options.parser_options.Has("file"));
}

constexpr char kCompressionHint[] =
    "  Write zstd, gzip or none; zstd:1 to zstd:19 and gzip:1 to gzip:9 set the level.\n";

TEST_CASE("Options: errors") {
  const struct {
    Pairs pairs;
    std::string text;
  } kCases[] = {
      {{{"output", "honeycomb"}},
       "hctail: error: output 'honeycomb' needs an API key, and there is none (from --output)\n"
       "  Give the key in one of these ways:\n"
       "    --writekey-file FILE\n"
       "    the environment variable HONEYCOMB_API_KEY\n"
       "    systemd's LoadCredential=writekey:FILE ($CREDENTIALS_DIRECTORY/writekey)\n"
       "    --writekey KEY, which every user of this machine can see\n"},
      {{{"parser", "jsno"}},
       "hctail: error: unknown parser 'jsno' (from --parser); did you mean 'json'?\n"
       "  Run 'hctail --list-parsers' for the parsers there are.\n"},
      {{{"parser", "mysql"}},
       "hctail: error: the parser 'mysql' (from --parser) is not built yet\n"
       "  Run 'hctail --list-parsers' for the parsers there are.\n"},
      {{{"backfill", "true"}, {"tail.read-from", "end"}},
       "hctail: error: --backfill and --tail.read-from end leave nothing to read (from "
       "--tail.read-from)\n"
       "  Leave out --tail.read-from to read the files from their beginning.\n"},
      {{{"tail.stop", "true"}, {"tail.read-from", "end"}},
       "hctail: error: --tail.stop and --tail.read-from end leave nothing to read (from "
       "--tail.read-from)\n"
       "  Leave out --tail.read-from to read the files from their beginning.\n"},
      {{{"file", ""}}, "hctail: error: the name of a file is empty (from --file)\n"},
      {{{"dataset", ""}}, "hctail: error: the name of the dataset is empty (from --dataset)\n"},
      {{{"state-dir", ""}},
       "hctail: error: the state directory's name is empty (from --state-dir)\n"},
      {{{"dead-letter", ""}},
       "hctail: error: the dead-letter file's name is empty (from --dead-letter)\n"},
      {{{"compression", "zstd:20"}},
       std::string("hctail: error: 'zstd:20' is not a compression (from --compression)\n") +
           kCompressionHint},
      {{{"compression", "none:1"}},
       std::string("hctail: error: 'none:1' is not a compression (from --compression)\n") +
           kCompressionHint},
  };
  for (const auto& c : kCases) CHECK(ErrorOf(Typed(c.pairs)) == c.text);
}

TEST_CASE("Options: what is no base URL is refused, and a password in it is not repeated") {
  constexpr const char* kUrlHint =
      "  Give it as https://HOST[:PORT][/PREFIX], for example https://api.honeycomb.io.\n";
  CHECK(ErrorOf(Typed({{"api-host", "ftp://host"}})) ==
        std::string("hctail: error: 'ftp://host' is not the URL of an API: it does not begin with "
                    "https:// or http:// (from --api-host)\n") +
            kUrlHint);
  const std::string secret = ErrorOf(Typed({{"api-host", "https://user:password@host"}}));
  CHECK(secret.find("is not the URL of an API") != std::string::npos);
  CHECK(secret.find("user:password") == std::string::npos);
}

TEST_CASE("Options: nothing to read, and nowhere to remember it") {
  CHECK(ErrorOf({}) ==
        "hctail: error: there is no file to read\n"
        "  Name one with -f FILE, or read standard input with -f -.\n");
  CHECK(ErrorOf(Typed({{"writekey", "k"}}), {}) ==
        "hctail: error: there is no state directory: neither STATE_DIRECTORY, XDG_STATE_HOME nor "
        "HOME is set\n"
        "  Name one with --state-dir DIR.\n");
}

TEST_CASE("Options: a key is in no message, whatever else is wrong") {
  for (const auto& [name, value] : Pairs{{"parser", "x"},
                                         {"sampler", "x"},
                                         {"dataset", ""},
                                         {"api-host", "x"},
                                         {"poolsize", "x"}}) {
    CHECK(ErrorOf(Typed({{"writekey", "hcaik_secret"}, {name, value}})).find("hcaik") ==
          std::string::npos);
  }
}

TEST_CASE("MakeStateOptions needs neither files nor a key") {
  const Result<Options> options = MakeStateOptions({}, Home());
  REQUIRE(options.has_value());
  CHECK(options->state_dir == "/home/me/.local/state/hctail");
}

}  // namespace
}  // namespace hctail
