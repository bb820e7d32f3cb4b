// SPDX-License-Identifier: Apache-2.0
#include "base/excerpt.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("Excerpt: text as it is, in quotes") {
  CHECK(Excerpt("") == "''");
  CHECK(Excerpt("GET /caf\xC3\xA9") == "'GET /caf\xC3\xA9'");
}

TEST_CASE("Excerpt: what controls a terminal is spelt out") {
  CHECK(Excerpt("a\tb\nc\r\x1B[31m\x7F") == R"('a\tb\nc\x0d\x1b[31m\x7f')");
  CHECK(Excerpt("\xC2\x9B"
                "31m \xE2\x80\xAE"
                "x") == R"('\xc2\x9b31m \xe2\x80\xaex')");
  CHECK(Excerpt("\xFF \xC3") == R"('\xff \xc3')");
}

TEST_CASE("Printable: what a terminal would act upon is escaped") {
  CHECK(Printable("a\nb\tc\x01\x7f") == "a\\nb\\tc\\x01\\x7f");
  CHECK(Printable("gr\xc3\xbcn \\d") == "gr\xc3\xbcn \\d");
  CHECK(Printable("gr\xfcn") == "gr\\xfcn");
  CHECK(Printable("a\xc2\x9b"
                  "b") == "a\\xc2\\x9bb");  // a control of its own
}

TEST_CASE("Excerpt: cut between characters, and it shows") {
  CHECK(Excerpt("abcdef", 3) == "'abc'...");
  CHECK(Excerpt("ab\xC3\xA9", 3) == "'ab'...");
  CHECK(Excerpt("abc", 3) == "'abc'");
}

}  // namespace
}  // namespace hctail
