// SPDX-License-Identifier: Apache-2.0
// Decides which format a file is: the one asked for, or the one its first lines look like.
//
// Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "parsers/parser.h"
#include "pipeline/file_table.h"
#include "pipeline/lane.h"
#include "pipeline/record_observer.h"

namespace hctail {

// The lines of `text` that are not blank, at most as many as are enough to tell a format.
std::vector<std::string_view> FirstLines(std::string_view text);

class ParserChooser {
 public:
  struct Options {
    const ParserSpec* fixed = nullptr;  // the format of all files; null: each file's own is found
    std::vector<const ParserSpec*> candidates = {};
    std::function<Wrapper(std::span<const std::string_view>)> wrapper_of = {};
    // One input that is none of them ends the run: somebody waits to be told.
    bool unknown_is_fatal = false;
    RecordObserver* observer = nullptr;  // hears of each choice, if it is not null
  };

  // `fatal` is called, from any thread.
  ParserChooser(Options options, Log& log, std::function<void(Error)> fatal)
      : options_(std::move(options)), log_(log), fatal_(std::move(fatal)) {}

  // `text`: whole lines of the file, the first ones if they are at hand.  `resumed`: what it was
  // before a restart.  A format without a parser: there are only blank lines, which any format
  // skips.  Nothing: fatal was called.
  std::optional<Format> Choose(const FileInfo& file, std::string_view text,
                               std::optional<Format> resumed);

 private:
  std::optional<Format> Unknown(const FileInfo& file, Wrapper wrapper);

  Format Tell(const FileInfo& file, const FormatChoice& choice) const;

  const Options options_;
  Log& log_;
  const std::function<void(Error)> fatal_;
};

}  // namespace hctail
