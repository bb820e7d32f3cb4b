// SPDX-License-Identifier: Apache-2.0
#include "sample/coin.h"

#include <cmath>

#include "sample/sha1.h"

namespace hctail {
namespace {

uint32_t FirstFour(std::string_view text, std::string_view salt = {}) {
  return static_cast<uint32_t>(Sha1().Hash(text, salt) >> 32);
}

TEST_CASE("Sha1: the first bytes are honeytail's (parity.md 4.6)") {
  CHECK(FirstFour("d") == 0x3c363836);
  CHECK(FirstFour("a") == 0x86f7e437);
  CHECK(FirstFour("h") == 0x27d5482e);
  CHECK(FirstFour("e") == 0x58e6b3a4);
  CHECK(FirstFour("") == 0xda39a3ee);
  CHECK(FirstFour("ab", "c") == FirstFour("abc"));
}

TEST_CASE("TossHoneytailHash: decides as honeytail does") {
  Sha1 sha1;
  CHECK(TossHoneytailHash(2, sha1.Hash("d", "")));
  CHECK_FALSE(TossHoneytailHash(2, sha1.Hash("a", "")));
  CHECK(TossHoneytailHash(4, sha1.Hash("h", "")));
  CHECK_FALSE(TossHoneytailHash(4, sha1.Hash("e", "")));
  CHECK(TossHoneytailHash(1, UINT64_MAX));
  // floor((2^32 - 1) / 3) is kept, the next number is not.
  CHECK(TossHoneytailHash(3, uint64_t{0x55555555} << 32));
  CHECK_FALSE(TossHoneytailHash(3, uint64_t{0x55555556} << 32));
}

TEST_CASE("A salt makes another choice") {
  Sha1 sha1;
  int same = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i);
    same +=
        TossHash(KeepStep(2), sha1.Hash(id, "")) == TossHash(KeepStep(2), sha1.Hash(id, "salt"));
  }
  CHECK(same > 400);
  CHECK(same < 600);
}

TEST_CASE("TossHash: what is kept at a rate is kept at every lower one") {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t hash = random.Next64();
    bool kept = true;
    for (const uint64_t rate : {1, 2, 3, 10, 11, 1000}) {
      const bool now = TossHash(KeepStep(rate), hash);
      CHECK((kept || !now));
      kept = now;
    }
  }
}

TEST_CASE("KeepStep: a rate of 1,000,000,000 is not off by more than a hair") {
  for (const uint64_t rate : {2ull, 3ull, 7ull, 1000ull, 999'999'937ull, 1'000'000'000ull}) {
    CAPTURE(rate);
    const double chance = std::ldexp(static_cast<double>(KeepStep(rate)), -64);
    CHECK(std::fabs(chance * static_cast<double>(rate) - 1) < 1e-9);
  }
}

TEST_CASE("TossStratified: keeps exactly one in each run of `rate`") {
  for (const uint64_t start : {uint64_t{0}, uint64_t{12345}, UINT64_MAX / 2, UINT64_MAX - 5}) {
    uint64_t sum = start;
    for (int run = 0; run < 100; ++run) {
      int kept = 0;
      for (int i = 0; i < 16; ++i) kept += TossStratified(KeepStep(16), &sum) ? 1 : 0;
      CHECK(kept == 1);
    }
  }
}

TEST_CASE("TossStratified: the count is right to one event while the rate changes") {
  Random random(7);
  for (int run = 0; run < 50; ++run) {
    uint64_t sum = random.Next64();
    double due = 0;
    int kept = 0;
    for (int i = 0; i < 1000; ++i) {
      const uint64_t rate = 1 + random.Below(30);
      due += 1.0 / static_cast<double>(rate);
      kept += TossStratified(KeepStep(rate), &sum) ? 1 : 0;
      REQUIRE(std::fabs(due - kept) < 1 + 1e-9);
    }
  }
}

TEST_CASE("All coins keep everything at rate 1") {
  Random random(1);
  uint64_t sum = 0;
  for (int i = 0; i < 100; ++i) {
    CHECK(TossStratified(KeepStep(1), &sum));
    CHECK(TossRandom(KeepStep(1), random));
    CHECK(TossHash(KeepStep(1), UINT64_MAX));
  }
}

}  // namespace
}  // namespace hctail
