// SPDX-License-Identifier: Apache-2.0
#include "tests/model/world.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/fingerprint.h"

namespace hctail::model {
namespace {
constexpr int kKept = 3;  // rotated files
}  // namespace

World::World(uint64_t seed, std::vector<std::string> patterns, std::string* trace)
    : random(seed), patterns_(std::move(patterns)), trace_(trace) {
  files.MakeDirectory("/logs");
  loggers_.push_back({.path = "/logs/app.log"});
  if (random.Below(2) == 0) files.ShortReads(seed);
}

// --- Files and lines ---

// Before their numbers are given to new files.
void World::SetDeadAside() {
  std::erase_if(live_, [&](const auto& item) {
    if (files.Lives(item.first)) return false;
    dead_.push_back(item.second);
    return true;
  });
}

File* World::FileOf(uint64_t inode) {
  const auto [it, is_new] = live_.try_emplace(inode);
  if (is_new) {
    it->second = &all_files_.emplace_back();
    it->second->inode = inode;
  }
  return it->second;
}

File* World::FileAt(const std::string& path) { return FileOf(files.InodeOf(path)); }

bool World::Matches(const std::string& path) const {
  return std::ranges::any_of(patterns_, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  });
}

void World::Excuse(File* file) {
  file->excused = true;
  for (Line* line : file->lines) line->excused |= !line->settled;
}

// Line 17 is "17:1717\n": found by its number, and compared.
Line* World::Find(std::string_view text, bool prefix) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return nullptr;
  const bool whole_number = end != text.data() + text.size();
  if (prefix && !whole_number) {
    const auto found =
        std::ranges::find_if(lines_, [&](const Line& line) { return line.text.starts_with(text); });
    return found == lines_.end() ? nullptr : &*found;
  }
  if (number >= lines_.size()) return nullptr;
  Line& line = lines_[number];
  return (prefix ? line.text.starts_with(text) : line.text == text) ? &line : nullptr;
}

// --- Loggers ---

World::Logger& World::AnyLogger() {
  return loggers_[random.Below(static_cast<uint32_t>(loggers_.size()))];
}

void World::Create(const std::string& path) {
  if (files.Exists(path)) return;
  SetDeadAside();
  files.Append(path, "");
  FileAt(path);
}

void World::Reopen(Logger& logger) {
  logger.writer.reset();
  Create(logger.path);
  logger.writer = std::make_unique<testing::FakeFileSystem::Writer>(files, logger.path);
  logger.file = FileAt(logger.path);
}

void World::Write(Logger& logger) {
  if (logger.file == nullptr) Reopen(logger);
  File& file = *logger.file;
  if (file.unfinished == nullptr) {
    const size_t length = random.Below(8) == 0 ? random.Below(300) : random.Below(60);
    Line& line = lines_.emplace_back();
    const std::string number = std::to_string(lines_.size() - 1);
    line.text = number + ":";
    while (line.text.size() < length) line.text += number;
    line.text += '\n';
    line.matches = Matches(logger.path);
    file.unfinished = &line;
    file.unfinished_left = line.text.size();
    file.lines.push_back(&line);
  }
  const size_t left = file.unfinished_left;
  WriteSome(logger, random.Below(5) == 0 ? 1 + random.Below(static_cast<uint32_t>(left)) : left);
}

void World::WriteSome(Logger& logger, size_t bytes) {
  File& file = *logger.file;
  Line& line = *file.unfinished;
  // No name leads to it, and nobody who would read it has it open.
  const bool open = followed_.contains(file.inode) && files.IsOpen(file.inode);
  if (!files.Linked(file.inode) && !open) file.excused = true;
  line.excused |= file.excused;
  line.may_repeat |= file.may_repeat;
  const size_t at = line.text.size() - file.unfinished_left;
  logger.writer->Append(std::string_view(line.text).substr(at, bytes));
  file.unfinished_left -= bytes;
  if (file.unfinished_left > 0) return;
  line.written = true;
  line.within_call = within_call_;
  Trace(fmt::format("line {} in inode {}{}", line.text.substr(0, line.text.find(':')), file.inode,
                    line.excused ? ", excused" : ""));
  file.unfinished = nullptr;
}

void World::FinishLines() {
  Heal();
  for (Logger& logger : loggers_) {
    if (logger.file == nullptr || logger.file->unfinished == nullptr) continue;
    WriteSome(logger, logger.file->unfinished_left);
  }
}

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
  Trace("rotate " + path);
  for (int i = kKept; i > 1; --i) {
    const std::string from = fmt::format("{}.{}", path, i - 1);
    if (files.Exists(from)) MoveTo(from, fmt::format("{}.{}", path, i));
  }
  MoveTo(path, path + ".1");
  if (random.Below(2) == 0) Create(path);
}

void World::Dated(const std::string& path) {
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

// --- hctail ---

void World::OnHctailGone() {
  Heal();
  followed_.clear();
  files.DropOpenFiles();
  std::set<uint64_t> found;
  for (const std::string& pattern : patterns_) {
    for (const std::string& path : files.Glob(pattern)) found.insert(files.InodeOf(path));
  }
  SetDeadAside();
  for (File* const file : dead_) Excuse(file);
  dead_.clear();
  for (const auto& [inode, file] : live_) {
    if (!files.Linked(inode) || (!file->seen && !found.contains(inode))) Excuse(file);
  }
}

void World::ExcuseUnread(File* file) {
  file->excused = true;
  for (Line* line : file->lines) line->excused |= line->read_in_life != life_;
}

void World::ExcuseClosed(int life) {
  life_ = life;
  SetDeadAside();
  for (File* file : dead_) ExcuseUnread(file);
  for (const auto& [inode, file] : live_) {
    if (!files.Linked(inode) && !files.IsOpen(inode)) ExcuseUnread(file);
  }
}

const Line* World::ClosedBeforeRead(int life) {
  SetDeadAside();
  for (const File* const file : dead_) {
    for (const Line* line : file->lines) {
      if (line->written && !line->excused && !line->settled && line->read_in_life != life) {
        return line;
      }
    }
  }
  return nullptr;
}

void World::OnOpened(const FileIdentity& identity) {
  followed_.insert(identity.inode);
  if (!files.Lives(identity.inode)) return;  // truncated and deleted while it was not open
  const std::string_view content = files.ContentOf(identity.inode);
  FileOf(identity.inode)->seen =
      HashBytes(content.substr(0, identity.head_length)) == identity.head_hash;
}

void World::OnRotatedAway(uint64_t inode) {
  File* const file = FileOf(inode);
  followed_.erase(inode);
  file->excused = true;
  for (Line* line : file->lines) line->excused |= line->within_call && line->read_in_life < 0;
}

void World::ExcuseFilesOf(const std::string& pattern) {
  for (const std::string& path : files.Glob(pattern)) {
    for (Line* line : FileAt(path)->lines) line->excused |= !line->settled;
  }
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
  } else if (!exists) {
    Create(logger.path);
  } else if (what < 82) {
    Rotate(logger.path);
  } else if (what < 86) {
    Dated(logger.path);
  } else if (what < 90) {
    Delete(logger.path);
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

void World::ActWithinCall() {
  within_call_ = true;
  Act();
  within_call_ = false;
}

}  // namespace hctail::model
