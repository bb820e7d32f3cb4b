// SPDX-License-Identifier: Apache-2.0
#include "cli/state_command.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/number_text.h"
#include "checkpoint/state_directory.h"
#include "cli/did_you_mean.h"
#include "cli/state_text.h"
#include "tail/resume_plan.h"

namespace hctail {
namespace {

using Access = CheckpointFile::Access;

constexpr int kDone = 0;
constexpr int kFailed = 2;

int Print(std::string_view text) { return WriteFully(STDOUT_FILENO, text) == 0 ? kDone : kFailed; }

bool Exists(const std::string& directory) {
  struct stat info = {};
  return ::stat(directory.c_str(), &info) == 0;
}

Result<std::unique_ptr<CheckpointFile>> Open(const Options& options, Access access, Log& log) {
  std::vector<std::string> warnings;
  auto opened = CheckpointFile::Open(options.state_dir, access, &warnings);
  for (const std::string& warning : warnings) log.Warn(warning);
  return opened;
}

bool Names(const std::string& given, const std::string& path) {
  return given == path ||
         (HasWildcard(given) && ::fnmatch(given.c_str(), path.c_str(), FNM_PATHNAME) == 0);
}

// What `given`, which matches nothing, may have been meant for.
Error NoMatch(const std::string& given, const std::map<uint64_t, SavedFile>& files) {
  constexpr size_t kMost = 5;
  const auto name_of = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  std::vector<std::string_view> paths;
  std::set<std::string_view> near;
  for (const auto& [id, file] : files) {
    paths.push_back(file.path);
    // "app.log" for "/var/log/app.log", or the other way round.
    if (name_of(file.path) == name_of(given)) near.insert(file.path);
  }
  if (const auto nearest = NearestWord(given, paths); !nearest.empty()) near.insert(nearest);
  std::string hint;
  for (const std::string_view path : near) {
    if (hint.size() > kMost * 200) break;
    hint += fmt::format("{}'{}'", hint.empty() ? "There is " : ", ", path);
  }
  hint += hint.empty() ? "'hctail state show' lists all that are saved." : ".";
  return {fmt::format("no position is saved for '{}'", given), std::move(hint)};
}

}  // namespace

int ShowState(const Options& options) {
  StderrLog log(options.log_level);
  const auto checkpoint = Open(options, Access::kReadOnly, log);
  if (!checkpoint) {
    log.Fault(checkpoint.error());
    return kFailed;
  }
  // Every file is opened.
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  std::vector<SavedFile> saved;
  for (const auto& [id, file] : (*checkpoint)->files()) saved.push_back(file);
  PosixFileSystem files;
  const SystemClock clock;
  const std::vector<Resume> plan = PlanResume(files, clock, std::move(saved));
  const int64_t now = clock.Wall().seconds;
  if (options.json) return Print(PlanAsJson(plan, now));
  if (plan.empty()) return Print(fmt::format("nothing is saved in '{}'\n", options.state_dir));
  return Print(DescribePlan(plan, now));
}

int ForgetState(const Options& options, const std::vector<std::string>& paths) {
  StderrLog log(options.log_level);
  const auto fail = [&log](const Error& error) {
    log.Fault(error);
    return kFailed;
  };
  if (!Exists(options.state_dir)) {
    return fail({fmt::format("there is no state directory '{}'", options.state_dir),
                 "Name the one that hctail uses with --state-dir."});
  }
  if (const std::string holder = LockHolder(options.state_dir); !holder.empty()) {
    return fail({fmt::format("the state directory '{}' is in use by {}", options.state_dir, holder),
                 "Stop it first: it would save the positions again."});
  }
  if (const Status changed = ActAsOwner(options.state_dir); !changed) return fail(changed.error());
  auto checkpoint = Open(options, Access::kExclusive, log);
  if (!checkpoint) return fail(checkpoint.error());

  std::map<uint64_t, std::string> chosen;
  for (const std::string& given : paths) {
    const size_t before = chosen.size();
    bool matched = false;
    for (const auto& [id, file] : (*checkpoint)->files()) {
      if (!Names(given, file.path)) continue;
      matched = true;
      chosen.emplace(id, file.path);
    }
    if (!matched && chosen.size() == before) {
      return fail(NoMatch(given, (*checkpoint)->files()));
    }
  }
  for (const auto& [id, path] : chosen) {
    if (const Status forgotten = (*checkpoint)->Forget(id); !forgotten) {
      return fail(forgotten.error());
    }
  }
  if (const Status synced = (*checkpoint)->Sync(); !synced) return fail(synced.error());
  return Print(fmt::format(
      "forgot {}\n"
      "The next hctail takes {} for new: read from the end, or from the beginning with "
      "--backfill,\n"
      "--tail.read-from beginning, or if other files of the same -f GLOB are still known.\n",
      chosen.size() == 1 ? fmt::format("the position of '{}'", chosen.begin()->second)
                         : Counted(chosen.size(), "position"),
      chosen.size() == 1 ? "this file" : "these files"));
}

}  // namespace hctail
