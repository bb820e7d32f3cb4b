// SPDX-License-Identifier: Apache-2.0
// What other programs do to the files.
#include <fmt/format.h>

#include <cerrno>

#include "base/fingerprint.h"
#include "tests/model/world.h"
#include "tests/testing/pack.h"

namespace hctail::model {
namespace {
constexpr int kKept = 3;  // rotated files
}  // namespace

// --- Rotation ---

// Reads of it fail for a while, but not before hctail has found out where to begin.
void World::Break(const std::string& path) {
  File* const file = FileAt(path);
  if (!followed_.contains(file->inode)) return;
  // If its head cannot be read, a checkpoint may hold nothing to recognise it by.
  file->may_repeat = true;
  for (Line* line : file->lines) line->may_repeat = true;
  Trace("break " + path);
  files.FailRead(path, EIO, random.Below(1000));
  broken_.push_back(path);
}

void World::Heal() {
  for (const std::string& path : broken_) {
    if (files.Exists(path)) files.FailRead(path, 0);
  }
  broken_.clear();
}

void World::MoveTo(const std::string& from, const std::string& to) {
  Heal();  // an unreadable file is not looked for under another name
  File* const file = FileAt(from);
  if (files.Exists(to)) Remove(to);
  files.Rename(from, to);
  const bool readable = followed_.contains(file->inode);
  if (!file->seen && !readable && !Matches(to)) Excuse(file);
}

void World::Remove(const std::string& path) {
  Heal();
  File* const file = FileAt(path);
  const bool open = files.IsOpen(file->inode);
  files.Unlink(path);
  const bool readable = followed_.contains(file->inode);
  if (!readable) {
    Excuse(file);
  } else if (!open) {
    ExcuseUnread(file);
  }
}

void World::Rotate(const std::string& path) {
  while (packer_) PackOn();
  Trace("rotate " + path);
  for (const char* suffix : {"", ".gz"}) {
    for (int i = kKept; i > 1; --i) {
      const std::string from = fmt::format("{}.{}{}", path, i - 1, suffix);
      if (files.Exists(from)) MoveTo(from, fmt::format("{}.{}{}", path, i, suffix));
    }
  }
  MoveTo(path, path + ".1");
  if (random.Below(2) == 0) Create(path);
}

void World::Dated(const std::string& path) {
  while (packer_) PackOn();
  Trace("rotate by date " + path);
  MoveTo(path, fmt::format("{}-{}", path, 20240305 + dates_++));
  Create(path);
}

void World::Delete(const std::string& path) {
  Trace("delete " + path);
  Remove(path);
  if (random.Below(2) == 0) Create(path);
}

// What it held and was not settled is lost.
void World::Empty(File* file) {
  for (Line* line : file->lines) line->excused |= !line->settled;
  file->lines.clear();
  file->unfinished = nullptr;
  file->seen = false;
  file->known_head = 0;
  file->may_repeat |= within_call_;
}

void World::Truncate(const std::string& path) {
  Trace("truncate " + path);
  files.Truncate(path);
  Empty(FileAt(path));
}

void World::CopyTruncate(const std::string& path) {
  Trace("copytruncate " + path);
  const std::string copy = path + ".copy";
  if (files.Exists(copy)) Remove(copy);
  SetDeadAside();
  files.CopyTruncate(path, copy);
  File* const file = FileAt(path);
  File* const copied = FileAt(copy);
  copied->lines = file->lines;
  copied->excused = true;
  for (Line* line : file->lines) line->may_repeat = true;
  Empty(file);
}

// Where nobody looks for it.
void World::MoveAway(const std::string& path) {
  Trace("move away " + path);
  Heal();
  File* const file = FileAt(path);
  const bool open = files.IsOpen(file->inode);
  files.Rename(path, fmt::format("/old/{}", dates_++));
  file->away = true;
  if (!followed_.contains(file->inode)) {
    Excuse(file);
  } else if (!open) {
    ExcuseUnread(file);
  }
  if (random.Below(2) == 0) Create(path);
}

// --- Links ---

// The old target stays where it is.
void World::Retarget(Logger& logger) {
  const std::string target = fmt::format("/logs/data/run-{}", dates_++);
  Trace(fmt::format("link {} to {}", logger.path, target));
  File* const before = files.Exists(logger.path) ? FileAt(logger.path) : nullptr;
  Create(target);
  SetDeadAside();
  files.Symlink(target, logger.path);
  logger.target = target;
  if (before != nullptr && !before->seen && !followed_.contains(before->inode)) Excuse(before);
}

// As kubelet rotates what a link leads to.
void World::RotateTarget(Logger& logger) {
  const std::string to = fmt::format("{}.{}", logger.target, 20240305 + dates_++);
  Trace("rotate what the link leads to");
  MoveTo(logger.target, to);
  Create(logger.target);
}

// --- Packing, as gzip does it: what is written to the file meanwhile is lost with it ---

void World::Pack(const std::string& path) {
  std::string from = fmt::format("{}.{}", path, 1 + random.Below(kKept));
  if (dates_ > 0 && random.Below(2) == 0) from = fmt::format("{}-{}", path, 20240304 + dates_);
  const std::string to = from + ".gz";
  if (!files.Exists(from) || files.Exists(to)) return;
  File* const file = FileAt(from);
  if (file->lines.empty() || file->unfinished != nullptr) return;
  Trace("pack " + from);
  Create(to);
  File* const packed = FileAt(to);
  packed->packed = true;
  packed->text = files.Content(from);
  packed->seen = false;
  if (!IsRecognised(*file, *packed)) NotRecognised(file);
  packer_ = {.from = from,
             .to = to,
             .bytes = testing::Pack(Packing::kGzip, packed->text),
             .lines = file->lines};
}

void World::PackOn() {
  Packer& packer = *packer_;
  const size_t left = packer.bytes.size();
  const size_t some = random.Below(2) == 0 ? left : random.Below(static_cast<uint32_t>(left) + 1);
  files.Append(packer.to, std::string_view(packer.bytes).substr(0, some));
  packer.bytes.erase(0, some);
  if (!packer.bytes.empty()) return;
  Packer done = std::move(packer);
  packer_.reset();
  Packed(done);
}

// By a whole head, and bytes before what is settled: what is shorter than a head hash is known by
// its content only if it ends there, too.
bool World::IsRecognised(const File& file, const File& packed) const {
  return file.known_head == kHeadLimit && packed.text.size() >= kHeadLimit && file.known_tail;
}

void World::NotRecognised(File* file) {
  file->recognised &= !file->packed;
  for (Line* line : file->lines) line->may_repeat = true;
}

// The lines are in the packed file now.
void World::Packed(const Packer& packer) {
  Trace("packed " + packer.from);
  files.CopyTime(packer.from, packer.to);
  File* const file = FileAt(packer.from);
  File* const packed = FileAt(packer.to);
  file->lines.erase(file->lines.begin(),
                    file->lines.begin() + static_cast<ptrdiff_t>(packer.lines.size()));
  packed->lines = packer.lines;
  packed->seen |= file->seen;
  const bool readable = followed_.contains(file->inode);
  file->packed_as = packed;
  Remove(packer.from);
  const bool is_recognised = IsRecognised(*file, *packed);
  if (!is_recognised || !file->lines.empty()) NotRecognised(packed);
  if ((!packed->seen || !is_recognised) && !readable && !Matches(packer.to)) Excuse(packed);
}

// --- What happens ---

void World::Act() {
  Logger& logger = AnyLogger();
  const bool exists = files.Exists(logger.path);
  const uint32_t what = random.Below(100);
  if (what < 60) {
    for (uint32_t n = random.Below(8); n > 0; --n) Write(logger);
  } else if (what < 70) {
    Trace("reopen " + logger.path);
    Reopen(logger);
  } else if (what < 72 && loggers_.size() < 4) {
    loggers_.push_back({.path = fmt::format("/logs/g{}.log", loggers_.size())});
  } else if (what < 76 && packer_) {
    PackOn();
  } else if (logger.is_link) {
    ActOnLink(logger, what);
  } else if (!exists) {
    Create(logger.path);
  } else if (what < 76) {
    Pack(logger.path);
  } else if (what < 82) {
    Rotate(logger.path);
  } else if (what < 86) {
    Dated(logger.path);
  } else if (what < 89) {
    Delete(logger.path);
  } else if (what < 90) {
    MoveAway(logger.path);
  } else if (what < 94) {
    Truncate(logger.path);
  } else if (what < 98) {
    CopyTruncate(logger.path);
  } else if (within_call_) {
    return;
  } else if (random.Below(2) == 0) {
    Break(logger.path);
  } else {
    Heal();
  }
}

void World::ActOnLink(Logger& logger, uint32_t what) {
  if (!files.Exists(logger.path) || what < 82) {
    Retarget(logger);
  } else if (what < 94) {
    RotateTarget(logger);
  } else {
    Truncate(logger.path);
  }
}

void World::ActWithinCall() {
  within_call_ = true;
  Act();
  within_call_ = false;
}

}  // namespace hctail::model
