// SPDX-License-Identifier: Apache-2.0
// What `hctail check` found, and how it says so: for people, and as JSON for machines.
//
// No state, no I/O.  Tested by check_report_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/excerpt.h"
#include "base/result.h"
#include "cli/check_trial.h"

namespace hctail {

struct Finding {
  enum class Level : uint8_t {
    kOk,       // something that was asked for and is as it should be
    kNote,     // may be as it is meant
    kWarning,  // is probably not meant so
    kError,    // a run would refuse it, or fail
  };
  Level level = Level::kNote;
  Error text;
};

struct CheckReport {
  std::vector<Finding> findings;  // about the configuration
  bool tried = false;             // lines were; else `trial` is empty
  Trial trial;
  bool unknown_ends_run = false;  // a file of no known format does: it is the only input
  uint64_t lines = 0;             // how many of each file were asked for; 0: all
  bool file_is_missing = false;   // one that the command itself names: it could not be tried
  std::string unparsed_go = {};   // what --on-unparsed does with them, in words

  size_t CountOf(Finding::Level level) const;
  // A file is of no known format, or a line would not be parsed.
  bool some_unparsed() const;
  // 0: all would arrive; 1: some_unparsed(), or a file is missing; 2: the configuration is wrong.
  int exit_code() const;
};

struct TextStyle {
  bool colours = false;
  size_t width = 100;  // of a line; examples are cut to it
};

std::string RenderText(const CheckReport& report, const TextStyle& style);
// One object with a newline behind it.  Its keys are in the man page.
std::string RenderJson(const CheckReport& report);

// "1,234".
std::string Grouped(uint64_t number);

}  // namespace hctail
