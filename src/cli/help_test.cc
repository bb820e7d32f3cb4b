// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/flags.h"

namespace hctail {
namespace {

size_t LongestLine(std::string_view text) {
  size_t longest = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    longest = std::max(longest, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

std::string Committed(const std::string& path) {
  const Result<std::string> content = ReadWholeFile(HCTAIL_SOURCE_DIR "/" + path);
  return content ? *content : std::string();
}

// Compares a committed file with what is made now, or rewrites it if HCTAIL_BLESS is set.
void CheckOrBless(const std::string& path, const std::string& made) {
  if (std::getenv("HCTAIL_BLESS") != nullptr) {
    REQUIRE(WriteFileAtomically(HCTAIL_SOURCE_DIR "/" + path, made, Fsync::kNo).has_value());
  }
  INFO("run HCTAIL_BLESS=1 cli_test to rewrite " << path);
  CHECK(Committed(path) == made);
}

// `page` with `made` between the two comments that mark a generated section.
std::string WithSection(const std::string& page, const std::string& name, const std::string& made) {
  const std::string begin = ".\\\" begin generated " + name + "\n";
  const std::string end = ".\\\" end generated " + name + "\n";
  const size_t from = page.find(begin);
  const size_t to = page.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return page.substr(0, from + begin.size()) + made + page.substr(to);
}

TEST_CASE("ShortHelp fits on a screen, shows the common options and leaves out the key itself") {
  const std::string help = ShortHelp();
  CHECK(LongestLine(help) <= 80);
  CHECK(std::ranges::count(help, '\n') <= 45);
  CHECK(help.starts_with("Usage: hctail [OPTIONS] -f FILE...\n"));
  CHECK(help.find("\n  -p, --parser PARSER         the format of the lines; auto recognises it\n"
                  "                              [default: auto]\n") != std::string::npos);
  CHECK(help.find("--writekey-file FILE") != std::string::npos);
  CHECK(help.find("--writekey KEY") == std::string::npos);
}

TEST_CASE("FullHelp has every option, category and default") {
  const std::string help = FullHelp();
  CHECK(LongestLine(help) <= 80);
  for (const OptionSpec& option : AllOptions()) {
    CAPTURE(option.name);
    CHECK(help.find("--" + std::string(option.name)) != std::string::npos);
    CHECK(help.find("\n" + std::string(option.category) + ":\n") != std::string::npos);
  }
  CHECK(help.find("[default: 100MB]") != std::string::npos);
}

TEST_CASE("The helps have every command, and completion knows its words") {
  for (const CommandSpec& spec : AllCommands()) {
    CAPTURE(spec.name);
    const std::string line = "\n  " + std::string(spec.name) + " ";
    CHECK(ShortHelp().find(line) != std::string::npos);
    CHECK(FullHelp().find(line) != std::string::npos);
    const std::string first(spec.name.substr(0, spec.name.find(' ')));
    CHECK(BashCompletion().find("\n    " + first + ")\n") != std::string::npos);
  }
}

TEST_CASE("ParserList begins with auto") {
  CHECK(ParserList().starts_with("auto "));
  CHECK(ParserList().find("\njson ") != std::string::npos);
}

TEST_CASE("man/hctail.1: OPTIONS and PARSERS are what the option table says") {
  std::string page = Committed("man/hctail.1");
  page = WithSection(page, "OPTIONS", ManOptions());
  page = WithSection(page, "PARSERS", ManParsers());
  CheckOrBless("man/hctail.1", page);
}

TEST_CASE("packaging/hctail.bash is what the option table says") {
  CheckOrBless("packaging/hctail.bash", BashCompletion());
}

}  // namespace
}  // namespace hctail
