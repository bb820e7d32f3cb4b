// SPDX-License-Identifier: Apache-2.0
#include "tail/tailer.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/file.h"
#include "base/fingerprint.h"

namespace hctail {
namespace {

constexpr Duration kScanInterval = std::chrono::seconds(10);
constexpr Duration kBlindScanInterval = std::chrono::seconds(1);
// Of the reader's time, scanning takes at most one part in this many.
constexpr int kScanShare = 20;
// While files are being renamed at that very moment.
constexpr int kMaxTries = 10;

bool Matches(const std::string& pattern, const std::string& path) {
  if (!HasWildcard(pattern)) return pattern == path;
  return ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
}

}  // namespace

FileKey NewFileKey() {
  static std::atomic<FileKey> next = 1;
  return next.fetch_add(1, std::memory_order_relaxed);
}

Tailer::Tailer(FileSystem& files, Watcher& watcher, const Clock& clock, Log& log,
               SourceListener& listener, TailOptions options)
    : files_(files),
      watcher_(watcher),
      clock_(clock),
      log_(log),
      listener_(listener),
      options_(std::move(options)),
      saved_(files, std::move(options_.saved)) {
  for (const std::string& pattern : options_.patterns) {
    if (std::ranges::any_of(saved_.unclaimed(),
                            [&](const SavedFile& saved) { return Matches(pattern, saved.path); })) {
      followed_.push_back(pattern);
    }
  }
}

std::optional<Instant> Tailer::next_wake() const {
  if (options_.stop_at_end) return std::nullopt;
  Instant wake = scan_due_ ? scan_not_before_ : next_scan_;
  if (unwatched_ > 0) wake = std::min(wake, next_poll_);
  if (orphans_ > 0) {
    for (const auto& [inode, file] : open_) {
      // One that cannot be read is polled, and is not closed before it was read.
      if (file->orphan && !file->ready && !file->fault_told) {
        wake = std::min(wake, file->last_read + kOrphanGrace);
      }
    }
  }
  return wake;
}

void Tailer::Look() {
  const Instant now = clock_.Now();
  TakeChanges();
  if (options_.stop_at_end && scanned_) return;
  if ((scan_due_ && now >= scan_not_before_) || now >= next_scan_) Scan(now);
  if (unwatched_ > 0 && now >= next_poll_) PollUnwatched(now);
  if (orphans_ > 0) LookAtQuietOrphans(now);
}

void Tailer::Read(Chunk* chunk) {
  Look();
  const Instant now = clock_.Now();
  while (true) {
    if (!ready_.empty()) {
      TailedFile* const file = ready_.front();
      ready_.pop_front();
      file->ready = false;
      if (!ReadOne(file, chunk, now)) break;
    } else if (!backlog_.empty()) {
      const std::string path = std::move(backlog_.front());
      backlog_.pop_front();
      Open(path);
    } else if (!claimed_) {
      ClaimRotatedWhileDown();
    } else {
      break;
    }
  }
}

void Tailer::TakeChanges() {
  const Watcher::Changes changes = watcher_.Take();
  for (const FileKey key : changes.files) {
    if (const auto it = by_key_.find(key); it != by_key_.end()) MarkReady(it->second);
  }
  if (changes.overflow) {
    for (const auto& [inode, file] : open_) MarkReady(file.get());
  }
  if (changes.directories || changes.overflow) scan_due_ = true;
}

void Tailer::PollUnwatched(Instant now) {
  next_poll_ = now + kPollInterval;
  for (const auto& [inode, file] : open_) {
    if (file->watched) continue;
    const auto stat = file->file().Stat();
    if (!stat || stat->size != file->size_seen || stat->modified != file->modified_seen ||
        file->fault_told) {
      MarkReady(file.get());
    }
    if (!stat) continue;
    file->size_seen = stat->size;
    file->modified_seen = stat->modified;
  }
}

// They are read once more before they are closed: not every write is announced.
void Tailer::LookAtQuietOrphans(Instant now) {
  for (const auto& [inode, file] : open_) {
    if (!file->orphan || file->ready || file->fault_told) continue;
    if (now - file->last_read < kOrphanGrace) continue;
    file->last_look = true;
    MarkReady(file.get());
  }
}

void Tailer::MarkReady(TailedFile* file) {
  if (file->ready) return;
  file->ready = true;
  ready_.push_back(file);
}

bool Tailer::Excluded(const std::string& path) const {
  return std::ranges::any_of(options_.exclude, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
  });
}

// Watches every directory in which a matching file could appear; false if one cannot be.
bool Tailer::WatchDirectories() {
  bool all = true;
  for (const std::string& pattern : options_.patterns) {
    for (size_t slash = pattern.find('/', 1); slash != std::string::npos;
         slash = pattern.find('/', slash + 1)) {
      const size_t next = std::min(pattern.find('/', slash + 1), pattern.size());
      // Only the parents of a wildcard component, and of the file itself, can bring new files.
      if (next != pattern.size() && !HasWildcard(pattern.substr(slash, next - slash))) continue;
      const std::vector<std::string> parents = files_.Glob(pattern.substr(0, slash));
      for (const std::string& parent : parents) {
        const auto stat = files_.Stat(parent);
        if (!stat || stat->type != FileStat::Type::kDirectory) continue;
        all &= watcher_.WatchDirectory(parent);
      }
      all &= !parents.empty();
    }
    const size_t first = pattern.find('/', pattern.starts_with('/') ? 1 : 0);
    if (first == std::string::npos || HasWildcard(pattern.substr(0, first))) {
      all &= watcher_.WatchDirectory(pattern.starts_with('/') ? "/" : ".");
    }
  }
  return all;
}

void Tailer::Scan(Instant now) {
  scan_due_ = false;
  ++scan_;
  // First the watches, then the look: a file that comes in between is seen by either.
  directories_watched_ = !options_.stop_at_end && WatchDirectories();
  for (const std::string& pattern : options_.patterns) {
    for (const std::string& path : files_.Glob(pattern)) {
      if (!Excluded(path)) ScanPath(path);
    }
  }
  for (const auto& [inode, file] : open_) {
    if (file->scan == scan_ || file->orphan) continue;
    file->orphan = true;
    file->last_read = now;
    ++orphans_;
    MarkReady(file.get());
  }
  if (!claimed_ && !options_.stop_at_end) ClaimRotatedWhileDown();
  scanned_ = true;
  const Instant end = clock_.Now();
  next_scan_ = end + (directories_watched_ ? kScanInterval : kBlindScanInterval);
  scan_not_before_ = end + (end - now) * kScanShare;
}

void Tailer::ScanPath(const std::string& path) {
  const auto stat = files_.Stat(path);
  if (!stat || stat->type == FileStat::Type::kDirectory) return;
  if (stat->type == FileStat::Type::kOther) {
    if (told_.insert(path).second) {
      log_.Warn(fmt::format("skipping '{}': not a regular file", path),
                "To read a pipe, give it on standard input: hctail -f - < PIPE");
    }
    return;
  }
  const Inode inode(stat->device, stat->inode);
  if (const auto it = open_.find(inode); it != open_.end()) {
    TailedFile* const file = it->second.get();
    if (file->orphan) {
      file->orphan = false;
      file->last_look = false;
      --orphans_;
    }
    // Of several paths to one file (hard links, overlapping patterns) the first one found counts.
    if (file->scan != scan_ && file->path() != path) {
      file->set_path(path);
      listener_.OnIdentity(file->key(), path, file->identity());
    }
    file->scan = scan_;
    return;
  }
  if (options_.stop_at_end) {
    backlog_.push_back(path);
  } else {
    Open(path);
  }
}

void Tailer::Open(const std::string& path) {
  auto opened = files_.Open(path);
  auto stat =
      opened ? (*opened)->Stat() : std::expected<FileStat, int>(std::unexpected(opened.error()));
  if (stat) {
    const Inode inode(stat->device, stat->inode);
    if (stat->type != FileStat::Type::kRegular || open_.contains(inode) ||
        finished_.contains(inode)) {
      return;
    }
    // Without its content it cannot be recognised: not followed before it can be read.
    char first = 0;
    const auto n = (*opened)->ReadAt(0, &first, 1);
    if (n) {
      told_.erase(path);
      Follow(path, std::move(*opened), *stat, /*orphan=*/false);
      return;
    }
    stat = std::unexpected(n.error());
  }
  if (options_.stop_at_end) {
    listener_.OnUnreadable(path, ErrnoText(stat.error()));
  } else if (stat.error() != ENOENT && told_.insert(path).second) {
    log_.Warn(fmt::format("cannot read '{}': {}", path, ErrnoText(stat.error())),
              "It is tried again at every scan.");
  }
}

void Tailer::Follow(const std::string& path, std::unique_ptr<OpenFile> opened, const FileStat& stat,
                    bool orphan) {
  FileIdentity identity{.device = stat.device, .inode = stat.inode};
  HashHeadOf(*opened, kHeadLimit, &identity);
  const std::optional<SavedFile> saved = saved_.Claim(*opened, identity);
  const uint64_t offset = saved ? saved->offset : StartOffset(*opened, path, stat.size);
  auto owned =
      std::make_unique<TailedFile>(NewFileKey(), path, std::move(opened), identity, offset);
  TailedFile* const file = owned.get();
  file->scan = scan_;
  file->orphan = orphan;
  file->last_read = clock_.Now();
  if (orphan) ++orphans_;
  open_.emplace(Inode(stat.device, stat.inode), std::move(owned));
  by_key_[file->key()] = file;
  listener_.OnOpened({.file = file->key(),
                      .path = path,
                      .identity = identity,
                      .offset = offset,
                      .saved_id = saved ? saved->id : 0,
                      .present_at_start = options_.stop_at_end || !scanned_});
  if (!options_.stop_at_end) {
    file->watched = watcher_.WatchFile(file->key(), file->file().descriptor());
    if (!file->watched) ++unwatched_;
  }
  MarkReady(file);
}

// Files that were rotated away while nobody looked are read to their end.
void Tailer::ClaimRotatedWhileDown() {
  claimed_ = true;
  const auto known = [&](const FileStat& stat) {
    const Inode inode(stat.device, stat.inode);
    return open_.contains(inode) || finished_.contains(inode);
  };
  int tries = 0;
  do {
    const std::vector<SavedFile> unclaimed = saved_.unclaimed();
    for (const SavedFile& saved : unclaimed) {
      if (!Wanted(saved.path)) continue;
      auto sibling = saved_.OpenSibling(saved, known);
      // Under its old path, as if it had been rotated away while it was followed.
      if (sibling) Follow(saved.path, std::move(sibling->file), sibling->stat, /*orphan=*/true);
    }
  } while (++tries < kMaxTries && saved_.SiblingsChanged());
  saved_.EraseIf([&](const SavedFile& saved) {
    const auto there = files_.Stat(saved.path);
    if (!there || !known(*there)) return false;
    listener_.OnGone(saved);
    return true;
  });
}

// Positions of other files may be in the same checkpoint.
bool Tailer::Wanted(const std::string& path) const {
  return !Excluded(path) && std::ranges::any_of(options_.patterns, [&](const std::string& pattern) {
    return Matches(pattern, path);
  });
}

uint64_t Tailer::StartOffset(OpenFile& file, const std::string& path, uint64_t size) const {
  if (options_.read_from == ReadFrom::kBeginning || options_.stop_at_end || scanned_) return 0;
  if (options_.read_from == ReadFrom::kLast) {
    // Another file took a path that was followed before, or a new one joined a known pattern: it
    // came while hctail was down, and all of it is news.
    const bool known = std::ranges::any_of(
        followed_, [&](const std::string& pattern) { return Matches(pattern, path); });
    if (known) return 0;
  }
  // A line that is being written is read whole, so the end is the start of the last line.
  char window[4096];
  uint64_t end = size;
  while (end > 0 && size - end < options_.max_line) {
    const uint64_t begin = end > sizeof window ? end - sizeof window : 0;
    const size_t length = ReadFully(file, begin, window, end - begin).size;
    if (length != end - begin) break;
    if (const void* newline = ::memrchr(window, '\n', length)) {
      return begin + static_cast<uint64_t>(static_cast<const char*>(newline) - window) + 1;
    }
    end = begin;
  }
  return end == 0 ? 0 : size;
}

bool Tailer::ReadOne(TailedFile* file, Chunk* chunk, Instant now) {
  const uint64_t offset = file->offset();
  const uint64_t seen = offset + file->unended();
  const TailedFile::Progress progress = file->ReadLines(chunk, options_.max_line);
  const bool grew = file->offset() + file->unended() != seen;
  if (grew) {
    file->last_read = now;
    file->last_look = false;
  }
  if ((grew || file->head_shrank()) && file->RefreshIdentity()) {
    listener_.OnIdentity(file->key(), file->path(), file->identity());
  }
  if (file->fault_told && (progress == TailedFile::Progress::kAtEnd || file->offset() != offset)) {
    Recovered(file);
  }
  switch (progress) {
    case TailedFile::Progress::kRoomSpent:
      MarkReady(file);
      return chunk->empty();
    case TailedFile::Progress::kTruncated:
      Restart(file);
      break;
    case TailedFile::Progress::kFailed:
      Fault(file);
      break;
    case TailedFile::Progress::kAtEnd: {
      if (!options_.stop_at_end && !(file->orphan && file->last_look)) break;
      const auto closing = options_.stop_at_end ? SourceListener::Closing::kFinished
                                                : SourceListener::Closing::kRotatedAway;
      if (Close(file, chunk, closing)) break;
      MarkReady(file);
      return false;
    }
  }
  return true;
}

// The new generation is known before the old one is forgotten: whoever is killed in between starts
// again from one of them, not from the end of an unknown file.
void Tailer::Restart(TailedFile* file) {
  log_.Info(fmt::format("'{}' was truncated: reading it from the beginning", file->path()));
  const FileKey old = file->key();
  const uint64_t end = file->offset();
  file->Restart(NewFileKey());
  by_key_[file->key()] = file;
  listener_.OnOpened({.file = file->key(),
                      .path = file->path(),
                      .identity = file->identity(),
                      .offset = 0,
                      .present_at_start = false});
  by_key_.erase(old);
  listener_.OnClosed(old, SourceListener::Closing::kTruncated, end);
  if (file->watched) watcher_.WatchFile(file->key(), file->file().descriptor());
  watcher_.UnwatchFile(old);
  MarkReady(file);
}

void Tailer::Fault(TailedFile* file) {
  if (options_.stop_at_end) {
    const auto stat = file->file().Stat();
    listener_.OnAbandoned(file->key(), file->offset(),
                          stat ? std::max(stat->size, file->offset() + 1) : file->offset() + 1,
                          ErrnoText(file->error()));
    Close(file, nullptr, SourceListener::Closing::kFinished);
    return;
  }
  if (!std::exchange(file->fault_told, true)) {
    log_.Warn(fmt::format("cannot read '{}': {}", file->path(), ErrnoText(file->error())),
              "It is tried again until it can be read.");
  }
  if (file->watched) {
    file->watched = false;  // polled from now on, so that it is tried again
    ++unwatched_;
  }
}

void Tailer::Recovered(TailedFile* file) {
  file->fault_told = false;
  if (options_.stop_at_end || file->watched) return;
  file->watched = watcher_.WatchFile(file->key(), file->file().descriptor());
  if (!file->watched) return;
  --unwatched_;
  MarkReady(file);  // it may have grown before it was watched
}

bool Tailer::Close(TailedFile* file, Chunk* chunk, SourceListener::Closing closing) {
  if (chunk != nullptr) {
    if (!file->TakeUnended(chunk, options_.max_line)) return false;
    if (file->unended() > 0) {
      listener_.OnAbandoned(file->key(), file->offset(), file->offset() + file->unended(),
                            ErrnoText(file->error()));
    }
  }
  watcher_.UnwatchFile(file->key());
  by_key_.erase(file->key());
  if (!file->watched && !options_.stop_at_end) --unwatched_;
  if (file->orphan) --orphans_;
  const Inode inode(file->identity().device, file->identity().inode);
  if (options_.stop_at_end) finished_.insert(inode);
  listener_.OnClosed(file->key(), closing, file->offset());
  open_.erase(inode);
  return true;
}

}  // namespace hctail
