// SPDX-License-Identifier: Apache-2.0
#include "tests/testing/tailing.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/fingerprint.h"

namespace hctail::testing {

Strings LinesOf(const Chunk& chunk) {
  Strings lines;
  for (const Segment& segment : chunk.segments()) {
    std::string_view text = chunk.text(segment);
    if (segment.kind == Segment::Kind::kUnended) {
      lines.push_back(fmt::format("unended {}: {}", segment.length, text));
      continue;
    }
    if (segment.kind == Segment::Kind::kPause) {
      if (segment.pause == Segment::Pause::kIdle) lines.emplace_back("idle");
      if (segment.pause == Segment::Pause::kShutdown) lines.emplace_back("shutdown");
      continue;  // kEnd: as the listener hears
    }
    if (segment.kind == Segment::Kind::kHole) {
      lines.push_back(fmt::format("hole {}", segment.length));
      continue;
    }
    if (segment.kind == Segment::Kind::kHead) continue;
    if (segment.kind == Segment::Kind::kOverlong) {
      lines.push_back(fmt::format("overlong {}: {}", segment.length, text));
      continue;
    }
    HC_CHECK(text.ends_with('\n'));
    HC_CHECK(segment.length == text.size() || segment.lengths != Segment::kRaw);
    while (!text.empty()) {
      const size_t size = text.find('\n') + 1;
      lines.emplace_back(text.substr(0, size));
      text.remove_prefix(size);
    }
  }
  return lines;
}

std::string RecordingListener::PathOf(FileKey file) const {
  for (const Opened& opened : opened_) {
    if (opened.file == file) return opened.path;
  }
  return "a file that was not opened";
}

void RecordingListener::OnOpened(const Opened& opened) {
  opened_.push_back(opened);
  std::string text = fmt::format("opened {} at {}", opened.path, opened.offset);
  if (opened.saved_id != 0) text += fmt::format(" as saved {}", opened.saved_id);
  heard_.push_back(std::move(text));
}

void RecordingListener::OnIdentity(FileKey file, const std::string& path,
                                   const FileIdentity& identity) {
  for (Opened& opened : opened_) {
    if (opened.file != file) continue;
    if (opened.path != path) heard_.push_back(fmt::format("{} is now {}", opened.path, path));
    opened.path = path;
    opened.identity = identity;
  }
}

void RecordingListener::OnClosed(FileKey file, Closing closing, uint64_t end) {
  const char* const why = closing == Closing::kFinished      ? "finished"
                          : closing == Closing::kRotatedAway ? "rotated away"
                                                             : "truncated";
  heard_.push_back(fmt::format("closed {} at {}: {}", PathOf(file), end, why));
}

void RecordingListener::OnGap(FileKey file, int64_t since) {
  for (Opened& opened : opened_) {
    if (opened.file == file) opened.gap_since = since;
  }
}

void RecordingListener::OnGone(const SavedFile& saved) {
  heard_.push_back(fmt::format("gone: saved {}, {} at {}", saved.id, saved.path, saved.offset));
}

void RecordingListener::OnCopy(FileKey file, uint64_t read_to, const SavedFile& copy) {
  heard_.push_back(fmt::format("copy of {} to {}: {}", PathOf(file), read_to, copy.path));
}

void RecordingListener::OnPacked(const SavedFile& saved, const std::string& path,
                                 const FileIdentity&, int64_t) {
  heard_.push_back(fmt::format("packed: saved {} as {}", saved.id, path));
}

void RecordingListener::OnUnreadable(const std::string& path, const std::string& why) {
  heard_.push_back(fmt::format("unreadable {}: {}", path, why));
}

void RecordingListener::OnAbandoned(FileKey file, uint64_t begin, uint64_t end,
                                    const std::string& why) {
  heard_.push_back(fmt::format("abandoned {} {}-{}: {}", PathOf(file), begin, end, why));
}

uint64_t RecordingListener::SavedIdOf(FileKey file) const {
  for (const Opened& opened : opened_) {
    if (opened.file == file) return opened.saved_id;
  }
  return 0;
}

Tailing::Tailing(TailOptions with) : options(std::move(with)) {
  files.MakeDirectory("/logs");
  watcher.emplace(files);
}

void Tailing::Restart(std::vector<SavedFile> saved) {
  tailer.reset();
  watcher.emplace(files);
  options.saved = std::move(saved);
  listener.Take();
}

Strings Tailing::ReadOnce() {
  if (tailer == nullptr) {
    FileSystem& seen = bounded ? static_cast<FileSystem&>(*bounded) : files;
    tailer = std::make_unique<Tailer>(seen, *watcher, clock, log, listener, options);
  }
  Chunk chunk(chunk_size);
  tailer->Read(&chunk);
  return LinesOf(chunk);
}

Strings Tailing::Read() {
  Strings lines = ReadOnce();
  for (int i = 0; tailer->ready(); ++i) {
    HC_CHECK(i < 10'000);  // it never stops asking
    const Strings more = ReadOnce();
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

Strings Tailing::ReadAfter(Duration by) {
  const Instant end = clock.Now() + by;
  Strings lines = Read();
  while (true) {
    const auto wake = tailer->next_wake();
    const bool last = !wake || *wake >= end;
    const Instant next = last ? end : *wake;
    if (next > clock.Now()) clock.Advance(next - clock.Now());
    const Strings more = Read();
    lines.insert(lines.end(), more.begin(), more.end());
    if (last) return lines;
    HC_CHECK(!tailer->next_wake() || *tailer->next_wake() > clock.Now());  // it would spin
  }
}

SavedFile Tailing::Saved(const std::string& path, uint64_t offset, uint64_t id) {
  const std::string content = files.Content(path);
  HC_CHECK(offset <= content.size());
  const std::string_view head = std::string_view(content).substr(0, kHeadLimit);
  SavedFile saved;
  saved.id = id;
  saved.path = path;
  saved.identity = {.device = FakeFileSystem::kDevice,
                    .inode = files.InodeOf(path),
                    .head_length = static_cast<uint32_t>(head.size()),
                    .head_hash = HashBytes(head)};
  saved.offset = offset;
  saved.tail_length = static_cast<uint32_t>(std::min<uint64_t>(offset, kTailLimit));
  saved.tail_hash =
      HashBytes(std::string_view(content).substr(offset - saved.tail_length, saved.tail_length));
  return saved;
}

}  // namespace hctail::testing
