// SPDX-License-Identifier: Apache-2.0
#include "cli/did_you_mean.h"

#include <doctest/doctest.h>

#include <string>

namespace hctail {
namespace {

TEST_CASE("EditDistance counts insertions, deletions, replacements and swaps") {
  const struct {
    const char* a;
    const char* b;
    size_t distance;
  } kCases[] = {
      {"", "", 0},           {"", "abc", 3},           {"abc", "", 3},
      {"nginx", "nginx", 0}, {"ab", "abc", 1},         {"ngnix", "nginx", 1},
      {"jsn", "json", 1},    {"kitten", "sitting", 3}, {"ca", "abc", 3},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.a);
    CHECK(EditDistance(c.a, c.b) == c.distance);
  }
}

TEST_CASE("NearestWord finds what was meant, and nothing where nothing is near") {
  constexpr std::string_view kWords[] = {"file",    "filter-file", "api-host", "backfill",
                                         "backoff", "dataset",     "WriteKey"};
  const struct {
    const char* word;
    const char* meant;
  } kCases[] = {
      {"fiel", "file"},
      {"api_hots", "api-host"},
      {"backfil", "backfill"},
      {"data", "dataset"},
      {"writekey", "WriteKey"},
      {"filt", "file"},
      {"back", ""},
      {"xyz", ""},
      {"", ""},
      {"f", ""},
      {"verbose", ""},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.word);
    CHECK(NearestWord(c.word, kWords) == c.meant);
  }
}

TEST_CASE("DidYouMean is a clause to append, or nothing") {
  constexpr std::string_view kWords[] = {"nginx", "json"};
  CHECK(DidYouMean("ngnix", kWords) == "; did you mean 'nginx'?");
  CHECK(DidYouMean("jsno", kWords, "--") == "; did you mean '--json'?");
  CHECK(DidYouMean("postgresql", kWords).empty());
}

}  // namespace
}  // namespace hctail
