// SPDX-License-Identifier: Apache-2.0
#include "tail/tailer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "base/file.h"

namespace hctail {

namespace {

std::vector<SavedFile> NewestOf(std::vector<SavedFile> saved) {
  std::map<std::string, SavedFile> newest;
  for (SavedFile& file : saved) {
    if (file.gone) file.gap_since = 0;  // a newer one has it, if it is not closed
    const auto [it, is_new] = newest.try_emplace(file.path, file);
    if (is_new) continue;
    const int64_t a = it->second.gap_since;
    const int64_t b = file.gap_since;
    if (file.id > it->second.id) it->second = std::move(file);
    it->second.gap_since = a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
  }
  std::vector<SavedFile> files;
  files.reserve(newest.size());
  for (auto& [path, file] : newest) files.push_back(std::move(file));
  return files;
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
      patterns_(options_.patterns.begin(), options_.patterns.end()),
      saved_(files, options_.saved),
      newest_(NewestOf(std::move(options_.saved))) {
  for (const PathPattern& pattern : patterns_) {
    const bool known =
        saved_.AnyPath([&](const std::string& path) { return pattern.Matches(path); });
    if (known || std::ranges::find(options_.expected, pattern.text()) != options_.expected.end()) {
      followed_.push_back(&pattern);
    }
    if (!known && !options_.stop_at_end) listener_.OnFollowing(pattern.text());
  }
}

std::optional<Instant> Tailer::next_wake() const {
  if (options_.stop_at_end) return std::nullopt;
  Instant wake = scan_due_ ? scan_not_before_ : next_scan_;
  if (unwatched_ > 0) wake = std::min(wake, next_poll_);
  if (!quiet_.empty()) wake = std::min(wake, quiet_.begin()->first);
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
  if (unpacking_) UnpackOn();
  Look();
  lacks_room_ = false;
  const Instant now = clock_.Now();
  while (true) {
    if (!ready_.empty()) {
      TailedFile* const file = ready_.front();
      ready_.pop_front();
      file->ready = false;
      if (!ReadOne(file, chunk, now)) return;
    } else if (!backlog_.empty()) {
      const std::string path = std::move(backlog_.front());
      backlog_.pop_front();
      Open(path);
    } else if (!claimed_) {
      claimed_ = true;
      ClaimRotatedWhileDown();
      ReportGone();
    } else {
      break;
    }
  }
  while (!quiet_.empty() && quiet_.begin()->first <= now && !lacks_room_) {
    lacks_room_ = !TakeQuiet(chunk, now);
  }
}

void Tailer::TakeChanges() {
  const Watcher::Changes changes = watcher_.Take();
  for (const FileKey key : changes.files) {
    if (const auto it = by_key_.find(key); it != by_key_.end()) MarkReady(it->second);
  }
  for (const FileKey key : changes.written) {
    if (const auto it = by_key_.find(key); it != by_key_.end()) it->second->written = true;
  }
  for (const FileKey key : changes.unwatched) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) continue;
    it->second->watch_due = true;
    MarkReady(it->second);
  }
  if (changes.overflow) {
    for (const auto& [inode, file] : open_) {
      file->watch_due = true;
      MarkReady(file.get());
    }
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
  file->file().SetNeed(OpenFile::Need::kMuch);
  ready_.push_back(file);
}

// The inode's number is another's by now, or the file system was unmounted, and can still be read.
void Tailer::Rewatch(TailedFile* file) {
  file->watch_due = false;
  if (!file->watched) return;
  file->watched = watcher_.WatchFile(file->key(), file->file().descriptor());
  if (!file->watched) ++unwatched_;
  MarkReady(file);  // it may have grown before it was watched
}

bool Tailer::ReadOne(TailedFile* file, Chunk* chunk, Instant now) {
  if (options_.stop_at_end && options_.enough && options_.enough(file->key())) {
    Leave(file, chunk, SourceListener::Closing::kFinished);
    return true;
  }
  if (file->head_due) {
    if (!file->TakeHead(chunk)) {
      MarkReady(file);
      return chunk->empty();
    }
    file->head_due = false;
  }
  const uint64_t offset = file->offset();
  // It was empty when it was opened.
  if (offset == 0 && file->identity().head_length == 0 && !file->packed() &&
      IsPacked(file->file())) {
    GiveUp(file, chunk);
    return true;
  }
  const uint64_t seen = offset + file->unended();
  const TailedFile::Progress progress = file->ReadLines(chunk);
  if (progress != TailedFile::Progress::kTruncated) file->came_from.clear();
  const bool grew = file->offset() + file->unended() != seen;
  if (grew) {
    file->last_read = now;
    file->last_look = false;
    if (!options_.stop_at_end && file->quiet_due == Duration::zero() &&
        options_.idle_after > Duration::zero()) {
      file->quiet_due = options_.idle_after;
      quiet_.emplace(now + file->quiet_due, file->key());
    }
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
      return chunk->empty() || chunk->room() > options_.lines.max_line;
    case TailedFile::Progress::kTruncated:
      Truncated(file, chunk);
      return false;  // others come first, whoever rewrites this one all the time
    case TailedFile::Progress::kFailed:
      Fault(file, chunk);
      return true;
    case TailedFile::Progress::kAtEnd:
      return AtEnd(file, chunk);
  }
  return true;
}

// False if the room of `chunk` is spent.
bool Tailer::AtEnd(TailedFile* file, Chunk* chunk) {
  const bool leave = file->orphan && file->last_look;
  if (!options_.stop_at_end && !leave && !file->whole_packed()) {
    const bool wanted = file->orphan || file->unended() > 0;
    file->written = false;
    if (file->watch_due) Rewatch(file);
    if (file->ready) return true;
    file->file().SetNeed(wanted ? OpenFile::Need::kSome : OpenFile::Need::kNone);
    return true;
  }
  const auto closing = options_.stop_at_end ? SourceListener::Closing::kFinished
                                            : SourceListener::Closing::kRotatedAway;
  // Once: Close may have to be called again.
  if (file->cut_off() && !std::exchange(file->fault_told, true)) {
    listener_.OnAbandoned(file->key(), file->offset() + file->unended(),
                          file->offset() + file->unended() + 1, file->Why());
  }
  if (Close(file, chunk, closing)) return true;
  MarkReady(file);
  return false;
}

// Looks at the file that has been quiet longest.  False if `chunk` lacks the room.
bool Tailer::TakeQuiet(Chunk* chunk, Instant now) {
  const FileKey key = quiet_.begin()->second;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    quiet_.erase(quiet_.begin());
    return true;
  }
  TailedFile* const file = found->second;
  const Duration quiet = now - file->last_read;
  if (quiet < options_.idle_after) {
    file->quiet_due = options_.idle_after;
  } else {
    const Duration flush = options_.flush_partial_after;
    const bool flushes = flush > Duration::zero() && file->unended() > 0 && !file->fault_told;
    if (flushes && quiet >= flush && !file->TakeUnended(chunk, /*final=*/false)) return false;
    const bool holding = listener_.Holding(key);
    if (holding) {
      chunk->Append({.file = key,
                     .offset = file->offset(),
                     .kind = Segment::Kind::kPause,
                     .pause = Segment::Pause::kIdle,
                     .quiet = quiet});
    }
    file->quiet_due = holding || !listener_.Settled(key) ? 2 * quiet : Duration::zero();
    if (flushes && quiet < flush) file->quiet_due = flush;
  }
  quiet_.erase(quiet_.begin());
  if (file->quiet_due > Duration::zero()) quiet_.emplace(file->last_read + file->quiet_due, key);
  return true;
}

void Tailer::Stop(Chunk* chunk) {
  for (const auto& [key, file] : by_key_) {
    if (!listener_.Holding(key)) continue;
    chunk->Append({.file = key,
                   .offset = file->offset(),
                   .kind = Segment::Kind::kPause,
                   .pause = Segment::Pause::kShutdown});
  }
}

// The file is not what it was.  What was not read of it may stand in a copy.
void Tailer::Truncated(TailedFile* file, Chunk* chunk) {
  auto copy = FindCopyOf(*file);
  log_.Info(fmt::format(
      "'{}' was truncated: reading it from the beginning{}", file->path(),
      copy ? fmt::format(", and the rest of what it held from '{}'", copy->path) : std::string()));
  if (copy) {
    ReadOnFromCopy(file, std::move(*copy));
  } else if (!IsPacked(file->file())) {
    Restart(file, chunk);
  } else {
    GiveUp(file, chunk);
  }
}

// What is there now is packed: to be opened as such.
void Tailer::GiveUp(TailedFile* file, Chunk* chunk) {
  const Inode inode(file->identity().device, file->identity().inode);
  if (file->largest_seen() > file->offset()) {
    listener_.OnAbandoned(file->key(), file->offset(), file->largest_seen(),
                          "a packed file took its place before they were read");
  }
  Leave(file, chunk, SourceListener::Closing::kTruncated);
  left_.erase(inode);
  scan_due_ = true;
}

// The generation goes on in the copy, and the file begins as a new one.
void Tailer::ReadOnFromCopy(TailedFile* file, SavedPositions::Sibling copy) {
  FileIdentity identity{.device = file->identity().device, .inode = file->identity().inode};
  const std::string path = file->path();
  const bool was_orphan = file->orphan;
  const int64_t modified = copy.log.stat.modified;
  std::unique_ptr<OpenFile> truncated = Move(file, std::move(copy.log));
  file->orphan = !Wanted(copy.path);
  if (!was_orphan && file->orphan) ++orphans_;
  if (was_orphan && !file->orphan) --orphans_;
  if (!file->orphan) {
    SetPath(file, copy.path);
    listener_.OnIdentity(file->key(), file->path(), file->identity());
  }
  NoteGap(path, modified + 1);
  scan_due_ = true;
  if (IsPacked(*truncated)) return;  // the scan opens it as such

  auto fresh = std::make_unique<TailedFile>(NewFileKey(), path, std::move(truncated), identity, 0,
                                            options_.lines);
  fresh->RefreshIdentity();
  Add(std::move(fresh), {.path = path, .found_at = path, .orphan = was_orphan}, /*saved_id=*/0,
      /*offset=*/0);
}

// `file` is read on from its copy; returns what was open before.
std::unique_ptr<OpenFile> Tailer::Move(TailedFile* file, OpenedLog copy) {
  const Inode to(copy.stat.device, copy.stat.inode);
  watcher_.UnwatchFile(file->key());
  if (!file->watched && !options_.stop_at_end) --unwatched_;
  auto node = open_.extract(Inode(file->identity().device, file->identity().inode));
  std::unique_ptr<OpenFile> before = file->MoveTo(std::move(copy.file), to.first, to.second);
  node.key() = to;
  open_.insert(std::move(node));
  copies_.erase(to);
  file->watched =
      !options_.stop_at_end && watcher_.WatchFile(file->key(), file->file().descriptor());
  if (!file->watched && !options_.stop_at_end) ++unwatched_;
  file->scan = scan_;
  file->last_read = clock_.Now();
  file->modified_at_path = copy.stat.modified;
  listener_.OnIdentity(file->key(), file->path(), file->identity());
  MarkReady(file);
  return before;
}

// The new generation is known before the old one is forgotten: whoever is killed in between starts
// again from one of them, not from the end of an unknown file.
void Tailer::Restart(TailedFile* file, Chunk* chunk) {
  const FileKey old = file->key();
  const uint64_t end = file->offset();
  if (file->largest_seen() > end) {
    listener_.OnAbandoned(old, end, file->largest_seen(), "truncated before they were read");
  }
  chunk->Append(
      {.file = old, .offset = end, .kind = Segment::Kind::kPause, .pause = Segment::Pause::kEnd});
  Remember(*file);
  NoteGap(file->path(), file->modified_whole());
  file->came_from.clear();
  file->Restart(NewFileKey());
  file->head_due = false;
  file->quiet_due = {};
  by_key_[file->key()] = file;
  listener_.OnOpened({.file = file->key(),
                      .path = file->path(),
                      .identity = file->identity(),
                      .offset = 0,
                      .gap_since = GapSince(file->path()),
                      .live = !options_.stop_at_end,
                      .present_at_start = false});
  by_key_.erase(old);
  listener_.OnClosed(old, SourceListener::Closing::kTruncated, end);
  if (file->watched) watcher_.WatchFile(file->key(), file->file().descriptor());
  watcher_.UnwatchFile(old);
  MarkReady(file);
}

void Tailer::Fault(TailedFile* file, Chunk* chunk) {
  if (file->error() == ESTALE && !options_.stop_at_end) {
    Missing(file, chunk);
    return;
  }
  if (options_.stop_at_end) {
    const auto stat = file->file().Stat();
    const uint64_t size = stat && !file->packed() ? stat->size : 0;
    listener_.OnAbandoned(file->key(), file->offset(), std::max(size, file->offset() + 1),
                          file->Why());
    Leave(file, chunk, SourceListener::Closing::kFinished);
    return;
  }
  if (!std::exchange(file->fault_told, true)) {
    log_.Warn(fmt::format("cannot read '{}': {}", file->path(), file->Why()),
              "It is tried again until it can be read.");
  }
  if (file->watched) {
    file->watched = false;  // polled from now on, so that it is tried again
    ++unwatched_;
  }
}

// It was not open, or on another machine, and has no name beside the one it had.
void Tailer::Missing(TailedFile* file, Chunk* chunk) {
  // Without its watch it is certain, and its number may be another's before the next scan.
  file->missing = !file->orphan && !file->watch_due;
  if (file->missing) {
    scan_due_ = true;  // it may be in another folder
    return;
  }
  if (!file->orphan) NoteGap(file->path(), file->modified_at_path);
  const uint64_t begin = file->handed_to();
  const uint64_t seen = std::max(file->largest_seen(), file->size_seen);
  if (file->written || seen > begin) {
    if (auto copy = FindCopyOf(*file)) {
      Move(file, std::move(copy->log));  // it was packed, or copied
      return;
    }
    listener_.OnAbandoned(file->key(), begin, std::max(seen, begin + 1),
                          seen > begin ? "it was deleted while it was not open"
                                       : "it was deleted while it was not open, and written to "
                                         "before; how much is not known");
  }
  Leave(file, chunk, SourceListener::Closing::kRotatedAway);
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
  if (!file->TakeUnended(chunk, /*final=*/true)) return false;
  if (file->error() != 0 && file->unended() > 0) {
    listener_.OnAbandoned(file->key(), file->offset(), file->offset() + file->unended(),
                          file->Why());
  }
  Leave(file, chunk, closing);
  return true;
}

void Tailer::Leave(TailedFile* file, Chunk* chunk, SourceListener::Closing closing) {
  chunk->Append({.file = file->key(),
                 .offset = file->offset(),
                 .kind = Segment::Kind::kPause,
                 .pause = Segment::Pause::kEnd});
  Remember(*file);
  watcher_.UnwatchFile(file->key());
  by_key_.erase(file->key());
  if (!file->watched && !options_.stop_at_end) --unwatched_;
  if (file->orphan) --orphans_;
  ErasePath(file);
  const Inode inode(file->identity().device, file->identity().inode);
  const auto stat = file->file().Stat();
  const bool grew = file->whole_packed() && stat && stat->size != file->offset();
  auto& closed = options_.stop_at_end || file->packed() ? done_ : left_;
  closed[inode] = stat && !grew ? stat->modified : 0;
  if (file->whole_packed() && stat && !grew) listener_.OnWhole(file->key(), stat->modified);
  listener_.OnClosed(file->key(), closing, file->offset());
  open_.erase(inode);
}

// It may come back under another name, or packed.
void Tailer::Remember(const TailedFile& file) {
  SavedFile position = file.Position();
  if (!file.came_from.empty()) position.path = file.came_from;
  position.id = listener_.SavedIdOf(file.key());
  saved_.AddClosed(std::move(position), file.key());
}

}  // namespace hctail
