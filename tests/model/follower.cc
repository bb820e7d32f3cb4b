// SPDX-License-Identifier: Apache-2.0
#include "tests/model/follower.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "base/fingerprint.h"

namespace hctail::model {
namespace {
constexpr size_t kMaxInFlight = 100;  // lines
}  // namespace

Follower::Follower(World& world, TailOptions options, bool on_disk, size_t most_open)
    : world_(world),
      options_(std::move(options)),
      files_(world_.files, most_open),
      bounded_(most_open < 100) {
  if (on_disk) directory_ = std::make_unique<testing::TempDir>();
}

Follower::~Follower() { world_.files.Interfere(nullptr); }

// --- Lives ---

void Follower::Start() {
  ++life_;
  options_.saved = Load();
  bool all_known = true;
  for (const std::string& pattern : options_.patterns) {
    const bool known = std::ranges::any_of(options_.saved, [&](const SavedFile& saved) {
      return ::fnmatch(pattern.c_str(), saved.path.c_str(), FNM_PATHNAME) == 0;
    });
    if (!known && options_.read_from == ReadFrom::kLast) world_.ExcuseFilesOf(pattern);
    all_known &= known;
  }
  watcher_.emplace(world_.files);
  watcher_->refuse_files = world_.random.Below(4) == 0;
  watcher_->refuse_directories = world_.random.Below(4) == 0;
  SourceListener& listener = *this;
  FileSystem& seen = bounded_ ? static_cast<FileSystem&>(files_) : world_.files;
  tailer_ = std::make_unique<Tailer>(seen, *watcher_, clock_, log_, listener, options_);
  world_.Trace(fmt::format("start {} with {} positions{}{}", life_, options_.saved.size(),
                           watcher_->refuse_files ? ", no file watches" : "",
                           watcher_->refuse_directories ? ", no directory watches" : ""));
  if (!all_known) tailer_->Look();  // nothing happens between the excuse and the look
  world_.files.Interfere([this] {
    if (interferences_left_ == 0 || world_.random.Below(50) != 0) return;
    --interferences_left_;
    interfered_ = true;
    world_.ActWithinCall();
  });
}

std::vector<SavedFile> Follower::Load() {
  if (directory_ != nullptr) {
    // A kill leaves what is on disk, not what a destructor adds.
    auto next = std::make_unique<testing::TempDir>();
    std::filesystem::copy(directory_->path(), next->path(),
                          std::filesystem::copy_options::recursive);
    checkpoint_.reset();
    directory_ = std::move(next);
    std::vector<std::string> warnings;
    auto opened =
        CheckpointFile::Open(directory_->path(), CheckpointFile::Access::kExclusive, &warnings);
    if (!opened || !warnings.empty()) {
      Fail("the checkpoint is damaged");
      return {};
    }
    checkpoint_ = std::move(*opened);
    const auto same = [](const auto& a, const auto& b) {
      return a.second.offset == b.second.offset && a.second.path == b.second.path &&
             a.second.identity == b.second.identity && a.second.gap_since == b.second.gap_since &&
             a.second.tail_hash == b.second.tail_hash && a.second.whole == b.second.whole;
    };
    if (!std::ranges::equal(saved_, checkpoint_->files(), same)) Fail("the checkpoint differs");
  }
  std::vector<SavedFile> saved;
  saved.reserve(saved_.size());
  for (const auto& [id, file] : saved_) saved.push_back(file);
  return saved;
}

void Follower::Kill() {
  world_.Trace("kill");
  Gone();
}

void Follower::Stop() {
  world_.Trace("stop");
  api_up = true;
  Settle(true);
  Gone();
}

void Follower::Gone() {
  world_.files.Interfere(nullptr);
  world_.OnHctailGone();
  tailer_.reset();
  watcher_.reset();
  in_flight_.clear();
  for (const auto& [key, entry] : entries_) ledger_.Close(key);
  entries_.clear();
}

// --- Reading, as Pipeline::ReadLoop does it ---

void Follower::Run() {
  static constexpr uint32_t kCapacities[] = {16, 64, 300, 1000, 5000};
  for (int rounds = 0; failure_.empty(); ++rounds) {
    if (rounds > 10'000) return Fail("hctail spins");
    if (in_flight_.size() >= kMaxInFlight) return tailer_->Look();
    Chunk chunk(kCapacities[world_.random.Below(5)]);
    tailer_->Read(&chunk);
    Take(chunk);
    if (bounded_) world_.ExcuseClosed(life_);
    if (const Line* line = world_.ClosedBeforeRead(life_)) {
      return Fail(fmt::format("'{}' was not read before its file was closed", line->text));
    }
    if (!tailer_->ready()) return;
  }
}

void Follower::Wait(Duration time) {
  const Instant end = clock_.Now() + time;
  interferences_left_ = 4;
  int at_once = 0;
  for (int rounds = 0; failure_.empty(); ++rounds) {
    if (rounds > 10'000) return Fail("hctail does not rest");
    const bool can_read = in_flight_.size() < kMaxInFlight;
    if (watcher_->readable() || (tailer_->ready() && can_read)) {
      Run();
      continue;
    }
    Instant wake = std::max(tailer_->next_wake().value_or(end), clock_.Now());
    if (!can_read) wake = std::max(wake, clock_.Now() + std::chrono::milliseconds(250));
    if (wake > end) break;
    const bool now = wake == clock_.Now();
    clock_.Advance(wake - clock_.Now());
    Run();
    const auto next = tailer_->next_wake();
    const bool again = now && can_read && next && *next <= clock_.Now() && !tailer_->ready();
    // Once, to see what a new watch may have missed.
    at_once = again && !interfered_ ? at_once + 1 : 0;
    if (at_once > 1) return Fail("hctail asks to be woken at once, again and again");
    interfered_ = false;
    if (clock_.Now() >= end) break;
  }
  if (clock_.Now() < end) clock_.Advance(end - clock_.Now());
}

void Follower::DisturbWatches() {
  if (watcher_->late) {
    watcher_->late = false;
  } else if (world_.random.Below(2) == 0) {
    watcher_->late = true;  // until the next time
  } else {
    watcher_->Overflow();
  }
}

void Follower::Take(const Chunk& chunk) {
  for (const Segment& segment : chunk.segments()) {
    std::string_view text = chunk.text(segment);
    if (segment.kind == Segment::Kind::kPause && segment.pause == Segment::Pause::kEnd) {
      entries_.at(segment.file).ended = true;
      RetireIfDone(segment.file);
    }
    const bool stands_for_bytes =
        segment.kind != Segment::Kind::kPause && segment.kind != Segment::Kind::kHead;
    if (!stands_for_bytes || segment.tentative) continue;  // no part of a line is a record
    if (segment.kind == Segment::Kind::kHole) {
      Entry& entry = entries_.at(segment.file);
      entry.read_to = segment.offset + segment.length;
      ++entry.in_flight;
      in_flight_.push_back({{segment.file, segment.offset, entry.read_to}, nullptr, {}});
      continue;
    }
    if (segment.kind != Segment::Kind::kLines) {
      TakeLine(segment, segment.offset, text);
      continue;
    }
    for (uint64_t offset = segment.offset; !text.empty();) {
      const size_t size = text.find('\n') + 1;
      if (size == 0) return Fail("lines without an end");
      TakeLine(segment, offset, text.substr(0, size));
      text.remove_prefix(size);
      offset += size;
    }
  }
}

void Follower::TakeLine(const Segment& segment, uint64_t offset, std::string_view text) {
  const bool complete = segment.kind == Segment::Kind::kLines;
  const uint64_t length = complete ? text.size() : segment.length;
  Line* line = world_.Find(text, !complete);
  if (line == nullptr) return Fail(fmt::format("'{}' at {} was never written", text, offset));
  if (text.size() > options_.lines.max_line + 1) return Fail("a long line was not cut");
  // The beginning of a line is not that line: it may be of another.
  if (length != line->text.size()) line = nullptr;
  if (line != nullptr && !line->may_repeat) {
    if (line->committed) return Fail(fmt::format("'{}' was committed and came again", text));
    if (line->read_in_life == life_) return Fail(fmt::format("'{}' came twice in a life", text));
  }
  if (line != nullptr) line->read_in_life = life_;
  Entry& entry = entries_.at(segment.file);
  // An unfinished line that grew after all comes again as a whole.
  const bool came = segment.came_to > 0 && offset == segment.offset;
  if (offset != entry.read_to && !came) return Fail("a gap, or an overlap, in what was read");
  if (came) entry.begin = std::min(entry.begin, offset);
  entry.read_to = std::max(entry.read_to, offset + length);
  ++entry.in_flight;
  Tail tail;
  if (segment.kind != Segment::Kind::kOverlong) {
    const std::string_view end =
        text.substr(text.size() - std::min<size_t>(text.size(), kTailLimit));
    tail = {static_cast<uint32_t>(end.size()), HashBytes(end)};
  }
  in_flight_.push_back({{segment.file, offset, offset + length}, line, tail});
}

// --- Settling, as FileTable does it ---

void Follower::Settle(bool all) {
  while (api_up && !in_flight_.empty() && (all || world_.random.Below(10) != 0)) {
    std::swap(in_flight_[world_.random.Below(static_cast<uint32_t>(in_flight_.size()))],
              in_flight_.back());
    const Read read = in_flight_.back();
    in_flight_.pop_back();
    SettleOne(read);
  }
}

void Follower::SettleOne(const Read& read) {
  Entry& entry = entries_.at(read.span.file);
  --entry.in_flight;
  entry.settled += read.span.end - read.span.begin;
  if (read.line != nullptr) {
    read.line->settled = true;
    entry.settled_lines[read.span.end] = read.line;
  }
  entry.tails[read.span.end] = read.tail;
  if (const auto committed = ledger_.Settle(read.span)) {
    const Tail tail = entry.tails[*committed];
    entry.tails.erase(entry.tails.begin(), entry.tails.upper_bound(*committed));
    if (entry.saved_id != 0) {
      SavedFile& saved = saved_.at(entry.saved_id);
      saved.offset = *committed;
      saved.tail_length = tail.length;
      saved.tail_hash = tail.hash;
      saved.updated = world_.files.seconds();
      world_.OnCommitted(entry.inode, tail.length > 0);
      if (checkpoint_ != nullptr) {
        std::ignore = checkpoint_->Advance(entry.saved_id, {*committed, tail.length, tail.hash},
                                           world_.files.seconds());
      }
    }
    while (!entry.settled_lines.empty() && entry.settled_lines.begin()->first <= *committed) {
      entry.settled_lines.begin()->second->committed = true;
      entry.settled_lines.erase(entry.settled_lines.begin());
    }
  }
  KeepCopies(read.span.file);
  RetireIfDone(read.span.file);
}

void Follower::RetireIfDone(FileKey key) {
  Entry& entry = entries_.at(key);
  if (!entry.closed || !entry.ended || entry.in_flight != 0 || ledger_.Committed(key) < entry.end)
    return;
  if (entry.whole != 0) SetWhole(entry.saved_id, entry.whole);
  SetGone(entry.saved_id, true);
  ledger_.Close(key);
  entries_.erase(key);
}

void Follower::SetGone(uint64_t id, bool gone) {
  saved_.at(id).gone = gone;
  saved_.at(id).updated = world_.files.seconds();
  if (checkpoint_ != nullptr) std::ignore = checkpoint_->SetGone(id, gone, world_.files.seconds());
  if (!gone || saved_.size() <= CheckpointFile::kMostGone) return;
  const auto is_gone = [](const auto& item) { return item.second.gone; };
  if (std::cmp_greater(std::ranges::count_if(saved_, is_gone), CheckpointFile::kMostGone)) {
    saved_.erase(std::ranges::find_if(saved_, is_gone));
  }
}

void Follower::SetWhole(uint64_t id, int64_t modified) {
  const auto saved = saved_.find(id);
  if (saved == saved_.end()) return;
  saved->second.whole = modified;
  if (checkpoint_ != nullptr) std::ignore = checkpoint_->SetWhole(id, modified);
}

uint64_t Follower::SavedIdOf(FileKey key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ? 0 : it->second.saved_id;
}

bool Follower::Settled(FileKey key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ||
         (it->second.in_flight == 0 && ledger_.Committed(key) >= it->second.read_to);
}

void Follower::CheckBalance() {
  for (const auto& [key, entry] : entries_) {
    if (entry.in_flight != 0) Fail("lines are in flight");
    if (entry.closed) Fail("a closed file was not retired");
    if (ledger_.Committed(key) != entry.read_to) Fail("what was read is not committed");
    if (entry.settled != entry.read_to - entry.begin) {
      Fail(fmt::format("inode {}: {} bytes are settled of {} to {}", entry.inode, entry.settled,
                       entry.begin, entry.read_to));
    }
    if (entry.saved_id != 0 && saved_.at(entry.saved_id).offset != entry.read_to) {
      Fail("the checkpoint is behind");
    }
  }
}

// --- Hearing ---

void Follower::OnOpened(const Opened& opened) {
  world_.Trace(fmt::format("opened {} inode {} at {} as {}", opened.path, opened.identity.inode,
                           opened.offset, opened.saved_id));
  world_.OnOpened(opened.identity);
  Entry& entry = entries_[opened.file];
  entry.inode = opened.identity.inode;
  entry.begin = entry.read_to = opened.offset;
  ledger_.Open(opened.file, opened.offset);
  if (opened.saved_id != 0) {
    entry.saved_id = opened.saved_id;
    OnIdentity(opened.file, opened.path, opened.identity);
    SetGone(opened.saved_id, false);
    SetWhole(opened.saved_id, 0);
    OnGap(opened.file, opened.gap_since);
    return;
  }
  SavedFile saved = {.path = opened.path, .identity = opened.identity, .offset = opened.offset};
  saved.gap_since = opened.gap_since;
  saved.updated = opened.as_of != 0 ? opened.as_of : world_.files.seconds();
  entry.saved_id = AddSaved(std::move(saved));
}

uint64_t Follower::AddSaved(SavedFile saved) {
  saved.id = next_id_++;
  saved_[saved.id] = saved;
  Status written;
  if (checkpoint_ != nullptr && checkpoint_->Add(saved, &written) != saved.id) {
    Fail("ids of the checkpoint differ");
  }
  return saved.id;
}

void Follower::OnIdentity(FileKey key, const std::string& path, const FileIdentity& identity) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return Fail("identity of an unknown file");
  const auto saved = saved_.find(it->second.saved_id);
  if (saved == saved_.end()) return Fail("identity of a forgotten position");
  world_.OnIdentity(identity);
  saved->second.path = path;
  saved->second.identity = identity;
  if (checkpoint_ != nullptr) {
    std::ignore = checkpoint_->SetIdentity(it->second.saved_id, path, identity);
  }
}

void Follower::OnClosed(FileKey key, Closing closing, uint64_t end) {
  Entry& entry = entries_.at(key);
  world_.Trace(fmt::format("closed inode {} at {}{}", entry.inode, end,
                           closing == Closing::kTruncated ? ": truncated" : ""));
  entry.closed = true;
  entry.end = end;
  if (closing == Closing::kFinished) Fail("closed although it is followed");
  if (closing == Closing::kRotatedAway) world_.OnRotatedAway(entry.inode);
  RetireIfDone(key);
}

void Follower::OnGap(FileKey key, int64_t since) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return Fail("a gap of an unknown file");
  saved_.at(it->second.saved_id).gap_since = since;
  if (checkpoint_ != nullptr) std::ignore = checkpoint_->SetGap(it->second.saved_id, since);
}

void Follower::OnFollowing(const std::string& pattern) {
  SavedFile saved;
  saved.path = pattern;
  saved.gone = true;
  saved.updated = world_.files.seconds();
  AddSaved(std::move(saved));
}

void Follower::OnCopy(FileKey key, uint64_t read_to, const SavedFile& copy) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return;
  world_.Trace(
      fmt::format("copy {} inode {} of {}", copy.path, copy.identity.inode, it->second.inode));
  it->second.copies.emplace(read_to, copy);
  KeepCopies(key);
}

// As FileTable does it.
void Follower::KeepCopies(FileKey key) {
  auto& copies = entries_.at(key).copies;
  while (!copies.empty() && copies.begin()->first <= ledger_.Committed(key)) {
    world_.OnCopyKept(copies.begin()->second.identity.inode);
    AddSaved(std::move(copies.begin()->second));
    copies.erase(copies.begin());
  }
}

void Follower::OnGone(const SavedFile& saved) {
  world_.Trace(fmt::format("gone {} inode {}", saved.path, saved.identity.inode));
  SetGone(saved.id, true);
}

void Follower::OnPacked(const SavedFile& saved, const std::string& path,
                        const FileIdentity& identity, int64_t modified) {
  world_.Trace(fmt::format("packed {} as {} inode {}", saved.path, path, identity.inode));
  saved_.at(saved.id).identity = identity;
  if (checkpoint_ != nullptr) {
    std::ignore = checkpoint_->SetIdentity(saved.id, saved.path, identity);
  }
  SetGone(saved.id, true);
  SetWhole(saved.id, modified);
}

void Follower::OnUnreadable(const std::string& path, const std::string&) {
  Fail("unreadable: " + path);
}

void Follower::OnAbandoned(FileKey, uint64_t, uint64_t, const std::string&) {
  // Of a truncated file: World knows what could not be read.
}

}  // namespace hctail::model
