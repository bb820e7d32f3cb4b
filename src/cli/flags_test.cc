// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "cli/check_values.h"
#include "cli/options.h"

namespace hctail {
namespace {

TEST_CASE("AllOptions: names, aliases and letters are unique") {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (const OptionSpec& option : AllOptions()) {
    CAPTURE(option.name);
    CHECK(names.insert(option.name).second);
    for (const std::string_view alias : option.aliases) CHECK(names.insert(alias).second);
    if (option.short_name != 0) CHECK(letters.insert(option.short_name).second);
  }
}

TEST_CASE("AllOptions: canonical names are kebab-case, with a dot after a group") {
  for (const OptionSpec& option : AllOptions()) {
    CAPTURE(option.name);
    CHECK(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") ==
          std::string_view::npos);
    CHECK(std::ranges::count(option.name, '.') <= 1);
  }
}

TEST_CASE("AllOptions: help begins small and has no final period, detail has one") {
  for (const OptionSpec& option : AllOptions()) {
    CAPTURE(option.name);
    REQUIRE_FALSE(option.help.empty());
    CHECK_FALSE((option.help[0] >= 'A' && option.help[0] <= 'Z' && option.help[1] >= 'a'));
    CHECK_FALSE(option.help.ends_with('.'));
    if (!option.detail.empty()) CHECK(option.detail.ends_with('.'));
    CHECK((option.type == OptionSpec::Type::kFlag) == option.metavar.empty());
  }
}

TEST_CASE("AllOptions: categories stay together") {
  std::set<std::string_view> seen;
  std::string_view current;
  for (const OptionSpec& option : AllOptions()) {
    CAPTURE(option.name);
    REQUIRE_FALSE(option.category.empty());
    if (option.category != current) CHECK(seen.insert(option.category).second);
    current = option.category;
  }
}

TEST_CASE("AllOptions: every default is a value that the option takes") {
  const Result<OptionValues> values = CheckedValues({});
  if (!values) FAIL(values.error().message);
  for (const OptionSpec& option : AllOptions()) {
    CAPTURE(option.name);
    CHECK(values->Get(option.name) == option.default_text);
  }
}

TEST_CASE("AllOptions: a flag that stands for another option names one that exists") {
  for (const OptionSpec& option : AllOptions()) {
    if (option.stands_for.empty()) continue;
    CAPTURE(option.name);
    const size_t equals = option.stands_for.find('=');
    REQUIRE(equals != std::string_view::npos);
    const OptionSpec* target = FindOption(option.stands_for.substr(0, equals));
    REQUIRE(target != nullptr);
    CHECK(std::ranges::count(ChoicesOf(*target), option.stands_for.substr(equals + 1)) == 1);
  }
}

TEST_CASE("FindOption finds canonical names and aliases, not beginnings") {
  REQUIRE(FindOption("api_host") != nullptr);
  CHECK(FindOption("api_host") == FindOption("api-host"));
  CHECK(FindOption("tail.read_from")->name == "tail.read-from");
  CHECK(FindOption("api") == nullptr);
  CHECK(FindOption("") == nullptr);
}

}  // namespace
}  // namespace hctail
