// SPDX-License-Identifier: Apache-2.0
#include "cli/state_check.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/number_text.h"
#include "checkpoint/state_directory.h"
#include "checkpoint/state_files.h"
#include "cli/state_text.h"
#include "sample/sampling_policy.h"
#include "ship/letter_reader.h"
#include "tail/resume_plan.h"

namespace hctail {
namespace {

constexpr int kSound = 0, kProblems = 1, kFailed = 2;
constexpr int64_t kStaleAfter = 30 * int64_t{24} * 3600;

struct Problem {
  std::string what;
  std::string remedy;              // what --repair does, or what else helps
  std::function<Status()> repair;  // null: --repair cannot
  bool of_owner = false;           // of an owner or a mode: mended first, before the rest
};

class StateCheck {
 public:
  StateCheck(const Options& options, const Clock& clock, int out, Log& log)
      : directory_(options.state_dir), options_(options), clock_(clock), out_(out), log_(log) {}

  int Run();
  int unsaid() const { return unsaid_; }

 private:
  Status LookAtDirectory();
  void LookAtEntry(const std::string& name);
  void LookAtPositions();
  void LookAtStale(const CheckpointFile& checkpoint);
  void LookAtSampling();
  void LookAtLetters(const std::string& path);
  Status CleanLetters(const std::string& path) const;
  Status MendPositions(CheckpointFile& checkpoint) const;
  Status MendAll(bool of_owner) const;
  Status Repair() const;
  size_t Mendable() const;
  void Report() const;
  void Say(std::string_view text) const {
    if (const int error = WriteFully(out_, text)) unsaid_ = error;
  }
  std::string Path(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }

  const std::string& directory_;
  const Options& options_;
  const Clock& clock_;
  const int out_;
  Log& log_;
  struct stat info_ = {};  // of the directory
  std::vector<Problem> problems_;
  std::vector<std::string> notes_;
  std::vector<std::string> damaged_;  // files to be kept aside
  std::vector<uint64_t> stale_;
  size_t positions_ = 0, letters_ = 0;
  mutable int unsaid_ = 0;  // the errno for which something could not be printed
  bool newer_ = false;      // the positions are none of our business
};

// Problems that chmod and chown mend.
void LookAtMode(const std::string& path, const struct stat& info, mode_t unwanted, uid_t owner,
                gid_t group, std::vector<Problem>* problems) {
  if (info.st_uid != owner) {
    std::function<Status()> repair;
    if (::geteuid() == 0) {
      repair = [=]() -> Status {
        if (::lchown(path.c_str(), owner, group) == 0) return {};
        return Fail(fmt::format("cannot give '{}' to its owner: {}", path, ErrnoText(errno)));
      };
    }
    problems->push_back({fmt::format("'{}' belongs to {}, and the directory to {}", path,
                                     NameOfUser(info.st_uid), NameOfUser(owner)),
                         repair ? "--repair gives it to the directory's owner"
                                : "run this as root with --repair, or change its owner",
                         repair, /*of_owner=*/true});
  }
  if ((info.st_mode & unwanted) == 0) return;
  const mode_t mode = info.st_mode & 07777 & ~unwanted;
  problems->push_back(
      {fmt::format("'{}' has mode {:04o}: others may {} it", path, info.st_mode & 07777,
                   (info.st_mode & 0022) != 0 ? "write" : "read"),
       fmt::format("--repair makes it {:04o}", mode),
       [=]() -> Status {
         if (::chmod(path.c_str(), mode) == 0) return {};
         return Fail(fmt::format("cannot change the mode of '{}': {}", path, ErrnoText(errno)));
       },
       /*of_owner=*/true});
}

Status StateCheck::LookAtDirectory() {
  if (!S_ISDIR(info_.st_mode)) {
    return Fail(fmt::format("the state directory '{}' is not a directory", directory_));
  }
  DIR* const listing = ::opendir(directory_.c_str());
  if (listing == nullptr) {
    const int error = errno;
    return Fail(
        fmt::format("cannot read the state directory '{}': {}", directory_, ErrnoText(error)),
        DescribePermissions(directory_));
  }
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(listing)) names.emplace_back(entry->d_name);
  ::closedir(listing);
  LookAtMode(directory_, info_, 0022, info_.st_uid, info_.st_gid, &problems_);
  if (::geteuid() != 0 && ::geteuid() != info_.st_uid) {
    problems_.push_back({fmt::format("'{}' belongs to {}, and this runs as {}", directory_,
                                     NameOfUser(info_.st_uid), NameOfUser(::geteuid())),
                         "run it as that user or as root", nullptr});
  }
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (name != "." && name != "..") LookAtEntry(name);
  }
  return {};
}

void StateCheck::LookAtEntry(const std::string& name) {
  const std::string path = Path(name);
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return;  // just replaced
  if (name.find(".damaged") != std::string::npos) {
    notes_.push_back(
        fmt::format("'{}' was kept by an earlier --repair; delete it when it is of no "
                    "more use",
                    path));
  } else if (name.ends_with(".replaying") && S_ISDIR(info.st_mode)) {
    notes_.push_back(
        fmt::format("'{}' is a replay that did not end; 'hctail replay {}' goes on "
                    "with it",
                    path, path.substr(0, path.rfind('.'))));
    return;
  } else if (S_ISDIR(info.st_mode) && ::access((path + "/lock").c_str(), F_OK) == 0) {
    return;  // a spool, or another state directory
  } else if (!IsStateFile(name) || !S_ISREG(info.st_mode)) {
    notes_.push_back(fmt::format("'{}' is not hctail's; it is left alone", EscapePath(path)));
    return;
  }
  LookAtMode(path, info, 0077, info_.st_uid, info_.st_gid, &problems_);
}

void StateCheck::LookAtPositions() {
  for (const StateFileFault& fault : FaultsOfStateFiles(directory_)) {
    const std::string path = Path(fault.name);
    if (fault.harmless) {
      notes_.push_back(fmt::format("'{}': {}; the next start cuts that off", path, fault.fault));
    } else if (fault.newer) {
      newer_ = true;
      problems_.push_back({fmt::format("'{}' {}", path, fault.fault),
                           "run that hctail, or use another --state-dir; --repair leaves it alone",
                           nullptr});
    } else {
      damaged_.push_back(path);
      problems_.push_back({fmt::format("'{}': {}", path, fault.fault),
                           "--repair keeps it aside and writes the positions anew",
                           [] { return Status(); }});
    }
  }
  if (newer_) return;
  std::vector<std::string> warnings;
  const auto checkpoint =
      CheckpointFile::Open(directory_, CheckpointFile::Access::kReadOnly, &warnings);
  if (!checkpoint) {
    problems_.push_back({checkpoint.error().message, checkpoint.error().hint, nullptr});
    newer_ = true;
    return;
  }
  for (const std::string& warning : warnings) notes_.push_back(warning);
  positions_ = static_cast<size_t>(std::ranges::count_if(
      (*checkpoint)->files(), [](const auto& item) { return !item.second.is_pattern(); }));
  LookAtStale(**checkpoint);
}

void StateCheck::LookAtStale(const CheckpointFile& checkpoint) {
  std::vector<SavedFile> saved;
  for (const auto& [id, file] : checkpoint.files()) saved.push_back(file);
  PosixFileSystem files;
  const int64_t now = clock_.Wall().seconds;
  for (const Resume& resume : PlanResume(files, clock_, std::move(saved))) {
    const int64_t age = now - resume.saved.updated;
    if (!resume.lost() || age < kStaleAfter) continue;
    stale_.push_back(resume.saved.id);
    problems_.push_back(
        {fmt::format("the position of '{}' is stale: its file is gone, and it was saved {} ago",
                     EscapePath(resume.saved.path), AgeText(age)),
         "--repair drops it; if the file comes back, it is read as a new one",
         [] { return Status(); }});
  }
}

void StateCheck::LookAtSampling() {
  const std::string path = Path("sampling");
  const auto text = ReadStateFile(path);
  if (!text) {
    if (::access(path.c_str(), F_OK) == 0) problems_.push_back({text.error().message, "", nullptr});
    return;
  }
  if (SamplingPolicy(SampleConfig(), 0).Restore(*text)) return;
  problems_.push_back({fmt::format("'{}' is damaged: the rates of sampling begin anew", path),
                       "--repair moves it aside", [path]() -> Status {
                         const Result<std::string> aside = KeepAside(path);
                         if (!aside) return std::unexpected(aside.error());
                         ::unlink(path.c_str());
                         return {};
                       }});
}

// Calls `take` with each line, its number and whether it is a letter.
void ForEachLine(std::string_view text,
                 const std::function<void(std::string_view, uint64_t, bool)>& take) {
  LetterReader reader;
  Letter letter;
  for (uint64_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    take(line, number, reader.Read(line, &letter));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void StateCheck::LookAtLetters(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const auto text = ReadWholeFile(path);
  if (!text) {
    problems_.push_back({text.error().message, DescribePermissions(path), nullptr});
    return;
  }
  uint64_t bad = 0, first = 0;
  ForEachLine(*text, [&](std::string_view, uint64_t number, bool good) {
    letters_ += good ? 1 : 0;
    if (!good && ++bad == 1) first = number;
  });
  if (bad == 0) return;
  problems_.push_back({fmt::format("'{}': {} no dead letter (the first is line {})", path,
                                   bad == 1 ? "1 line is" : WithCommas(bad) + " lines are", first),
                       "--repair keeps the file aside and takes them out",
                       [this, path] { return CleanLetters(path); }});
}

Status StateCheck::CleanLetters(const std::string& path) const {
  const auto text = ReadWholeFile(path);
  if (!text) return std::unexpected(text.error());
  std::string clean;
  ForEachLine(*text, [&](std::string_view line, uint64_t, bool good) {
    if (good) clean.append(line).push_back('\n');
  });
  if (const auto aside = KeepAside(path); !aside) return std::unexpected(aside.error());
  return WriteFileAtomically(path, clean, Fsync::kYes);
}

Status StateCheck::MendPositions(CheckpointFile& checkpoint) const {
  if (damaged_.empty() && stale_.empty()) return {};
  for (const std::string& path : damaged_) {
    if (const auto aside = KeepAside(path); !aside) return std::unexpected(aside.error());
  }
  for (const uint64_t id : stale_) {
    if (const Status forgotten = checkpoint.Forget(id); !forgotten) return forgotten;
  }
  return checkpoint.Rewrite();
}

size_t StateCheck::Mendable() const {
  return static_cast<size_t>(std::ranges::count_if(
      problems_, [](const Problem& problem) { return problem.repair != nullptr; }));
}

void StateCheck::Report() const {
  std::string text;
  for (const Problem& problem : problems_) {
    text += fmt::format("problem: {}\n  {}\n", problem.what, problem.remedy);
  }
  for (const std::string& note : notes_) text += fmt::format("note: {}\n", note);
  const std::string contents =
      fmt::format("{}, {}", Counted(positions_, "position"), Counted(letters_, "dead letter"));
  if (problems_.empty()) {
    Say(text + fmt::format("'{}' is sound: {}\n", directory_, contents));
    return;
  }
  Say(text +
      fmt::format("'{}' has {}: {}\n", directory_, Counted(problems_.size(), "problem"), contents));
  if (!options_.repair && Mendable() > 0) {
    Say(fmt::format("'hctail state check --repair' mends {} of them.\n", Mendable()));
  }
}

Status StateCheck::MendAll(bool of_owner) const {
  for (const Problem& problem : problems_) {
    if (!problem.repair || problem.of_owner != of_owner) continue;
    if (Status mended = problem.repair(); !mended) return mended;
  }
  return {};
}

// Owners and modes first; then all is done as the directory's owner and under its lock, with the
// positions that a start would go on with.
Status StateCheck::Repair() const {
  Status mended = MendAll(/*of_owner=*/true);
  if (mended) mended = ActAsOwner(directory_);
  if (!mended) return mended;
  if (newer_) {
    const Result<Fd> lock = LockStateDirectory(directory_);
    return lock ? MendAll(/*of_owner=*/false) : Status(std::unexpected(lock.error()));
  }
  std::vector<std::string> told_before;
  const auto checkpoint =
      CheckpointFile::Open(directory_, CheckpointFile::Access::kExclusive, &told_before);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  mended = MendAll(/*of_owner=*/false);
  return mended ? MendPositions(**checkpoint) : mended;
}

int StateCheck::Run() {
  if (::stat(directory_.c_str(), &info_) != 0) {
    if (errno == ENOENT) {
      Say(fmt::format("there is no state directory '{}' yet: nothing to check\n", directory_));
      return kSound;
    }
    log_.Fault(
        {fmt::format("cannot look at the state directory '{}': {}", directory_, ErrnoText(errno))});
    return kFailed;
  }
  const std::string holder = LockHolder(directory_);
  if (!holder.empty() && options_.repair) {
    log_.Fault({fmt::format("the state directory '{}' is in use by {}", directory_, holder),
                "Stop it first: nothing can be mended under it."});
    return kFailed;
  }
  if (!holder.empty()) notes_.push_back(fmt::format("in use by {}", holder));
  if (const Status looked = LookAtDirectory(); !looked) {
    log_.Fault(looked.error());
    return kFailed;
  }
  LookAtPositions();
  LookAtSampling();
  LookAtLetters(options_.dead_letter_path);
  LookAtLetters(options_.dead_letter_path + ".1");
  Report();
  if (problems_.empty()) return kSound;
  if (!options_.repair) return kProblems;
  if (const Status repaired = Repair(); !repaired) {
    log_.Fault(repaired.error());
    return kFailed;
  }
  const size_t mended = Mendable();
  if (mended > 0) Say(fmt::format("mended {}\n", Counted(mended, "problem")));
  return mended == problems_.size() ? kSound : kProblems;
}

}  // namespace

int CheckState(const Options& options, const Clock& clock, int out, Log& log) {
  StateCheck check(options, clock, out, log);
  const int code = check.Run();
  if (check.unsaid() == 0) return code;
  log.Fault({"cannot write to standard output: " + ErrnoText(check.unsaid())});
  return kFailed;
}

}  // namespace hctail
