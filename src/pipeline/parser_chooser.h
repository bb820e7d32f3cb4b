// SPDX-License-Identifier: Apache-2.0
// Decides which format a file is: the one asked for, or the one its first lines look like.
//
// Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "parsers/parser.h"
#include "pipeline/file_table.h"

namespace hctail {

// The candidate that `text`, whole lines, looks like most, or null; `reason` (may be null) says by
// what.
const ParserSpec* SniffFormat(std::string_view text, std::span<const ParserSpec* const> candidates,
                              std::string* reason = nullptr);

class ParserChooser {
 public:
  // `fixed`: the format of all files; null: each file's own is found among `candidates`.  `fatal`
  // is called, from any thread, when input that the run began with is none of them.
  ParserChooser(const ParserSpec* fixed, std::vector<const ParserSpec*> candidates, Log& log,
                std::function<void(Error)> fatal)
      : fixed_(fixed), candidates_(std::move(candidates)), log_(log), fatal_(std::move(fatal)) {}

  // `text`: whole lines of the file, the first ones if they are at hand.  Null: fatal was called.
  const ParserSpec* Choose(FileInfo& file, std::string_view text);

 private:
  const ParserSpec* const fixed_;
  const std::vector<const ParserSpec*> candidates_;
  Log& log_;
  const std::function<void(Error)> fatal_;
  std::mutex mutex_;  // one thread looks at a file, the others take what it found
};

}  // namespace hctail
