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

#include "base/log.h"
#include "base/time.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/number_text.h"
#include "checkpoint/state_directory.h"
#include "cli/did_you_mean.h"
#include "cli/standard_streams.h"
#include "cli/state_text.h"
#include "tail/resume_plan.h"

namespace hctail {
namespace {

using Access = CheckpointFile::Access;

constexpr int kFailed = 2;

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
  return given == path || given == EscapePath(path) ||  // as `state show` prints it
         (HasWildcard(given) && ::fnmatch(given.c_str(), path.c_str(), FNM_PATHNAME) == 0);
}

// What `given`, which matches nothing, may have been meant for: "app.log" for "/var/log/app.log",
// or the other way round, or a slip of the pen.
Error NoMatch(const std::string& given, const std::map<uint64_t, SavedFile>& files) {
  const auto name_of = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  std::vector<std::string_view> paths;
  paths.reserve(files.size());
  for (const auto& [id, file] : files) paths.push_back(file.path);
  const auto same = std::ranges::find(paths, name_of(given), name_of);
  const std::string_view meant = same != paths.end() ? *same : NearestWord(given, paths);
  return {fmt::format("no position is saved for '{}'", given),
          meant.empty() ? "'hctail state show' lists all that are saved."
                        : fmt::format("There is '{}'.", EscapePath(meant))};
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
  if (options.json) return PrintOut(PlanAsJson(plan, now));
  if (plan.empty()) return PrintOut(fmt::format("nothing is saved in '{}'\n", options.state_dir));
  return PrintOut(DescribePlan(plan, now));
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

  std::set<uint64_t> chosen;
  std::set<std::string> forgotten;  // generations of one file have one path
  bool spools = false;
  for (const std::string& given : paths) {
    bool matched = false;
    for (const auto& [id, file] : (*checkpoint)->files()) {
      if (!Names(given, file.path)) continue;
      matched = true;
      chosen.insert(id);
      forgotten.insert(file.path);
      spools |= file.is_spool();
    }
    if (!matched) return fail(NoMatch(given, (*checkpoint)->files()));
  }
  for (const uint64_t id : chosen) {
    if (const Status written = (*checkpoint)->Forget(id); !written) return fail(written.error());
  }
  if (const Status synced = (*checkpoint)->Sync(); !synced) return fail(synced.error());
  const bool one = forgotten.size() == 1;
  return PrintOut(fmt::format(
      "forgot what was saved of {}\n"
      "The next hctail takes {} for new: read from the end, or from the beginning with "
      "--backfill,\n"
      "--tail.read-from beginning, or if other files of the same -f GLOB are still known.\n{}",
      one ? fmt::format("'{}'", EscapePath(*forgotten.begin())) : Counted(forgotten.size(), "path"),
      one ? "this file" : "these files",
      spools ? "What the spool still holds is sent again.\n" : ""));
}

}  // namespace hctail
