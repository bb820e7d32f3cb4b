// SPDX-License-Identifier: Apache-2.0
// The counters of a run, and their summary in words.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hctail {

// What was mended on the way, in records.
struct Flaws {
  uint64_t invented_times = 0;  // they named no usable time
  uint64_t cut = 0;             // longer than --max-line
  uint64_t unparsed = 0;        // dropped or sent whole, as --on-unparsed says
  uint64_t mended_text = 0;     // bytes that are no text were replaced
  uint64_t nul_runs = 0;        // NUL bytes before them, or instead of them, were left out

  Flaws& operator+=(const Flaws& other);
};

// Of one file, or of all.  Records unless a name says otherwise.
struct Counts {
  uint64_t read = 0;
  uint64_t sent = 0;
  uint64_t sampled_out = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  uint64_t in_flight = 0;
  Flaws flaws = {};
  uint64_t settled_bytes = 0;    // in this run
  uint64_t abandoned_bytes = 0;  // that were there and could not be read

  Counts& operator+=(const Counts& other);
  // The promise: nothing is unaccounted for.
  bool Balanced() const {
    return read == sent + sampled_out + filtered + dead_lettered + in_flight;
  }
};

struct FileSummary {
  std::string path;
  Counts counts;
  uint64_t committed = 0;  // everything before it is settled
  uint64_t size = 0;       // of the file now; 0 if unknown (stdin, deleted)
  bool sized = false;
};

// A record that was not of the format.
struct Unmatched {
  std::string path;
  uint64_t offset = 0;
  std::string_view why;  // a literal
  std::string excerpt;
};
inline constexpr size_t kUnmatchedShown = 3;

struct Summary {
  std::vector<FileSummary> files;
  std::vector<Unmatched> unmatched;         // the first ones
  std::map<std::string, uint64_t> formats;  // files of each, if that was not told of each file
  Counts retired;  // of files that were rotated away and are wholly settled
  uint64_t retired_files = 0;
  uint64_t unreadable_files = 0;  // were to be read to their end and could not be opened

  Counts Total() const;
};

// One line a file (of very many, only the ones that are behind) and one for the total.
std::string RenderSummary(const Summary& summary);

// What a run to the end leaves undone: "3 in flight, 120 bytes abandoned, 1 file not read".
std::string WhatIsMissing(const Summary& summary);

}  // namespace hctail
