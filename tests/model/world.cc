// SPDX-License-Identifier: Apache-2.0
#include "tests/model/world.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "base/fingerprint.h"

namespace hctail::model {
namespace {
const std::string kLink = "/logs/current.log";
}  // namespace

World::World(uint64_t seed, std::vector<std::string> patterns, std::string* trace)
    : random(seed), patterns_(std::move(patterns)), trace_(trace) {
  for (const char* folder : {"/logs", "/logs/data", "/old"}) files.MakeDirectory(folder);
  loggers_.push_back({.path = "/logs/app.log"});
  if (Matches(kLink)) loggers_.push_back({.path = kLink, .is_link = true});
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
    // hctail closed another file that had this number, and cannot tell them apart yet.
    it->second->excused = it->second->may_repeat = followed_.contains(inode);
    for (const File* before : dead_) {
      if (before->inode == inode && before->packed_as != nullptr) NotRecognised(before->packed_as);
    }
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
  if (!logger.is_link) {
    Create(logger.path);
  } else if (!files.Exists(logger.path)) {
    Retarget(logger);
  }
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
  // What more is read of the file than was packed is nowhere to be compared with.
  if (file.packed_as != nullptr && !file.packed_as->known_copy) NotRecognised(file.packed_as);
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
    const bool lost = !files.Linked(inode) || file->away;
    const bool known = file->seen && file->recognised;
    if (lost || (!known && !found.contains(inode))) Excuse(file);
  }
}

void World::ExcuseUnread(File* file) {
  file->excused = true;
  for (Line* line : file->lines) line->excused |= line->read_in_life != life_;
  if (file->packed_as == nullptr) return;
  for (Line* line : file->packed_as->lines) line->excused |= line->read_in_life != life_;
}

void World::ExcuseClosed(int life) {
  life_ = life;
  SetDeadAside();
  for (File* file : dead_) ExcuseUnread(file);
  for (const auto& [inode, file] : live_) {
    const bool lost = !files.Linked(inode) || file->away;
    if (lost && !files.IsOpen(inode)) ExcuseUnread(file);
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

void World::OnIdentity(const FileIdentity& identity) {
  if (files.Lives(identity.inode)) FileOf(identity.inode)->known_head = identity.head_length;
}

void World::OnOpened(const FileIdentity& identity) {
  followed_.insert(identity.inode);
  OnIdentity(identity);
  if (!files.Lives(identity.inode)) return;  // truncated and deleted while it was not open
  File* const file = FileOf(identity.inode);
  const std::string_view content = file->packed ? file->text : files.ContentOf(identity.inode);
  file->seen = HashBytes(content.substr(0, identity.head_length)) == identity.head_hash;
}

// Of a line that was too long no bytes are known.
void World::OnCommitted(uint64_t inode, bool with_tail) {
  if (!files.Lives(inode)) return;
  File* const file = FileOf(inode);
  file->known_tail = with_tail;
  if (!with_tail && file->packed_as != nullptr) NotRecognised(file->packed_as);
}

void World::OnCopyKept(uint64_t inode) { FileOf(inode)->known_copy = true; }

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

}  // namespace hctail::model
