// SPDX-License-Identifier: Apache-2.0
#include "tail/spool_source.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/fingerprint.h"

namespace hctail {
namespace {

constexpr size_t kPipeBuffer = 64 * 1024;
constexpr size_t kMostAtOnce = size_t{4} << 20;  // then lines have their turn
constexpr Duration kSyncInterval = std::chrono::seconds(1);
constexpr Duration kRetryInterval = std::chrono::seconds(1);
constexpr Duration kTellInterval = std::chrono::seconds(60);  // a disk that is full again and again

// The spool as a file that is tailed.
class SpoolFile final : public OpenFile {
 public:
  explicit SpoolFile(Spool& spool) : spool_(spool) {}
  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override {
    return spool_.ReadAt(offset, out, size);
  }
  std::expected<FileStat, int> Stat() override {
    FileStat stat;
    stat.size = spool_.end();
    return stat;
  }
  int descriptor() const override { return -1; }

 private:
  Spool& spool_;
};

}  // namespace

SpoolSource::SpoolSource(int fd, Spool& spool, const Clock& clock, Log& log,
                         SourceListener& listener, Options options)
    : fd_(fd),
      spool_(spool),
      lines_{.max_line = options.lines.max_line,
             .lone_cr = options.lines.lone_cr,
             .charset = options.lines.charset.value_or(Charset())},
      clock_(clock),
      log_(log),
      listener_(listener),
      key_(NewFileKey()),
      committed_(std::make_shared<std::atomic<uint64_t>>(0)),
      idle_(key_, options.idle_after, clock, listener) {
  spool_.StartAt(options.saved ? options.saved->offset : 0);
  // Segments that were dropped were settled, whatever the checkpoint says after a power loss.
  const uint64_t offset = std::max(options.saved ? options.saved->offset : 0, spool_.begin());
  *committed_ = offset;
  if (spool_.end() > offset) {
    log_.Info(fmt::format("'{}' holds {} bytes of an earlier run: they are read first",
                          spool_.directory(), spool_.end() - offset));
  }
  file_ = std::make_unique<TailedFile>(key_, PathOf(spool_.directory()),
                                       std::make_unique<SpoolFile>(spool_), FileIdentity{}, offset,
                                       lines_);
  listener_.OnOpened({.file = key_,
                      .path = PathOf(spool_.directory()),
                      .identity = {},
                      .offset = offset,
                      .saved_id = options.saved ? options.saved->id : 0,
                      .resumable = true,
                      .present_at_start = true,
                      .committed = committed_});
}

SpoolSource::~SpoolSource() {
  spool_.Sync();
  Drop(/*even_small=*/true);
}

std::optional<Instant> SpoolSource::next_wake() const {
  std::optional<Instant> wake = ended_ ? std::nullopt : idle_.due();
  if (unsynced_) wake = std::min(wake.value_or(Instant::max()), next_sync_);
  if ((stuck_ && !ended_) || unreadable_) wake = std::min(wake.value_or(Instant::max()), next_try_);
  return wake;
}

// The last bytes before the position stay: they tell that the file was not rewritten.
void SpoolSource::Drop(bool even_small) {
  const uint64_t committed = *committed_;
  if (committed >= spool_.end()) {
    spool_.DropBefore(spool_.end(), even_small);
  } else if (committed > kTailLimit) {
    spool_.DropBefore(committed - kTailLimit);
  }
}

void SpoolSource::Look() {
  const Instant now = clock_.Now();
  Drop(/*even_small=*/false);
  Fill();
  if (unsynced_ && now >= next_sync_) {
    spool_.Sync();
    unsynced_ = false;
    next_sync_ = now + kSyncInterval;
  }
}

void SpoolSource::Fill() {
  stuck_ = false;
  if (!pending_.empty() && !Store()) return;
  for (size_t taken = 0; !ended_ && taken < kMostAtOnce;) {
    pollfd waiting = {.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 0) <= 0) return;
    size_t room = spool_.Room(kPipeBuffer);
    if (spool_.TakeMadeAgain()) {
      log_.Warn(fmt::format("the spool '{}' was removed while hctail ran; made again",
                            spool_.directory()),
                "Leave it alone while hctail runs: it holds what was not sent yet.");
    }
    if (room == 0 && spool_.error() != 0 && *committed_ > kTailLimit) {
      spool_.PunchBefore(*committed_ - kTailLimit);
      room = spool_.Room(kPipeBuffer);
    }
    if (room == 0) return Stick(spool_.error());
    if (!(splices_ ? Take(room, &taken) : TakeByReading(room, &taken))) return;
    if (std::exchange(told_, 0) != 0) log_.Info("the spool has room again");
  }
}

// False if there is nothing to be taken now.
bool SpoolSource::Take(size_t room, size_t* taken) {
  const auto moved = spool_.Splice(fd_, room);
  if (moved && *moved > 0) {
    *taken += *moved;
    Stored();
    return true;
  }
  if (moved) {
    End(0);
  } else if (moved.error() == EINVAL || moved.error() == EBADF) {  // the input's, not the disk's
    splices_ = false;
    return TakeByReading(room, taken);
  } else if (moved.error() != EAGAIN && moved.error() != EINTR) {
    Stick(moved.error());
  }
  return false;
}

bool SpoolSource::TakeByReading(size_t room, size_t* taken) {
  char buffer[kPipeBuffer];
  const ssize_t n = ::read(fd_, buffer, room);
  if (n > 0) {
    pending_.assign(buffer, static_cast<size_t>(n));
    *taken += pending_.size();
    return Store();
  }
  if (n == 0 || (errno != EINTR && errno != EAGAIN)) End(n == 0 ? 0 : errno);
  return false;
}

bool SpoolSource::Store() {
  if (!spool_.Append(pending_)) {
    Stick(spool_.error());
    return false;
  }
  pending_.clear();
  Stored();
  return true;
}

void SpoolSource::Stored() {
  ready_ = true;
  if (!unsynced_) next_sync_ = std::max(next_sync_, clock_.Now() + kSyncInterval);
  unsynced_ = true;
}

void SpoolSource::Stick(int error) {
  stuck_ = true;
  next_try_ = clock_.Now() + kRetryInterval;
  Tell(error);
}

void SpoolSource::End(int error) {
  if (error != 0) listener_.OnUnreadable("stdin", ErrnoText(error));
  ended_ = true;
  ready_ = true;
}

void SpoolSource::Tell(int error) {
  if (error == 0) {
    if (std::exchange(full_told_, true)) return;
    log_.Warn(fmt::format("the spool '{}' is full: standard input waits", spool_.directory()),
              "It goes on as the API takes events; --spool-max allows more.");
    return;
  }
  const Instant now = clock_.Now();
  if (told_ == error || now < next_tell_) return;
  told_ = error;
  next_tell_ = now + kTellInterval;
  log_.Fault(
      {fmt::format("cannot write in the spool '{}': {}", spool_.directory(), ErrnoText(error)),
       "Standard input waits; it goes on when this works again."});
}

void SpoolSource::Read(Chunk* chunk) {
  if (closed_) return;
  Look();
  ready_ = false;
  const uint64_t offset = file_->offset();
  const TailedFile::Progress progress = file_->ReadLines(chunk);
  if (file_->offset() != offset) idle_.Came();
  switch (progress) {
    case TailedFile::Progress::kRoomSpent:
      ready_ = true;
      return;
    case TailedFile::Progress::kAtEnd:
      break;
    case TailedFile::Progress::kTruncated:
    case TailedFile::Progress::kFailed:
      Unreadable();
      return;
  }
  unreadable_ = false;
  idle_.Look(file_->offset(), chunk);
  if (ended_) {
    ready_ = !TakeLast(chunk);
  } else if (spool_.full() && *committed_ >= file_->offset()) {
    // One line fills it; what is there goes on as a line of its own.
    ready_ = !file_->TakeUnended(chunk, /*final=*/true);
  }
}

void SpoolSource::Unreadable() {
  if (file_->error() == ENOENT) {
    const Spool::Removed removed = spool_.GiveUpRemoved();
    const uint64_t begin = std::max(removed.begin, file_->offset());
    if (begin < removed.end) {
      listener_.OnAbandoned(key_, begin, removed.end, "somebody removed them from the spool");
      ready_ = true;
      return;
    }
  }
  next_try_ = clock_.Now() + kRetryInterval;
  if (std::exchange(unreadable_, true)) return;
  log_.Fault({fmt::format("cannot read the spool '{}': {}", spool_.directory(),
                          file_->error() == 0 ? "it was changed" : ErrnoText(file_->error())),
              "It is tried again; after a restart what is still there is read."});
}

// False if `chunk` lacks the room.
bool SpoolSource::TakeLast(Chunk* chunk) {
  if (!pending_.empty() || !file_->TakeUnended(chunk, /*final=*/true)) return false;
  closed_ = true;
  chunk->Append({.file = key_,
                 .offset = file_->offset(),
                 .kind = Segment::Kind::kPause,
                 .pause = Segment::Pause::kEnd});
  listener_.OnClosed(key_, SourceListener::Closing::kFinished, file_->offset());
  return true;
}

}  // namespace hctail
