// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_loader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "checkpoint/number_text.h"
#include "checkpoint/state_directory.h"

namespace hctail {
namespace {

// One of the files, as found.
struct Part {
  std::string path;
  bool present = false;
  std::string unreadable;  // why, if it is there but reading it failed
  std::string text;
  std::optional<Header> header;

  uint64_t generation() const { return header ? header->generation : 0; }
  bool Continues(uint64_t generation) const { return header && header->generation == generation; }
};

struct Parts {
  Part old, old_log, snapshot, log;
};

Status ReadPart(TextKind kind, Part* part) {
  struct stat info{};
  if (::stat(part->path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return Fail(fmt::format("cannot read '{}': {}", part->path, ErrnoText(errno)));
  }
  part->present = true;
  if (::faccessat(AT_FDCWD, part->path.c_str(), R_OK, AT_EACCESS) != 0) {
    const int error = errno;  // before DescribePermissions, which may come first
    return Fail(fmt::format("cannot read '{}': {}", part->path, ErrnoText(error)),
                DescribePermissions(part->path));
  }
  if (!S_ISREG(info.st_mode)) {
    part->unreadable = "it is not a regular file";
    return {};
  }
  if (auto text = ReadWholeFile(part->path)) {
    part->text = std::move(*text);
  } else {
    part->unreadable = std::move(text).error().message;
  }
  part->header = DecodeHeader(part->text, kind);
  if (!part->header || part->header->version <= kFormatVersion) return {};
  return Fail(
      fmt::format("'{}' was written by a newer hctail (format {}; this one knows format {})",
                  part->path, part->header->version, kFormatVersion),
      "Run that hctail again, or give this one another --state-dir; nothing was changed.");
}

Result<Parts> ReadParts(const std::string& directory) {
  Parts parts;
  const auto read = [&](TextKind kind, const char* name, Part* part) {
    part->path = directory + name;
    return ReadPart(kind, part);
  };
  Status status = read(TextKind::kSnapshot, "/checkpoint", &parts.snapshot);
  if (status) status = read(TextKind::kLog, "/checkpoint.log", &parts.log);
  if (status) status = read(TextKind::kSnapshot, "/checkpoint.old", &parts.old);
  if (status) status = read(TextKind::kLog, "/checkpoint.log.old", &parts.old_log);
  if (!status) return std::unexpected(std::move(status).error());
  return parts;
}

std::string WhatIsWrong(const Part& part, const Replayed& replayed) {
  if (!part.present) return "is missing";
  if (!part.unreadable.empty()) return fmt::format("cannot be read ({})", part.unreadable);
  if (part.text.empty()) return "is empty";
  if (!part.header) return "is damaged at line 1";
  if (replayed.damaged > 0) return fmt::format("is damaged at line {}", replayed.first_damaged);
  return "ends too early";
}

void WarnOfDamagedLines(const Part& log, const Replayed& replayed,
                        std::vector<std::string>* warnings) {
  if (replayed.damaged == 0) return;
  const bool one = replayed.damaged == 1;
  warnings->push_back(fmt::format(
      "'{}' has {} (the first is line {}): {} left out, and what was settled since the positions "
      "in {} were saved may be sent again",
      log.path, Counted(replayed.damaged, "damaged line"), replayed.first_damaged,
      one ? "it was" : "they were", one ? "it" : "them"));
}

// The log that goes with a whole snapshot.
void TakeLog(const Part& log, const Part& snapshot, LoadedState* state,
             std::vector<std::string>* warnings) {
  if (!log.present) return;
  if (log.Continues(snapshot.generation())) {
    const Replayed replayed = Replay(log.text, &state->positions);
    WarnOfDamagedLines(log, replayed, warnings);
    state->log_length = replayed.whole_length;
    return;
  }
  // A kill while a new snapshot is put in place leaves the log of one before: it is all in there.
  if (log.header && log.generation() < snapshot.generation()) return;
  const std::string reason =
      log.header ? "belongs to another checkpoint" : WhatIsWrong(log, Replayed{});
  warnings->push_back(
      fmt::format("'{}' {}: it was left out, and what was settled since '{}' was saved may be sent "
                  "again",
                  log.path, reason, snapshot.path));
}

// True if `log` may hold later lines than the snapshots, as far as their generations tell.
bool MayFollow(const Part& log, const Parts& parts) {
  if (!log.header) return false;
  if (parts.snapshot.header) {
    return log.Continues(parts.snapshot.generation()) ||
           log.Continues(parts.snapshot.generation() - 1);
  }
  if (!parts.old.header) return true;
  return log.Continues(parts.old.generation()) || log.Continues(parts.old.generation() + 1);
}

// Takes every whole line there is, oldest first.
void Rebuild(const Parts& parts, LoadedState* state, std::vector<std::string>* warnings) {
  Positions* const positions = &state->positions;
  const Replayed old = Replay(parts.old.text, positions);
  const bool old_is_whole = parts.old.header && old.ended && old.damaged == 0;
  if (parts.old.header && parts.old_log.Continues(parts.old.generation())) {
    Replay(parts.old_log.text, positions);
  }
  const bool log_counts = MayFollow(parts.log, parts);
  const bool log_is_older = parts.log.generation() < parts.snapshot.generation();
  if (log_counts && log_is_older) Replay(parts.log.text, positions);
  const Replayed snapshot = Replay(parts.snapshot.text, positions);
  Replayed log;
  if (log_counts && !log_is_older) log = Replay(parts.log.text, positions);

  // A kill between two renames leaves no snapshot, but the one before and its log tell all.  That
  // log may be missing or stale, if the kill before that one came before it was made.
  const bool log_tells_all =
      parts.log.header ? parts.log.generation() <= parts.old.generation()
                       : !parts.log.present && !parts.old_log.Continues(parts.old.generation());
  const bool was_being_replaced = !parts.snapshot.present && old_is_whole && log_tells_all;
  if (was_being_replaced) {
    WarnOfDamagedLines(parts.log, log, warnings);
    return;
  }
  const std::string wrong = WhatIsWrong(parts.snapshot, snapshot);
  if (positions->files.empty()) {
    warnings->push_back(
        fmt::format("'{}' {} and no position could be recovered: every file is read as a new one",
                    parts.snapshot.path, wrong));
    return;
  }
  warnings->push_back(fmt::format(
      "'{}' {}: {} recovered from what is left of it, the one before and their logs, and what was "
      "settled since may be sent again",
      parts.snapshot.path, wrong,
      positions->files.size() == 1
          ? "1 position was"
          : fmt::format("{} positions were", WithCommas(positions->files.size()))));
}

Result<LoadedState> LoadOnce(const std::string& directory, std::vector<std::string>* warnings) {
  Result<Parts> parts = ReadParts(directory);
  if (!parts) return std::unexpected(std::move(parts).error());
  LoadedState state;
  for (const Part* part : {&parts->snapshot, &parts->log, &parts->old, &parts->old_log}) {
    state.generation = std::max(state.generation, part->generation());
  }
  const bool fresh = !parts->snapshot.present && !parts->log.present && !parts->old.present;
  if (fresh) return state;

  Positions whole;
  const Replayed replayed = Replay(parts->snapshot.text, &whole);
  state.whole_snapshot = parts->snapshot.header && replayed.ended && replayed.damaged == 0;
  if (state.whole_snapshot) {
    state.positions = std::move(whole);
    state.snapshot_length = parts->snapshot.text.size();
    TakeLog(parts->log, parts->snapshot, &state, warnings);
  } else {
    Rebuild(*parts, &state, warnings);
  }
  return state;
}

}  // namespace

Result<LoadedState> LoadState(const std::string& directory, std::vector<std::string>* warnings) {
  // Another hctail may replace the files while they are read (`hctail state show` takes no lock),
  // so what looks damaged is looked at again.
  for (int attempt = 1;; ++attempt) {
    std::vector<std::string> found;
    Result<LoadedState> state = LoadOnce(directory, &found);
    if (found.empty() || attempt == 3) {
      warnings->insert(warnings->end(), found.begin(), found.end());
      return state;
    }
  }
}

}  // namespace hctail
