// SPDX-License-Identifier: Apache-2.0
#include "tail/resume_plan.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cerrno>

#include "tests/testing/pack.h"
#include "tests/testing/tailing.h"

namespace hctail {
namespace {

using testing::Strings;
using testing::Tailing;

const std::string kPath = "/logs/app.log";

// A line a position: "same 5/9".
class Plan {
 public:
  Plan() { files.Append(kPath, Lines(100)); }

  static std::string Lines(int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += fmt::format("this is line number {}\n", i);
    return text;
  }
  void Save(uint64_t offset, const std::string& path = kPath) {
    saved.push_back(tailing.Saved(path, offset, saved.size() + 1));
  }
  Strings Now() {
    static constexpr const char* kNames[] = {
        "same",     "copied", "found as", "spool",   "packed",     "truncated", "rewritten",
        "replaced", "absent", "gone",     "pattern", "unreadable", "no file"};
    Strings lines;
    for (const Resume& resume : PlanResume(files, tailing.clock, saved)) {
      std::string line = fmt::format("{} {}/{}", kNames[static_cast<int>(resume.why)],
                                     resume.saved.offset, resume.size);
      if (!resume.found_as.empty()) line += " " + resume.found_as;
      if (!resume.sized) line += " packed";
      if (resume.path_taken) line += ", taken";
      if (resume.error != 0) line += fmt::format(" errno {}", resume.error);
      lines.push_back(line);
    }
    return lines;
  }

  Tailing tailing;
  testing::FakeFileSystem& files = tailing.files;
  std::vector<SavedFile> saved;
};

TEST_CASE_FIXTURE(Plan, "PlanResume: the same file goes on where it was") {
  Save(2000);
  files.Append(kPath, "more\n");
  CHECK(Now() == Strings{"same 2000/2295"});
  CHECK(files.open_files() == 0);
}

TEST_CASE_FIXTURE(Plan, "PlanResume: a rotated file is found beside its path") {
  Save(2000);
  files.Rename(kPath, "/logs/app.log.1");
  CHECK(Now() == Strings{"found as 2000/2290 /logs/app.log.1"});
  files.Append(kPath, "new\n");
  CHECK(Now() == Strings{"found as 2000/2290 /logs/app.log.1, taken"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: two generations of one path") {
  Save(2000);
  files.Rename(kPath, "/logs/app.log.1");
  files.Append(kPath, "new\n");
  Save(4);
  CHECK(Now() == Strings{"found as 2000/2290 /logs/app.log.1, taken", "same 4/4"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: a copy under a new inode is known by its content") {
  Save(2000);
  files.Append("/logs/copy", files.Content(kPath) + "more\n");
  files.Rename("/logs/copy", kPath);
  CHECK(Now() == Strings{"copied 2000/2295"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: truncated, rewritten, replaced and gone") {
  Save(2000);
  files.Truncate(kPath, 100);
  CHECK(Now() == Strings{"truncated 2000/100"});
  files.Rewrite(kPath, std::string(3000, 'x'));
  CHECK(Now() == Strings{"rewritten 2000/3000"});
  files.Append("/logs/new", "new\n");
  files.Rename("/logs/new", kPath);
  CHECK(Now() == Strings{"replaced 2000/4"});
  files.Unlink(kPath);
  CHECK(Now() == Strings{"absent 2000/0 errno " + std::to_string(ENOENT)});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: what is in the way of reading is told") {
  Save(2000);
  files.FailOpen(kPath, EACCES);
  CHECK(Now() == Strings{"unreadable 2000/2290 errno " + std::to_string(EACCES)});
  files.FailOpen(kPath, 0);
  files.FailRead(kPath, EIO);
  CHECK(Now() == Strings{"unreadable 2000/2290 errno " + std::to_string(EIO)});
  files.FailRead(kPath, 0);
  files.Unlink(kPath);
  files.MakeFifo(kPath);
  CHECK(Now() == Strings{"no file 2000/0"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: wildcards in a path are letters") {
  files.Append("/logs/[a]*.log", Lines(100));
  files.Append("/logs/a.log", Lines(100));
  Save(2000, "/logs/[a]*.log");
  CHECK(Now() == Strings{"same 2000/2290"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: what was rotated and packed") {
  Save(2290);
  files.Append("/logs/app.log.1.gz", testing::Pack(Packing::kGzip, files.Content(kPath)));
  files.Unlink(kPath);
  CHECK(Now() == Strings{"packed 2290/0 /logs/app.log.1.gz"});
  saved.clear();
  files.Append("/logs/web.log", Lines(100));
  Save(2000, "/logs/web.log");
  files.Append("/logs/web.log.1.gz", testing::Pack(Packing::kGzip, files.Content("/logs/web.log")));
  files.Unlink("/logs/web.log");
  CHECK(Now() == Strings{"found as 2000/0 /logs/web.log.1.gz packed"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: what is gone, and patterns that are followed") {
  Save(2290);
  saved[0].gone = true;
  saved[0].updated = 2'000'000'000;  // after the file was written
  files.Rename(kPath, "/logs/app.log.1");
  SavedFile& pattern = saved.emplace_back();
  pattern.id = 2;
  pattern.path = "/logs/*.log";
  pattern.gone = true;
  CHECK(Now() == Strings{"pattern 0/0", "gone 2290/0"});
  files.Append(kPath, "new\n");
  Save(4);
  CHECK(Now() == Strings{"pattern 0/0", "gone 2290/0", "same 4/4"});
  saved[1].path = kPath;
  CHECK(Now() == Strings{"gone 2290/0", "same 4/4"});
  saved[1].path = "/logs/app.log*";  // the other name is one of its files
  CHECK(Now() == Strings{"found as 2290/2290 /logs/app.log.1, taken", "same 4/4", "pattern 0/0"});
}

TEST_CASE_FIXTURE(Plan, "PlanResume: a spool ends where its segments end") {
  SavedFile& spool = saved.emplace_back();
  spool.path = "/spool/stdin";
  spool.offset = 7;
  CHECK(Now() == Strings{"spool 7/7"});
  files.MakeDirectory("/spool");
  files.Append("/spool/stdin.00000000000000000005", "12345\n");
  files.Append("/spool/stdin.x", "12345678901234567890");
  CHECK(Now() == Strings{"spool 7/11"});
}

}  // namespace
}  // namespace hctail
