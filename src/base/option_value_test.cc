// SPDX-License-Identifier: Apache-2.0
#include "base/option_value.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

using std::chrono::milliseconds;

TEST_CASE("ReadInteger takes whole numbers and nothing else") {
  CHECK(ReadInteger("42") == 42);
  CHECK(ReadInteger("-1") == -1);
  for (const char* bad : {"", " 1", "1 ", "1.0", "0x10", "abc", "99999999999999999999", "+1"}) {
    CAPTURE(bad);
    CHECK_FALSE(ReadInteger(bad).has_value());
  }
}

TEST_CASE("ReadCount and ReadDecimal: no sign, and no infinity") {
  CHECK(ReadCount("18446744073709551615") == UINT64_MAX);
  CHECK_FALSE(ReadCount("-1").has_value());
  CHECK(ReadDecimal("-1.5e3") == -1500);
  for (const char* bad : {"", "inf", "nan", "1e999", "0x10", "1 ", "+1"}) {
    CAPTURE(bad);
    CHECK_FALSE(ReadDecimal(bad).has_value());
  }
}

TEST_CASE("ReadDuration takes units, fractions and plain numbers") {
  const struct {
    const char* text;
    const char* unit;
    int64_t ms;
  } kCases[] = {
      {"10", "s", 10'000},          {"10", "ms", 10},        {"10s", "ms", 10'000},
      {"500ms", "s", 500},          {"2m", "s", 120'000},    {"1.5s", "s", 1'500},
      {"1h", "s", 3'600'000},       {"1d", "s", 86'400'000}, {"0", "s", 0},
      {"10 s", "s", 10'000},        {"2M", "s", 120'000},    {"1m30s", "ms", 90'000},
      {"1h0m0.5s", "s", 3'600'500}, {"2000us", "s", 2},      {"3000\xC2\xB5s", "s", 3},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    REQUIRE(ReadDuration(c.text, c.unit).has_value());
    CHECK(*ReadDuration(c.text, c.unit) == milliseconds(c.ms));
  }
  for (const char* bad : {"", "s", "-1s", "10x", "1e3", "1.2.3", ".5s", "10s ", "101y", "40000d",
                          "inf", "1m30", "1m-2s", "99y99d", "36499d1000h"}) {
    CAPTURE(bad);
    CHECK_FALSE(ReadDuration(bad, "s").has_value());
  }
}

TEST_CASE("ReadBytes counts MB by 1000 and MiB by 1024") {
  const struct {
    const char* text;
    uint64_t bytes;
  } kCases[] = {
      {"4096", 4096},          {"1MB", 1'000'000}, {"64KiB", 65'536},
      {"1GiB", 1'073'741'824}, {"1kB", 1000},      {"1.5kB", 1500},
      {"10 mb", 10'000'000},   {"7B", 7},          {"2GB", 2'000'000'000},
      {"1MiB", 1'048'576},     {"0", 0},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    CHECK(ReadBytes(c.text) == c.bytes);
  }
  for (const char* bad : {"", "MB", "-1", "1TB", "1K", "1M", "0x10", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(ReadBytes(bad).has_value());
  }
}

TEST_CASE("ReadGoBool knows Go's words, and that nothing means true") {
  for (const char* on : {"", "1", "t", "T", "TRUE", "true", "True"}) CHECK(ReadGoBool(on) == true);
  for (const char* off : {"0", "f", "F", "FALSE", "false", "False"})
    CHECK(ReadGoBool(off) == false);
  for (const char* bad : {"yes", "no", "on", "tRUE", "2"}) CHECK_FALSE(ReadGoBool(bad).has_value());
}

TEST_CASE("GoUnquote reads Go's string literals and leaves other text alone") {
  const struct {
    const char* text;
    std::string meaning;
  } kCases[] = {
      {"plain", "plain"},
      {"", ""},
      {"'a b'", "'a b'"},
      {R"(a\tb)", R"(a\tb)"},
      {R"("")", ""},
      {R"("a\tb")", "a\tb"},
      {R"("ab\\d")", R"(ab\d)"},
      {R"("say \"x\"")", R"(say "x")"},
      {R"("\x41\101\u00e9\U0001F600")", "AA\xC3\xA9\xF0\x9F\x98\x80"},
      {R"("\u20ac")", "\xE2\x82\xAC"},
      {R"("\a\b\f\n\r\t\v\\")", "\a\b\f\n\r\t\v\\"},
      {R"("\000")", std::string(1, '\0')},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    CHECK(GoUnquote(c.text) == c.meaning);
  }
  for (const char* bad :
       {R"(")", R"("a)", R"("a"b)", R"("a"b")", R"("a\")", R"("\q")", R"("\x4")", R"("\xzz")",
        R"("\400")", R"("\18")", R"("\ud800")", R"("\U00110000")", "\"a\nb\""}) {
    CAPTURE(bad);
    CHECK_FALSE(GoUnquote(bad).has_value());
  }
}

}  // namespace
}  // namespace hctail
