// SPDX-License-Identifier: Apache-2.0
#include "cli/state_text.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/time_format.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/number_text.h"
#include "event/encode_json.h"

namespace hctail {
namespace {

using Why = Resume::Why;

constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

std::string SavedAgo(int64_t saved, int64_t now) {
  const auto ago = static_cast<int64_t>(static_cast<uint64_t>(now) - static_cast<uint64_t>(saved));
  if (saved > now || ago < 0) return "saved in the future (was the clock set back?)";
  return fmt::format("saved {} ago", AgeText(ago));
}

// "resumes at byte 1,234 of 2,000 (766 bytes behind)".
std::string Place(const Resume& resume) {
  const std::string offset = WithCommas(resume.saved.offset);
  if (!resume.sized) return fmt::format("resumes at byte {} of what it unpacks to", offset);
  return fmt::format("resumes at byte {} of {} ({})", offset, WithCommas(resume.size),
                     resume.behind() == 0 ? std::string("nothing behind")
                                          : Counted(resume.behind(), "byte") + " behind");
}

std::string Settled(const Resume& resume) {
  return fmt::format("it was settled up to byte {}", WithCommas(resume.saved.offset));
}

std::string Because(const Resume& resume) {
  switch (resume.why) {
    case Why::kSame:
      return Place(resume) + ": same inode and content";
    case Why::kCopied:
      return Place(resume) + ": known by its content, under a new inode";
    case Why::kFoundAs:
      return fmt::format(
          "rotated: it is '{}' now, and {}{}", EscapePath(resume.found_as), Place(resume),
          resume.path_taken ? "; the file at the old path is another one" : ", to its end");
    case Why::kTruncated:
      return fmt::format(
          "truncated since: it has {}, fewer than the saved position {}; it is read from its "
          "beginning",
          Counted(resume.size, "byte"), WithCommas(resume.saved.offset));
    case Why::kRewritten:
      return fmt::format(
          "rewritten since: what it held before byte {} has changed; it is read from its beginning",
          WithCommas(resume.saved.offset));
    case Why::kReplaced:
      return fmt::format(
          "gone: another file is at this path, and what was saved is not beside it; {}, and "
          "whatever followed cannot be read",
          Settled(resume));
    case Why::kAbsent:
      return fmt::format(
          "gone: nothing at this path holds what was saved, nor is it beside it; {}, and whether "
          "it held more is unknown",
          Settled(resume));
    case Why::kPacked:
      return fmt::format("packed: '{}' holds it, and {}: nothing is left to read",
                         EscapePath(resume.found_as), Settled(resume));
    case Why::kGone:
      return Settled(resume) +
             " and is gone: kept so that it is known again under another name, or packed";
    case Why::kPattern:
      return "followed: what comes to match it is read from its beginning";
    case Why::kUnreadable:
      return fmt::format("cannot be read: {}; {}", ErrnoText(resume.error), Settled(resume));
    case Why::kNoFile:
      return "no regular file is at this path; " + Settled(resume);
    case Why::kSpool:
      return Place(resume) + ": the spool of standard input";
  }
  return {};
}

std::string_view WhyName(Why why) {
  switch (why) {
    case Why::kSame:
      return "same";
    case Why::kCopied:
      return "copied";
    case Why::kFoundAs:
      return "rotated";
    case Why::kTruncated:
      return "truncated";
    case Why::kRewritten:
      return "rewritten";
    case Why::kReplaced:
      return "replaced";
    case Why::kAbsent:
      return "absent";
    case Why::kPacked:
      return "packed";
    case Why::kGone:
      return "gone";
    case Why::kPattern:
      return "pattern";
    case Why::kUnreadable:
      return "unreadable";
    case Why::kNoFile:
      return "no-file";
    case Why::kSpool:
      return "spool";
  }
  return {};
}

}  // namespace

std::string AgeText(int64_t seconds) {
  if (seconds < 2 * kMinute) return fmt::format("{} s", seconds);
  if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
  if (seconds < 2 * kDay) return fmt::format("{} h", seconds / kHour);
  return fmt::format("{} days", seconds / kDay);
}

std::string DescribeResume(const Resume& resume, int64_t now) {
  return fmt::format("{}; {}", Because(resume), SavedAgo(resume.saved.updated, now));
}

std::string DescribePlan(std::span<const Resume> plan, int64_t now) {
  std::string text;
  for (const Resume& resume : plan) {
    text += fmt::format("{}\n  {}\n", EscapePath(resume.saved.path), DescribeResume(resume, now));
  }
  return text;
}

std::string PlanAsJson(std::span<const Resume> plan, int64_t now) {
  std::string text;
  for (const Resume& resume : plan) {
    text += R"({"path":)";
    AppendJsonString(resume.saved.path, &text);
    const auto size_of = [&](uint64_t n) { return resume.sized ? std::to_string(n) : "null"; };
    fmt::format_to(std::back_inserter(text),
                   R"(,"resumes":{},"why":"{}","offset":{},"size":{},"behind":{},"saved":"{}")",
                   resume.resumes(), WhyName(resume.why), resume.saved.offset, size_of(resume.size),
                   size_of(resume.behind()), FormatRfc3339({.seconds = resume.saved.updated}));
    if (!resume.found_as.empty()) {
      text += R"(,"found_as":)";
      AppendJsonString(resume.found_as, &text);
    }
    text += R"(,"text":)";
    AppendJsonString(DescribeResume(resume, now), &text);
    text += "}\n";
  }
  return text;
}

}  // namespace hctail
