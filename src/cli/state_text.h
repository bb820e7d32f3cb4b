// SPDX-License-Identifier: Apache-2.0
// Saved positions in words and as JSON, for `hctail state show`: where each file would be resumed,
// and why.
//
// Functions only.  Tested by state_text_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tail/resume_plan.h"

namespace hctail {

// One line without its newline, such as "resumes at byte 1,234 of 2,000 (766 bytes behind): same
// inode and content; saved 12 s ago".  `now` is Unix seconds.
std::string DescribeResume(const Resume& resume, int64_t now);

// Two lines for each position.  Control bytes in paths come escaped.
std::string DescribePlan(std::span<const Resume> plan, int64_t now);

// A JSON object a line; man/hctail.1 lists its members.
std::string PlanAsJson(std::span<const Resume> plan, int64_t now);

// "12 s", "3 days"; `seconds` >= 0.
std::string AgeText(int64_t seconds);

}  // namespace hctail
