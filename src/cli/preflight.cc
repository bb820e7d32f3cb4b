// SPDX-License-Identifier: Apache-2.0
#include "cli/preflight.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/fd.h"
#include "base/file.h"
#include "cli/standard_streams.h"
#include "tail/file_system.h"
#include "tail/log_family.h"
#include "tail/path_pattern.h"

namespace hctail {
namespace {

std::string UserName(uid_t uid) {
  const passwd* const user = ::getpwuid(uid);
  return user != nullptr ? user->pw_name : std::to_string(uid);
}

std::string GroupName(gid_t gid) {
  const group* const found = ::getgrgid(gid);
  return found != nullptr ? found->gr_name : std::to_string(gid);
}

bool InGroup(gid_t gid) {
  if (::getegid() == gid) return true;
  std::vector<gid_t> groups(static_cast<size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int n = ::getgroups(static_cast<int>(groups.size()), groups.data());
  return n > 0 && std::ranges::find(groups, gid) != groups.end();
}

std::unexpected<Error> CannotRead(const std::string& path, int error) {
  std::string hint;
  if (error == EACCES) hint = WhoMayRead(path);
  if (error == ENOENT) hint = "Check the path; quote patterns so that hctail sees them itself.";
  return Fail(fmt::format("cannot read '{}': {}", path, ErrnoText(error)), std::move(hint));
}

// In which a pattern's first wildcard stands: nothing is found if it cannot be listed.
std::string FolderOfWildcard(const std::string& pattern) {
  return FolderOf(pattern.substr(0, pattern.find_first_of("*?[")));
}

// A path without wildcards that is to be read to its end.
Status CheckPath(FileSystem& files, const std::string& path) {
  const auto stat = files.Stat(path);
  if (!stat) return CannotRead(path, stat.error());
  if (stat->type == FileStat::Type::kOther) {
    return Fail(fmt::format("cannot read '{}': not a regular file", path),
                fmt::format("To read a pipe, give it on standard input: hctail -f - < '{}'", path));
  }
  if (const auto opened = files.Open(path); !opened) return CannotRead(path, opened.error());
  return {};
}

}  // namespace

std::string WhoMayRead(const std::string& path) {
  struct stat st = {};
  if (::stat(path.c_str(), &st) != 0) {
    return fmt::format("A folder above it is closed to '{}' (uid {}).", UserName(::geteuid()),
                       ::geteuid());
  }
  std::string text =
      fmt::format("The {} is {}:{}, mode {:04o}; hctail runs as '{}' (uid {})",
                  S_ISDIR(st.st_mode) ? "folder" : "file", UserName(st.st_uid),
                  GroupName(st.st_gid), st.st_mode & 07777, UserName(::geteuid()), ::geteuid());
  if ((st.st_mode & S_IRGRP) != 0 && !InGroup(st.st_gid)) {
    text += fmt::format(", which is not in group {}", GroupName(st.st_gid));
  }
  return text + ".";
}

Error CannotList(const std::string& folder, int error) {
  return {fmt::format("cannot list '{}': {}", folder, ErrnoText(error)),
          error == EACCES ? WhoMayRead(folder) : std::string()};
}

Result<std::vector<const ParserSpec*>> CandidateParsers(const Options& options) {
  std::vector<const ParserSpec*> candidates;
  for (const ParserSpec& spec : AllParsers()) {
    const bool named = options.parser == spec.name;
    if (options.parser != "auto" && !named) continue;
    if (spec.required_option.empty() || options.parser_options.Has(spec.required_option)) {
      candidates.push_back(&spec);
    } else if (named) {
      return Fail(fmt::format("--parser {} needs --{}", spec.name, spec.required_option),
                  "Run 'hctail --help' to see what it takes.");
    }
  }
  return candidates;
}

void CheckFiles(const std::vector<std::string>& files, const std::vector<std::string>& filters,
                bool stop_at_end, Log& log, std::vector<std::string>* missing_patterns,
                std::vector<Error>* problems) {
  std::map<std::string, int> unlisted;  // folders
  PosixFileSystem system([&](const std::string& folder, int error) { unlisted[folder] = error; });
  bool any = false;
  for (const std::string& file : files) {
    if (file == "-") {
      any = true;
      if (IsClosedStream(STDIN_FILENO)) {
        problems->push_back(
            {"standard input is closed (from --file -)",
             "Give it something to read: 'COMMAND | hctail -f -', or 'hctail -f - < "
             "FILE'."});
      }
      continue;
    }
    const PathPattern pattern(file);
    const bool follows = !stop_at_end;
    // What is not there yet is waited for; what cannot be read never ends by itself.
    const auto stat = system.Stat(file);
    const bool missing = follows && !stat && stat.error() == ENOENT;
    if (!pattern.has_wildcard() && !missing) {
      if (const Status checked = CheckPath(system, file); !checked) {
        problems->push_back(checked.error());
        any = true;
        continue;
      }
    }
    const std::vector<std::string> paths = pattern.Expand(system);
    if (const auto closed = unlisted.find(FolderOfWildcard(file));
        pattern.has_wildcard() && closed != unlisted.end()) {
      problems->push_back(CannotList(closed->first, closed->second));
      any = true;
      continue;
    }
    if (paths.empty() && stop_at_end) {
      problems->push_back(stat ? Error{fmt::format("there is no file in '{}' (from --file)", file)}
                               : Error{fmt::format("no file matches '{}' (from --file)", file),
                                       "Check the pattern; '*' does not match '/'."});
      any = true;
      continue;
    }
    if (paths.empty()) missing_patterns->push_back(file);
    if (paths.empty() && pattern.has_wildcard()) {
      log.Warn(fmt::format("no file matches '{}' yet; waiting for one to appear", file));
    }
    any |= paths.empty() || std::ranges::any_of(paths, [&](const std::string& path) {
             return std::ranges::none_of(filters, [&](const std::string& filter) {
               return ::fnmatch(filter.c_str(), path.c_str(), 0) == 0;
             });
           });
  }
  if (!any) {
    problems->push_back({"--filter-file leaves no file to read",
                         "Every file that --file names matches one of its patterns."});
  }
}

Status CheckFiles(const std::vector<std::string>& files, const std::vector<std::string>& filters,
                  bool stop_at_end, Log& log, std::vector<std::string>* missing_patterns) {
  std::vector<Error> problems;
  CheckFiles(files, filters, stop_at_end, log, missing_patterns, &problems);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  return {};
}

Status CheckWritable(const std::string& folder) {
  std::string path = folder.empty() ? "." : folder;
  while (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    const size_t slash = path.find_last_not_of('/', path.rfind('/'));
    if (path.find('/') == std::string::npos) {
      path = ".";
    } else {
      path = slash == std::string::npos ? "/" : path.substr(0, slash + 1);
    }
  }
  struct stat st = {};
  if (::stat(path.c_str(), &st) == 0 && !S_ISDIR(st.st_mode)) {
    return Fail(fmt::format("cannot write to '{}': '{}' is not a folder", folder, path));
  }
  if (::access(path.c_str(), W_OK | X_OK) == 0) return {};
  const int error = errno;
  return Fail(
      fmt::format("cannot write to '{}': {}", path == folder ? folder : path, ErrnoText(error)),
      fmt::format("hctail runs as '{}' (uid {}), and needs to write there.", UserName(::geteuid()),
                  ::geteuid()));
}

Status CheckDeadLetters(const std::string& path) {
  struct stat st = {};
  if (::stat(path.c_str(), &st) != 0) return CheckWritable(FolderOf(path));
  if (S_ISDIR(st.st_mode)) {
    return Fail(fmt::format("cannot write to '{}': it is a folder", path),
                "--dead-letter names a file.");
  }
  if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
    return Fail(fmt::format("cannot write to '{}': not a regular file", path),
                "Nobody may read from the other end, and everything would wait.");
  }
  if (::access(path.c_str(), W_OK) == 0) return {};
  const int error = errno;
  return Fail(fmt::format("cannot write to '{}': {}", path, ErrnoText(error)),
              error == EACCES ? WhoMayRead(path) : std::string());
}

}  // namespace hctail
