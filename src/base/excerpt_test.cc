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
  CHECK(Excerpt("a\tb\nc\r\x1B[31m\x7F") == R"('a\tb\nc\x0D\x1B[31m\x7F')");
  CHECK(Excerpt("\xC2\x9B"
                "31m \xE2\x80\xAE"
                "x") == R"('\xC2\x9B31m \xE2\x80\xAEx')");
  CHECK(Excerpt("\xFF \xC3") == R"('\xFF \xC3')");
}

TEST_CASE("Excerpt: cut between characters, and it shows") {
  CHECK(Excerpt("abcdef", 3) == "'abc'...");
  CHECK(Excerpt("ab\xC3\xA9", 3) == "'ab'...");
  CHECK(Excerpt("abc", 3) == "'abc'");
}

}  // namespace
}  // namespace hctail
