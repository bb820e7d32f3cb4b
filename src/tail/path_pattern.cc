// SPDX-License-Identifier: Apache-2.0
#include "tail/path_pattern.h"

#include <fnmatch.h>

#include <algorithm>
#include <string_view>

#include "tail/log_family.h"

namespace hctail {
namespace {

constexpr std::string_view kAnyFolders = "**";
constexpr int kDeepest = 64;  // folders below a **

std::vector<std::string> Components(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

using Iterator = std::vector<std::string>::const_iterator;

bool MatchComponents(Iterator pattern, Iterator pattern_end, Iterator path, Iterator path_end) {
  for (; pattern != pattern_end; ++pattern, ++path) {
    if (*pattern == kAnyFolders) {
      for (;; ++path) {
        if (MatchComponents(pattern + 1, pattern_end, path, path_end)) return true;
        if (path == path_end) return false;
      }
    }
    if (path == path_end || ::fnmatch(pattern->c_str(), path->c_str(), 0) != 0) return false;
  }
  return path == path_end;
}

bool IsDirectory(FileSystem& files, const std::string& path) {
  const auto stat = files.Stat(path);
  return stat && stat->type == FileStat::Type::kDirectory;
}

std::string In(std::string folder, const std::string& name) {
  if (!folder.ends_with('/')) folder += '/';
  return folder.append(name);
}

// `folder` and all below it.
void AddFolders(FileSystem& files, const std::string& folder, int depth,
                std::vector<std::string>* found) {
  found->push_back(folder);
  if (depth == 0) return;
  for (const std::string& name : files.List(folder)) {
    const std::string path = In(folder, name);
    if (files.IsRealDirectory(path)) AddFolders(files, path, depth - 1, found);
  }
}

// The paths of `pattern`, whose first ** stands at `at`.
std::vector<std::string> FoldersBefore(FileSystem& files, const std::string& pattern, size_t at) {
  std::string before = at == 0 ? "." : pattern.substr(0, at - 1);
  if (before.empty()) before = "/";
  std::vector<std::string> folders;
  for (const std::string& root : files.Glob(before)) {
    if (IsDirectory(files, root)) AddFolders(files, root, kDeepest, &folders);
  }
  return folders;
}

size_t FindAnyFolders(const std::string& pattern) {
  for (size_t at = 0; (at = pattern.find(kAnyFolders, at)) != std::string::npos; at += 2) {
    const bool begins = at == 0 || pattern[at - 1] == '/';
    if (begins && (at + 2 == pattern.size() || pattern[at + 2] == '/')) return at;
  }
  return std::string::npos;
}

// What follows a ** at `at`, put behind each folder that it can mean.
std::vector<std::string> WithoutAnyFolders(FileSystem& files, const std::string& pattern,
                                           size_t at) {
  const std::string rest = at + 2 == pattern.size() ? "/*" : pattern.substr(at + 2);
  std::vector<std::string> patterns;
  for (const std::string& folder : FoldersBefore(files, pattern, at)) {
    patterns.push_back((folder == "/" ? "" : EscapeGlob(folder)) + rest);
  }
  return patterns;
}

}  // namespace

bool PathPattern::Matches(const std::string& path) const {
  if (!has_wildcard()) {
    if (text_ == path) return true;
    const size_t slash = path.rfind('/');
    return slash != std::string::npos && path.size() > slash + 1 && path[slash + 1] != '.' &&
           (path.substr(0, slash) == text_ || path.substr(0, slash + 1) == text_);
  }
  if (text_.starts_with('/') != path.starts_with('/')) return false;
  std::vector<std::string> pattern = Components(text_);
  if (!pattern.empty() && pattern.back() == kAnyFolders) pattern.emplace_back("*");
  const std::vector<std::string> parts = Components(path);
  return MatchComponents(pattern.begin(), pattern.end(), parts.begin(), parts.end());
}

std::vector<std::string> PathPattern::Expand(FileSystem& files) const {
  if (const size_t at = FindAnyFolders(text_); at != std::string::npos) {
    std::vector<std::string> found;
    for (std::string& pattern : WithoutAnyFolders(files, text_, at)) {
      std::ranges::move(PathPattern(std::move(pattern)).Expand(files), std::back_inserter(found));
    }
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    return found;
  }
  if (has_wildcard() || !IsDirectory(files, text_)) return files.Glob(text_);
  std::vector<std::string> found;
  for (const std::string& name : files.List(text_)) {
    if (name.starts_with('.')) continue;
    found.push_back(In(text_, name));
  }
  return found;
}

// Where folders on the way are symbolic links, which may be pointed elsewhere.
void PathPattern::AddFoldersOfLinks(FileSystem& files, std::vector<std::string>* found) const {
  size_t begin = 0;  // of a component
  for (size_t slash = text_.find('/', 1); slash != std::string::npos;
       begin = slash + 1, slash = text_.find('/', begin)) {
    // In the folder of a wildcard all is watched for.
    if (HasWildcard(text_.substr(begin, slash - begin))) continue;
    for (const std::string& folder : files.Glob(text_.substr(0, slash))) {
      if (files.IsRealDirectory(folder) || !IsDirectory(files, folder)) continue;
      found->push_back(FolderOf(folder));
    }
  }
}

std::vector<std::string> PathPattern::Directories(FileSystem& files, bool* all) const {
  std::vector<std::string> found;
  if (const size_t at = FindAnyFolders(text_); at != std::string::npos) {
    for (std::string& pattern : WithoutAnyFolders(files, text_, at)) {
      bool some = true;  // not every folder has what follows the **
      std::ranges::move(PathPattern(std::move(pattern)).Directories(files, &some),
                        std::back_inserter(found));
    }
    *all &= !found.empty();
    return found;
  }
  if (!has_wildcard() && IsDirectory(files, text_)) found.push_back(text_);
  AddFoldersOfLinks(files, &found);
  for (size_t slash = text_.find('/', 1); slash != std::string::npos;
       slash = text_.find('/', slash + 1)) {
    const size_t next = std::min(text_.find('/', slash + 1), text_.size());
    // Only the parents of a wildcard component, and of the file itself, can bring new files.
    if (next != text_.size() && !HasWildcard(text_.substr(slash, next - slash))) continue;
    const std::vector<std::string> parents = files.Glob(text_.substr(0, slash));
    for (const std::string& parent : parents) {
      if (IsDirectory(files, parent)) found.push_back(parent);
    }
    *all &= !parents.empty();
  }
  const size_t first = text_.find('/', text_.starts_with('/') ? 1 : 0);
  if (first == std::string::npos || HasWildcard(text_.substr(0, first))) {
    found.emplace_back(text_.starts_with('/') ? "/" : ".");
  }
  return found;
}

}  // namespace hctail
