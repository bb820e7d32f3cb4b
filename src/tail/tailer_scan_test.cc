// SPDX-License-Identifier: Apache-2.0
// Files that are not to be followed, or that do not behave.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tail/tailer.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using std::chrono::seconds;
using testing::Following;
using testing::Strings;
using testing::Tailing;

TEST_CASE("Tailer: what hctail writes itself is left alone, and said once") {
  Following t({.patterns = {"/logs/*.log"},
               .own = [](const std::string& path) { return path == "/logs/checkpoint.log"; }});
  t.files.Append("/logs/checkpoint.log", "x\n");
  CHECK(t.ReadAfter(seconds(10)).empty());
  t.files.Append("/logs/checkpoint.log", "y\n");
  CHECK(t.ReadAfter(seconds(10)).empty());
  const std::string said = "skipping '/logs/checkpoint.log': hctail writes it itself";
  const size_t at = t.log.text().find(said);
  CHECK(at != std::string::npos);
  CHECK(t.log.text().find(said, at + 1) == std::string::npos);
}

TEST_CASE("Tailer: a file that is rewritten all the time does not hold up others") {
  Tailing t({.patterns = {"/logs/*.log"}, .read_from = ReadFrom::kBeginning});
  t.files.Append("/logs/a.log", "1\n");
  t.files.Append("/logs/b.log", "2\n");
  t.Read();
  constexpr int kMany = 1000;
  int turns = 0;
  t.files.Interfere([&] {
    if (turns < kMany) t.files.Rewrite("/logs/a.log", ++turns % 2 == 0 ? "a" : "");
  });
  t.files.Append("/logs/b.log", "3\n");
  Strings read;
  for (int i = 0; i < 5; ++i) std::ranges::move(t.ReadOnce(), std::back_inserter(read));
  CHECK(turns < kMany);
  CHECK(std::ranges::count(read, "3\n") == 1);
}

TEST_CASE("Tailer: what nobody announces is seen by the next scan") {
  Following t;
  t.files.Append("/logs/app.log", "mapped\n");
  t.watcher->Take();
  CHECK(t.Read().empty());
  CHECK(t.ReadAfter(seconds(10)) == Strings{"mapped\n"});
}

}  // namespace
}  // namespace hctail
