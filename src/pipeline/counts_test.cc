// SPDX-License-Identifier: Apache-2.0
#include "pipeline/counts.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

FileSummary File(const std::string& path, const Counts& counts, uint64_t committed, uint64_t size) {
  return {.path = path, .counts = counts, .committed = committed, .size = size, .sized = true};
}

TEST_CASE("RenderSummary: a line a file, the rotated ones together, and the total") {
  Summary summary;
  summary.files.push_back(File("/var/log/app.log",
                               {.read = 1234,
                                .sent = 1200,
                                .filtered = 4,
                                .dead_lettered = 10,
                                .in_flight = 20,
                                .settled_bytes = 1000000},
                               1000000, 1000500));
  summary.retired = {.read = 5, .sent = 5, .settled_bytes = 50};
  summary.retired_files = 1;
  CHECK(RenderSummary(summary) ==
        "/var/log/app.log: 1,234 read = 1,200 sent + 0 sampled out + 4 filtered + 10 dead-lettered "
        "+ 20 in flight; 1,000,000 bytes, 500 behind\n"
        "1 rotated away: 5 read = 5 sent + 0 sampled out + 0 filtered + 0 dead-lettered + 0 in "
        "flight; 50 bytes\n"
        "total: 1,239 read = 1,205 sent + 0 sampled out + 4 filtered + 10 dead-lettered + 20 in "
        "flight; 1,000,050 bytes, 500 behind\n");
}

TEST_CASE("RenderSummary: a sum that does not balance is not hidden") {
  Summary summary;
  summary.files.push_back(File("a", {.read = 2, .sent = 1}, 0, 0));
  CHECK(RenderSummary(summary).find("(DOES NOT BALANCE)") != std::string::npos);
}

TEST_CASE("RenderSummary: files that could not be read, and bytes that could not, have a line") {
  Summary summary;
  CHECK(WhatIsMissing(summary).empty());
  for (int i = 0; i < 100; ++i) summary.files.push_back(File("whole", {}, 10, 10));
  summary.files.push_back(File("damaged", {.abandoned_bytes = 5000}, 10, 10));
  summary.unreadable_files = 1;
  const std::string text = RenderSummary(summary);
  CHECK(text.find("damaged: 0 read") == 0);
  CHECK(text.find("; 5,000 bytes abandoned, 0 behind; 1 file could not be read\n") !=
        std::string::npos);
  CHECK(WhatIsMissing(summary) == "5,000 bytes abandoned, 1 file not read");
  summary.files.push_back(File("late", {.read = 3, .in_flight = 2}, 10, 20));
  CHECK(WhatIsMissing(summary) ==
        "2 in flight, 5,000 bytes abandoned, 1 file not read, the sum of the records is wrong");
}

TEST_CASE("RenderSummary: of very many files only those that are behind have a line") {
  Summary summary;
  for (int i = 0; i < 100; ++i) summary.files.push_back(File("quiet", {}, 10, 10));
  summary.files.push_back(File("busy", {.read = 1, .in_flight = 1}, 10, 20));
  const std::string text = RenderSummary(summary);
  CHECK(text.find("busy: 1 read") == 0);
  CHECK(text.find("100 more files with nothing behind\n") != std::string::npos);
  CHECK(text.find("quiet:") == std::string::npos);
}

}  // namespace
}  // namespace hctail
