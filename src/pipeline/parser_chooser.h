// SPDX-License-Identifier: Apache-2.0
// Decides which format a file is: the one asked for, or the one its first lines look like.
//
// A file that begins where another one was (rotation, truncation) may begin with the rest of a
// line, or with too little to tell: it has the format of the one before, unless more than one line
// says with confidence that it is another and that one does not fit.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
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
    // Of first lines; the second is the wrapper of the file before it at its path.
    std::function<Wrapper(std::span<const std::string_view>, Wrapper)> wrapper_of = {};
    // One input that is none of them ends the run: somebody waits to be told.
    bool unknown_is_fatal = false;
    // Or its lines are sent as they are.
    bool unknown_is_plain = false;
    RecordObserver* observer = nullptr;  // hears of each choice, and the log does not
  };

  // `fatal` is called, from any thread.
  ParserChooser(Options options, Log& log, std::function<void(Error)> fatal)
      : options_(std::move(options)), log_(log), fatal_(std::move(fatal)) {}

  // `text`: whole lines of the file, the first ones if they are at hand.  `resumed`: what it was
  // before a restart.  A format without a parser: there are only blank lines, which any format
  // skips.  Nothing: fatal was called.
  std::optional<Format> Choose(const FileInfo& file, std::string_view text,
                               std::optional<Format> resumed);

  // What the checkpoint says of the file that was at `path`: its SavedFile::state.
  void Remember(const std::string& path, std::string_view state);
  // It is worth being kept for Remember.
  bool Notes(const Format& format) const { return options_.fixed == nullptr && !format.guessed; }

  // The records `lines` of a file of format `now`, the first at `offset` of it, were refused by its
  // parser.  If they are of another format this is said, and which it is; nothing if the file is to
  // be read as it was: another was asked for by name, or `mixed`, or `shared` (its records are read
  // by all workers at once) and the other cannot be read so.
  struct Doubt {
    Format now;
    const ParserConfig& config;
    uint64_t offset = 0;
    bool mixed = false;  // with good ones
    bool shared = false;
  };
  enum class Judgement : uint8_t { kUnknown, kTold, kChange };
  Judgement Reconsider(const FileInfo& file, const Doubt& doubt,
                       std::span<const std::string_view> lines, Format* other);

  // How many files were found to be of each format, if that was not said of each of them; else
  // empty.
  std::map<std::string, uint64_t> Found() const;

 private:
  struct Ranking {
    const ParserSpec* best = nullptr;
    const ParserSpec* second = nullptr;
    Confidence confidence;
    Confidence runner_up;
  };
  static Ranking Rank(std::span<const ParserSpec* const> candidates,
                      std::span<const std::string_view> lines);
  std::optional<Format> Before(const std::string& path) const;
  void Remember(const std::string& path, const Format& format);
  std::optional<Format> Sniff(const FileInfo& file, std::span<const std::string_view> wrapped,
                              Wrapper wrapper, const std::optional<Format>& before);
  bool Inherits(const Format& before, const Ranking& ranking,
                std::span<const std::string_view> lines) const;
  Format Inherited(const FileInfo& file, Format format, std::span<const std::string_view> lines);
  std::optional<Format> Unknown(const FileInfo& file, Wrapper wrapper, const Ranking& ranking,
                                std::span<const std::string_view> lines);
  void Tell(Log::Level level, const std::string& format, const Error& what);
  Format Choice(const FileInfo& file, const FormatChoice& choice) const;

  const Options options_;
  Log& log_;
  const std::function<void(Error)> fatal_;

  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> found_;  // guarded by mutex_
  uint64_t files_ = 0;                     // guarded by mutex_
  // What the last file at each path was, by the path's hash.
  std::unordered_map<uint64_t, Format> before_;  // guarded by mutex_
};

}  // namespace hctail
