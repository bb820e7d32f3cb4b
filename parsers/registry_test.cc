// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "parsers/parser.h"

namespace hctail {
namespace {

TEST_CASE("AllParsers: in the order of their names, and found by them") {
  const auto all = AllParsers();
  REQUIRE_FALSE(all.empty());
  CHECK(std::ranges::is_sorted(all, {}, &ParserSpec::name));
  for (const ParserSpec& spec : all) CHECK(FindParser(spec.name) == &spec);
  CHECK(FindParser("jsom") == nullptr);
  CHECK(FindParser("") == nullptr);
}

TEST_CASE(
    "AllParsers: every option has help, a category, its format's prefix and a name of its own") {
  std::set<std::string_view> names;
  for (const ParserSpec& spec : AllParsers()) {
    CHECK_FALSE(spec.summary.empty());
    for (const OptionSpec& option : spec.options) {
      CAPTURE(std::string(option.name));
      CHECK(option.name.starts_with(std::string(spec.name) + "."));
      CHECK_FALSE(option.help.empty());
      CHECK_FALSE(option.help.ends_with("."));
      CHECK_FALSE(option.category.empty());
      CHECK(names.insert(option.name).second);
      for (const std::string_view alias : option.aliases) CHECK(names.insert(alias).second);
    }
  }
}

TEST_CASE("AllParsers: all can be made without options, but those that name one they need") {
  const OptionValues none;
  for (const ParserSpec& spec : AllParsers()) {
    CAPTURE(std::string(spec.name));
    CHECK((spec.create != nullptr || spec.create_for_file != nullptr));
    if (spec.required_option.empty()) {
      CHECK(MakeFileParser(spec, {.options = none}, Wrapper::kNone, {}).has_value());
      CHECK(MakeFileParser(spec, {.options = none}, Wrapper::kCri, {}).has_value());
    } else {
      CHECK(std::ranges::count(spec.options, spec.required_option, &OptionSpec::name) == 1);
    }
  }
}

}  // namespace
}  // namespace hctail
