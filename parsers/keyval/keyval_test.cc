// SPDX-License-Identifier: Apache-2.0
// What lines become stands in testdata/keyval; here are options, scanning and sniffing.
#include "parsers/keyval/keyval.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "parsers/keyval/scan.h"

namespace hctail::keyval {
namespace {

TEST_CASE("keyval: bad options are answered with the option and the place") {
  OptionValues options;
  options.Set("keyval.filter-regex", {"a(b"});
  const auto parser = kKeyval.create({.options = options});
  REQUIRE(!parser.has_value());
  CHECK(parser.error().message == "--keyval.filter-regex is not a regular expression: missing ')'");
  CHECK(parser.error().hint == "a(b\n ^ here");
  OptionValues format;
  format.Set("keyval.time-format", {"%Q"});
  CHECK(
      kKeyval.create({.options = format}).error().message.ends_with("(from --keyval.time-format)"));
}

TEST_CASE("Scanner: what was written as pairs comes back, whatever the bytes") {
  Random random(4711);
  for (int round = 0; round < 3000; ++round) {
    std::string line;
    std::vector<std::string> written;
    for (uint32_t left = 1 + random.Below(6); left > 0; --left) {
      std::string value;
      std::string quoted;
      for (uint32_t size = random.Below(10); size > 0; --size) {
        const auto c = static_cast<char>(1 + random.Below(255));
        value += c;
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
      }
      written.push_back(value);
      if (!line.empty()) line += ' ';
      line += "k" + std::to_string(left) + "=\"" + quoted + "\"";
    }
    Scanner scanner(line);
    Pair pair;
    for (const std::string& value : written) {
      REQUIRE(scanner.Next(&pair));
      CHECK((pair.has_equals && pair.quoted && pair.closed));
      std::string unescaped;
      REQUIRE(Unescape(pair.value, &unescaped));
      CHECK(unescaped == value);
    }
    CHECK(!scanner.Next(&pair));
  }
}

}  // namespace
}  // namespace hctail::keyval
