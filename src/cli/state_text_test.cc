// SPDX-License-Identifier: Apache-2.0
#include "cli/state_text.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <limits>

#include "checkpoint/number_text.h"

namespace hctail {
namespace {

using Why = Resume::Why;

constexpr int64_t kNow = 1'709'618'828;

Resume Make(Why why, uint64_t size = 2'000'000) {
  Resume resume;
  resume.saved.path = "/var/log/app.log";
  resume.saved.offset = 1'234'567;
  resume.saved.updated = kNow - 12;
  resume.why = why;
  resume.size = size;
  return resume;
}

TEST_CASE("WithCommas and Counted: as people read numbers") {
  CHECK(WithCommas(0) == "0");
  CHECK(WithCommas(999) == "999");
  CHECK(WithCommas(1000) == "1,000");
  CHECK(WithCommas(123456) == "123,456");
  CHECK(WithCommas(UINT64_MAX) == "18,446,744,073,709,551,615");
  CHECK(Counted(1, "byte") == "1 byte");
  CHECK(Counted(0, "byte") == "0 bytes");
  CHECK(Counted(1234, "byte") == "1,234 bytes");
}

TEST_CASE("DescribeResume: where it goes on, and why") {
  const struct {
    Why why;
    uint64_t size;
    const char* words;
  } kCases[] = {
      {Why::kSame, 2'000'000,
       "resumes at byte 1,234,567 of 2,000,000 (765,433 bytes behind): same inode and content"},
      {Why::kSame, 1'234'568,
       "resumes at byte 1,234,567 of 1,234,568 (1 byte behind): same inode and content"},
      {Why::kSame, 1'234'567,
       "resumes at byte 1,234,567 of 1,234,567 (nothing behind): same inode and content"},
      {Why::kCopied, 1'234'567,
       "resumes at byte 1,234,567 of 1,234,567 (nothing behind): known by its content, under a new "
       "inode"},
      {Why::kTruncated, 1,
       "truncated since: it has 1 byte, fewer than the saved position 1,234,567; it is read from "
       "its beginning"},
      {Why::kRewritten, 2'000'000,
       "rewritten since: what it held before byte 1,234,567 has changed; it is read from its "
       "beginning"},
      {Why::kReplaced, 5,
       "gone: another file is at this path, and what was saved is not beside it; it was settled up "
       "to byte 1,234,567, and whatever followed cannot be read"},
      {Why::kAbsent, 0,
       "gone: nothing at this path holds what was saved, nor is it beside it; it was settled up to "
       "byte 1,234,567, and whether it held more is unknown"},
      {Why::kNoFile, 0, "no regular file is at this path; it was settled up to byte 1,234,567"},
      {Why::kGone, 0,
       "it was settled up to byte 1,234,567 and is gone: kept so that it is known again under "
       "another name, or packed"},
      {Why::kPattern, 0, "followed: what comes to match it is read from its beginning"},
      {Why::kSpool, 1'234'569,
       "resumes at byte 1,234,567 of 1,234,569 (2 bytes behind): the spool of standard input"},
  };
  for (const auto& each : kCases) {
    CHECK(DescribeResume(Make(each.why, each.size), kNow) ==
          std::string(each.words) + "; saved 12 s ago");
  }
  Resume resume = Make(Why::kUnreadable);
  resume.error = EACCES;
  CHECK(DescribeResume(resume, kNow) ==
        "cannot be read: permission denied; it was settled up to byte 1,234,567; saved 12 s ago");
}

TEST_CASE("DescribeResume: a rotated file by its new name") {
  Resume resume = Make(Why::kFoundAs);
  resume.found_as = "/var/log/app.log.1";
  CHECK(DescribeResume(resume, kNow) ==
        "rotated: it is '/var/log/app.log.1' now, and resumes at byte 1,234,567 of 2,000,000 "
        "(765,433 bytes behind), to its end; saved 12 s ago");
  resume.path_taken = true;
  CHECK(DescribeResume(resume, kNow) ==
        "rotated: it is '/var/log/app.log.1' now, and resumes at byte 1,234,567 of 2,000,000 "
        "(765,433 bytes behind); the file at the old path is another one; saved 12 s ago");
}

TEST_CASE("DescribeResume: a packed file") {
  Resume resume = Make(Why::kFoundAs);
  resume.found_as = "/var/log/app.log.1.gz";
  resume.sized = false;
  CHECK(DescribeResume(resume, kNow) ==
        "rotated: it is '/var/log/app.log.1.gz' now, and resumes at byte 1,234,567 of what it "
        "unpacks to, to its end; saved 12 s ago");
  CHECK(PlanAsJson({{resume}}, kNow).find(R"("size":null,"behind":null,)") != std::string::npos);
  resume.why = Why::kPacked;
  CHECK(
      DescribeResume(resume, kNow) ==
      "packed: '/var/log/app.log.1.gz' holds it, and it was settled up to byte 1,234,567: nothing "
      "is left to read; saved 12 s ago");
}

TEST_CASE("DescribeResume: ages in words, and clocks that were set back") {
  const struct {
    int64_t ago;
    const char* words;
  } kCases[] = {
      {0, "saved 0 s ago"},
      {119, "saved 119 s ago"},
      {120, "saved 2 min ago"},
      {7199, "saved 119 min ago"},
      {7200, "saved 2 h ago"},
      {172800, "saved 2 days ago"},
      {-1, "saved in the future (was the clock set back?)"},
      {-1'000'000'000'000, "saved in the future (was the clock set back?)"},
  };
  Resume resume = Make(Why::kSame);
  for (const auto& each : kCases) {
    resume.saved.updated = kNow - each.ago;
    const std::string text = DescribeResume(resume, kNow);
    CHECK(text.substr(text.find("saved")) == each.words);
  }
  resume.saved.updated = std::numeric_limits<int64_t>::min();
  CHECK_FALSE(DescribeResume(resume, kNow).empty());
}

TEST_CASE("DescribePlan and PlanAsJson: a position each") {
  Resume resume = Make(Why::kSame, 1'234'567);
  resume.saved.path = "/var/log/a\nb.log";
  CHECK(DescribePlan({{resume}}, kNow) ==
        "/var/log/a\\x0ab.log\n"
        "  resumes at byte 1,234,567 of 1,234,567 (nothing behind): same inode and content; saved "
        "12 s ago\n");
  CHECK(PlanAsJson({{resume}}, kNow) ==
        R"({"path":"/var/log/a\nb.log","resumes":true,"why":"same","offset":1234567,)"
        R"("size":1234567,"behind":0,"saved":"2024-03-05T06:06:56Z",)"
        R"("text":"resumes at byte 1,234,567 of 1,234,567 (nothing behind): same inode and )"
        R"(content; saved 12 s ago"})"
        "\n");
  resume = Make(Why::kFoundAs);
  resume.found_as = "/var/log/app.log.1";
  CHECK(PlanAsJson({{resume}}, kNow).find(R"("behind":765433)") != std::string::npos);
  CHECK(PlanAsJson({{resume}}, kNow).find(R"("found_as":"/var/log/app.log.1")") !=
        std::string::npos);
}

}  // namespace
}  // namespace hctail
