// SPDX-License-Identifier: Apache-2.0
// Random programs of writing, rotating, truncating, killing and restarting, checked against the
// promise: every line that was written arrives at least once (but for those that world.h excuses),
// nothing else arrives, what was committed does not come again, and the books balance.
//
//   HCTAIL_SEED=17 tail_model_test       that seed alone, and what happened
//   HCTAIL_SEEDS=100000 tail_model_test  so many seeds
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "tests/model/follower.h"
#include "tests/model/world.h"

namespace hctail::model {
namespace {

constexpr uint64_t kSeeds = 3000;
constexpr uint64_t kOnDisk = 64;  // every so many seeds with a real checkpoint

const std::vector<std::string> kPatterns[] = {
    {"/logs/app.log"},  // what rotates leaves the pattern
    {"/logs/*.log"},    // new files join it, too
    {"/logs/*.log*"},   // what rotates stays
    {"/logs/app.log", "/logs/g*.log"},
    {"/logs/current.log"},  // a symbolic link
};
constexpr size_t kChoices = std::size(kPatterns);

class Run {
 public:
  Run(uint64_t seed, std::string* trace)
      : world_(seed, kPatterns[seed % kChoices], trace),
        follower_(world_,
                  {.patterns = kPatterns[seed % kChoices],
                   .read_from = seed % 3 == 0 ? ReadFrom::kBeginning : ReadFrom::kLast,
                   .lines = {.max_line = 100},
                   .unpack_step = 500},
                  seed % kOnDisk == 0, seed / kChoices % 5 == 0 ? 1 + seed % 3 : 1000) {}

  // What went wrong; empty if nothing.
  std::string Go() {
    follower_.Start();
    const uint32_t steps = 20 + world_.random.Below(100);
    for (uint32_t i = 0; i < steps && follower_.failure().empty(); ++i) Step();
    if (!follower_.failure().empty()) return follower_.failure();
    Settle();
    if (!follower_.failure().empty()) return follower_.failure();
    for (const Line& line : world_.lines()) {
      if (IsPromised(line) && !line.settled) return fmt::format("'{}' never arrived", line.text);
    }
    return {};
  }

  // Lines of the files that were asked for.
  size_t Count(bool promised) const {
    return static_cast<size_t>(std::ranges::count_if(world_.lines(), [&](const Line& line) {
      return line.written && line.matches && IsPromised(line) == promised;
    }));
  }

 private:
  static bool IsPromised(const Line& line) { return line.written && line.matches && !line.excused; }

  void Step() {
    const uint32_t what = world_.random.Below(100);
    if (what < 50) {
      world_.Act();
    } else if (!follower_.runs()) {
      if (what < 70) follower_.Start();
    } else if (what < 80) {
      follower_.Wait(std::chrono::milliseconds(world_.random.Below(500)));
    } else if (what < 82) {
      follower_.Wait(std::chrono::seconds(world_.random.Below(100)));
    } else if (what < 90) {
      follower_.Settle(false);
    } else if (what < 93) {
      follower_.api_up = !follower_.api_up;
    } else if (what < 96) {
      follower_.DisturbWatches();
    } else if (what < 98) {
      follower_.Kill();
    } else {
      follower_.Stop();
    }
  }

  // The loggers finish, the API answers, and hctail runs until there is nothing left to do.
  void Settle() {
    world_.Trace("the end");
    if (!follower_.runs()) follower_.Start();
    world_.files.Interfere(nullptr);
    world_.FinishLines();
    follower_.api_up = true;
    follower_.Calm();
    for (int i = 0; i < 70; ++i) {
      follower_.Wait(std::chrono::seconds(1));
      follower_.Settle(true);
    }
    follower_.CheckBalance();
  }

  World world_;
  Follower follower_;
};

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST_CASE(
    "Model: every line arrives, nothing else does, and nothing that was settled comes again") {
  const uint64_t one = FromEnvironment("HCTAIL_SEED", 0);
  const uint64_t seeds = FromEnvironment("HCTAIL_SEEDS", kSeeds);
  size_t promised = 0;
  size_t excused = 0;
  for (uint64_t seed = one == 0 ? 1 : one; seed <= (one == 0 ? seeds : one); ++seed) {
    std::string trace;
    Run run(seed, one == 0 ? nullptr : &trace);
    const std::string failure = run.Go();
    if (one != 0) MESSAGE(trace);
    if (!failure.empty()) {
      FAIL("seed " << seed << ": " << failure << "\nreplay with HCTAIL_SEED=" << seed);
    }
    promised += run.Count(true);
    excused += run.Count(false);
  }
  MESSAGE(promised << " lines had to arrive and did; " << excused << " were excused");
  if (one == 0) CHECK(promised > excused);  // or it would not show much
}

}  // namespace
}  // namespace hctail::model
