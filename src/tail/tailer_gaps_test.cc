// SPDX-License-Identifier: Apache-2.0
// Generations of a log that came and went while nobody looked.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tail/tailer.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using std::chrono::seconds;
using testing::FakeFileSystem;
using testing::Following;
using testing::Strings;
using testing::Tailing;

const std::string kApp = "/logs/app.log";
const std::string kOld = "/logs/app.log.1";

TEST_CASE("Restart: a generation that came and went just before a kill, and was not opened yet") {
  Following t;
  t.files.Rename(kApp, "/logs/app.log-01");
  t.files.Append(kApp, "one\n");
  t.files.Rename(kApp, "/logs/app.log-02");  // it could be a copy that is being made
  t.files.Append(kApp, "two\n");
  CHECK(t.Read() == Strings{"two\n"});
  SavedFile newest = t.Saved(kApp, 4, 4);
  newest.updated = t.files.seconds() + 100;
  newest.gap_since = t.listener.opened().back().gap_since;
  SavedFile old = t.Saved("/logs/app.log-01", 4, 3);
  old.path = kApp;
  SUBCASE("and the newest file stands at its path") {}
  SUBCASE("and the newest file was renamed as well") { t.files.Rename(kApp, "/logs/app.log-03"); }
  t.Restart({old, newest});
  CHECK(t.Read() == Strings{"one\n"});
}

TEST_CASE("Restart: old files that were read are not opened again, unless they were written to") {
  Following t;
  t.files.Append(kApp, "unfinished");
  SavedFile old = t.Saved(kApp, 14, 3);
  old.gone = true;
  old.updated = t.files.seconds();
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  t.Restart({old});
  CHECK(t.ReadAfter(seconds(200)) == Strings{"new\n"});
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 0"});
  t.files.Append(kOld, " until now\n");
  CHECK(t.ReadAfter(seconds(11)) == Strings{"unfinished until now\n"});
}

TEST_CASE("Restart: an unfinished last line that was settled is not sent again when it is closed") {
  Following t;
  t.files.Append(kApp, "unfinished");
  const SavedFile old = t.Saved(kApp, 14, 3);
  t.files.Rename(kApp, kOld);
  t.Restart({old});
  CHECK(t.ReadAfter(seconds(200)).empty());
  CHECK(t.listener.Take() == Strings{"opened /logs/app.log at 14 as saved 3",
                                     "closed /logs/app.log at 14: rotated away"});
}

TEST_CASE("Restart: once all generations are known, none is looked for") {
  Following t;
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "one\n");
  t.Read();
  CHECK(t.listener.opened().back().gap_since > 0);
  t.ReadAfter(seconds(4000));
  CHECK(t.listener.opened().back().gap_since == 0);
}

TEST_CASE("Rotation: what is written to an old file after it was closed is read, too") {
  Following t;
  FakeFileSystem::Writer writer(t.files, kApp);
  t.files.Rename(kApp, kOld);
  t.files.Append(kApp, "new\n");
  t.ReadAfter(seconds(100));
  CHECK(t.files.open_files() == 1);
  writer.Append("late\n");
  CHECK(t.ReadAfter(seconds(11)) == Strings{"late\n"});
  t.ReadAfter(seconds(3000));
  t.files.Rename(kOld, "/logs/app.log.2");
  writer.Append("later\n");
  CHECK(t.ReadAfter(seconds(11)) == Strings{"later\n"});
}

TEST_CASE("Rotation: often, for long: old files stay closed, and none is looked for for ever") {
  Following t;
  for (int i = 0; i < 20; ++i) {
    t.files.Rename(kApp, "/logs/app.log." + std::to_string(100 + i));
    t.files.Append(kApp, "");
    t.ReadAfter(seconds(600));
  }
  CHECK(t.files.open_files() == 1);
  CHECK(t.listener.opened().size() == 21);
  CHECK(t.listener.opened().back().gap_since > t.files.seconds() - 20);
}

TEST_CASE("Truncation: a copy without the last lines is told, as it would be new after a restart") {
  Following t({.patterns = {"/logs/app.log*"}});

  for (int i = 0; i < 50; ++i) t.files.Append(kApp, fmt::format("line {:40}\n", i));
  t.Read();
  t.files.Append(kOld, t.files.Content(kApp));
  t.files.Append(kApp, "read, and not copied\n");
  CHECK(t.ReadAfter(seconds(2)) == Strings{"read, and not copied\n"});
  const std::string all = t.files.Content(kApp);
  t.files.Truncate(kApp);
  CHECK(t.ReadAfter(seconds(2)).empty());
  const Strings heard = t.listener.Take();
  CHECK(std::ranges::count(heard, fmt::format("copy of {} to {}: {}", kApp, all.size(), kOld)) ==
        1);
}

}  // namespace
}  // namespace hctail
