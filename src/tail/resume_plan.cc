// SPDX-License-Identifier: Apache-2.0
#include "tail/resume_plan.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "tail/log_family.h"
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
  void OnWhole(FileKey, int64_t) override {}
  void OnGap(FileKey, int64_t) override {}
  void OnCopy(FileKey, uint64_t, const SavedFile&) override {}
  void OnFollowing(const std::string&) override {}
  void OnGone(const SavedFile&) override {}
  void OnPacked(const SavedFile& saved, const std::string& path, const FileIdentity&,
                int64_t) override {
    packed_[saved.id] = path;
  }
  void OnUnreadable(const std::string&, const std::string&) override {}
  void OnAbandoned(FileKey, uint64_t, uint64_t, const std::string&) override {}

  uint64_t SavedIdOf(FileKey) const override { return 0; }
  bool Settled(FileKey) const override { return true; }
  bool Holding(FileKey) const override { return false; }

  const Opened* Find(uint64_t saved_id) const {
    const auto it = opened_.find(saved_id);
    return it == opened_.end() ? nullptr : &it->second;
  }
  std::string PackedAs(uint64_t saved_id) const {
    const auto it = packed_.find(saved_id);
    return it == packed_.end() ? std::string() : it->second;
  }

 private:
  std::map<uint64_t, Opened> opened_;
  std::map<uint64_t, std::string> packed_;
};

bool SameInode(const FileStat& stat, const FileIdentity& identity) {
  return stat.device == identity.device && stat.inode == identity.inode;
}

// The end of the endless file whose segments are PATH.BEGIN (spool.h).
uint64_t EndOfSpool(FileSystem& files, const std::string& path) {
  uint64_t end = 0;
  for (const std::string& name : files.List(FolderOf(path))) {
    const std::string segment = Beside(path, name);
    uint64_t begin = 0;
    if (!segment.starts_with(path + ".")) continue;
    const char* const digits = segment.data() + path.size() + 1;
    const auto [stop, error] = std::from_chars(digits, segment.data() + segment.size(), begin);
    const auto stat = files.Stat(segment);
    if (stat && error == std::errc() && *stop == 0) end = std::max(end, begin + stat->size);
  }
  return end;
}

// The name that `identity` has beside `saved_path`; empty if it has none any more.
std::string NameBeside(FileSystem& files, const std::string& saved_path,
                       const FileIdentity& identity) {
  for (const std::string& path : PathsOf(files, saved_path)) {
    for (const std::string& name : files.List(FolderOf(path))) {
      std::string beside = Beside(path, name);
      const auto stat = files.Stat(beside);
      if (stat && SameInode(*stat, identity)) return beside;
    }
  }
  return {};
}

void Found(FileSystem& files, const SourceListener::Opened& opened, Resume* resume) {
  const SavedFile& saved = resume->saved;
  const auto there = files.Stat(saved.path);
  if (opened.path == saved.path && there && SameInode(*there, opened.identity)) {
    resume->size = there->size;
    resume->sized = !opened.packed;
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
  resume->sized = stat && !opened.packed;
  resume->size = resume->sized ? stat->size : 0;
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
  options.unpack_step = UINT64_MAX;
  for (SavedFile& file : saved) {
    Resume& resume = plan.emplace_back();
    if (file.is_spool()) {
      resume.why = Resume::Why::kSpool;
      resume.size = std::max(file.offset, EndOfSpool(files, file.path));
    } else if (file.is_pattern()) {
      resume.why = Resume::Why::kPattern;
      options.patterns.push_back(file.path);
    } else {
      options.patterns.push_back(HasWildcard(file.path) ? EscapeGlob(file.path) : file.path);
      options.saved.push_back(file);
    }
    resume.saved = std::move(file);
  }
  // A pattern that is the path of a file says nothing more.
  std::set<std::string> paths;
  for (const SavedFile& file : options.saved) paths.insert(file.path);
  std::erase_if(plan, [&](const Resume& resume) {
    return resume.why == Resume::Why::kPattern && paths.contains(resume.saved.path);
  });
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
    if (resume.why == Resume::Why::kSpool || resume.why == Resume::Why::kPattern) continue;
    resume.found_as = listener.PackedAs(resume.saved.id);
    if (!resume.found_as.empty()) {
      resume.why = Resume::Why::kPacked;
    } else if (const SourceListener::Opened* opened = listener.Find(resume.saved.id)) {
      Found(files, *opened, &resume);
    } else if (resume.saved.gone) {
      resume.why = Resume::Why::kGone;
    } else {
      NotFound(files, &resume);
    }
  }
  return plan;
}

}  // namespace hctail
