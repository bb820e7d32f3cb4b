// SPDX-License-Identifier: Apache-2.0
#include "pipeline/format_watch.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

// How many refused records, each after `good` good ones, it takes; 0: none of `most` does.
int RefusedUntilLook(FormatWatch& watch, uint64_t good, int most = 1000) {
  for (int i = 1; i <= most; ++i) {
    if (watch.Refused(good, static_cast<uint64_t>(i) * 10, "line " + std::to_string(i))) return i;
  }
  return 0;
}

TEST_CASE("FormatWatch: a window of refused records is looked at") {
  FormatWatch watch;
  CHECK_FALSE(watch.active());
  CHECK(RefusedUntilLook(watch, 0) == 20);
  CHECK(watch.all_refused());
  CHECK(watch.first_offset() == 10);
  REQUIRE(watch.refused().size() == 20);
  CHECK(watch.refused()[1] == "line 2");
}

TEST_CASE("FormatWatch: half of them is not more than half") {
  FormatWatch watch;
  CHECK(RefusedUntilLook(watch, 1) == 0);
  CHECK(RefusedUntilLook(watch, 1000) == 0);
}

TEST_CASE("FormatWatch: a few good ones among them do not hide it") {
  FormatWatch watch;
  for (int i = 0; i < 15; ++i) CHECK_FALSE(watch.Refused(0, 0, "x"));
  watch.Good(4);
  CHECK(watch.Refused(0, 0, "x"));
  CHECK_FALSE(watch.all_refused());
  CHECK(watch.refused().size() == 16);
}

TEST_CASE("FormatWatch: a few refused ones are forgotten after enough good ones") {
  FormatWatch watch;
  for (int i = 0; i < 19; ++i) CHECK_FALSE(watch.Refused(0, 0, "x"));
  watch.Good(20);
  CHECK_FALSE(watch.active());
  CHECK(RefusedUntilLook(watch, 0) == 20);
}

TEST_CASE("FormatWatch: what could not be told is looked at less and less often") {
  FormatWatch watch;
  CHECK(RefusedUntilLook(watch, 0) == 20);
  watch.LookLater();
  CHECK(watch.active());
  CHECK(RefusedUntilLook(watch, 0) == 80 + 20);
  watch.LookLater();
  CHECK(RefusedUntilLook(watch, 0) == 320 + 20);
}

TEST_CASE(
    "FormatWatch: of a record of several lines the first counts, and of huge ones only the "
    "number") {
  FormatWatch watch;
  CHECK_FALSE(watch.Refused(0, 0, "first\nsecond"));
  CHECK(watch.refused().at(0) == "first");
  CHECK_FALSE(watch.Refused(0, 0, std::string(FormatWatch::kLongest + 1, 'x')));
  CHECK(watch.refused().size() == 1);
}

}  // namespace
}  // namespace hctail
