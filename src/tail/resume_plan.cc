// SPDX-License-Identifier: Apache-2.0
#include "tail/resume_plan.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "tail/tailer.h"
#include "tail/watcher.h"

namespace hctail {
namespace {

class NoLog final : public Log {
 public:
  void Write(Level, const Error&) override {}
};

// What the Tailer opened, by the position it resumes.
class Listener final : public SourceListener {
 public:
  void OnOpened(const Opened& opened) override {
    if (opened.saved_id != 0) opened_.insert_or_assign(opened.saved_id, opened);
  }
  void OnIdentity(FileKey, const std::string&, const FileIdentity&) override {}
  void OnClosed(FileKey, Closing, uint64_t) override {}
  void OnGone(const SavedFile&) override {}
  void OnUnreadable(const std::string&, const std::string&) override {}
  void OnAbandoned(FileKey, uint64_t, uint64_t, const std::string&) override {}

  const Opened* Find(uint64_t saved_id) const {
    const auto it = opened_.find(saved_id);
    return it == opened_.end() ? nullptr : &it->second;
  }

 private:
  std::map<uint64_t, Opened> opened_;
};

bool SameInode(const FileStat& stat, const FileIdentity& identity) {
  return stat.device == identity.device && stat.inode == identity.inode;
}

// The end of the endless file whose segments are PATH.BEGIN (spool.h).
uint64_t EndOfSpool(FileSystem& files, const std::string& path) {
  uint64_t end = 0;
  for (const std::string& name : files.Glob(EscapeGlob(path) + ".*")) {
    uint64_t begin = 0;
    const auto stat = files.Stat(name);
    const char* const digits = name.data() + path.size() + 1;
    const auto [stop, error] = std::from_chars(digits, name.data() + name.size(), begin);
    if (stat && error == std::errc() && *stop == 0) end = std::max(end, begin + stat->size);
  }
  return end;
}

// The name that `identity` has in the folder of `path`; empty if it has none any more.
std::string NameBeside(FileSystem& files, const std::string& path, const FileIdentity& identity) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  for (std::string& name : files.Glob(EscapeGlob(folder) + "*")) {
    const auto stat = files.Stat(name);
    if (stat && SameInode(*stat, identity)) return std::move(name);
  }
  return {};
}

void Found(FileSystem& files, const SourceListener::Opened& opened, Resume* resume) {
  const SavedFile& saved = resume->saved;
  const auto there = files.Stat(saved.path);
  if (opened.path == saved.path && there && SameInode(*there, opened.identity)) {
    resume->size = there->size;
    resume->why = opened.identity.inode == saved.identity.inode &&
                          opened.identity.device == saved.identity.device
                      ? Resume::Why::kSame
                      : Resume::Why::kCopied;
    return;
  }
  resume->why = Resume::Why::kFoundAs;
  resume->path_taken = there.has_value();
  // What was rotated away keeps its old path as its name.
  resume->found_as =
      opened.path == saved.path ? NameBeside(files, saved.path, opened.identity) : opened.path;
  const auto stat = files.Stat(resume->found_as);
  resume->size = stat ? stat->size : saved.offset;
}

void NotFound(FileSystem& files, Resume* resume) {
  const SavedFile& saved = resume->saved;
  const auto there = files.Stat(saved.path);
  if (!there) {
    resume->error = there.error();
    resume->why = there.error() == ENOENT ? Resume::Why::kAbsent : Resume::Why::kUnreadable;
    return;
  }
  resume->size = there->size;
  const auto opened = files.Open(saved.path);
  char first = 0;
  const auto read = opened ? (*opened)->ReadAt(0, &first, 1)
                           : std::expected<size_t, int>(std::unexpected(opened.error()));
  if (there->type != FileStat::Type::kRegular) {
    resume->why = Resume::Why::kNoFile;
  } else if (!read) {
    resume->error = read.error();
    resume->why = Resume::Why::kUnreadable;
  } else if (!SameInode(*there, saved.identity)) {
    resume->why = Resume::Why::kReplaced;
  } else {
    resume->why = there->size < saved.offset ? Resume::Why::kTruncated : Resume::Why::kRewritten;
  }
}

}  // namespace

std::vector<Resume> PlanResume(FileSystem& files, const Clock& clock,
                               std::vector<SavedFile> saved) {
  std::vector<Resume> plan;
  TailOptions options;
  for (SavedFile& file : saved) {
    Resume resume;
    if (file.identity.inode == 0) {
      resume.why = Resume::Why::kSpool;
      resume.size = std::max(file.offset, EndOfSpool(files, file.path));
    } else {
      options.patterns.push_back(HasWildcard(file.path) ? EscapeGlob(file.path) : file.path);
      options.saved.push_back(file);
    }
    resume.saved = std::move(file);
    plan.push_back(std::move(resume));
  }
  std::ranges::sort(
      plan, {}, [](const Resume& resume) { return std::tie(resume.saved.path, resume.saved.id); });
  std::ranges::sort(options.patterns);
  const auto repeated = std::ranges::unique(options.patterns);
  options.patterns.erase(repeated.begin(), repeated.end());

  NoWatcher watcher;
  NoLog log;
  Listener listener;
  Tailer tailer(files, watcher, clock, log, listener, std::move(options));
  tailer.Look();
  for (Resume& resume : plan) {
    if (resume.why == Resume::Why::kSpool) continue;
    if (const SourceListener::Opened* opened = listener.Find(resume.saved.id)) {
      Found(files, *opened, &resume);
    } else {
      NotFound(files, &resume);
    }
  }
  return plan;
}

}  // namespace hctail
