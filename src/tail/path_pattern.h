// SPDX-License-Identifier: Apache-2.0
// A pattern of paths, as -f takes it: glob(7), with ** for any number of folders, and a directory
// for the files in it.
//
// Wildcards do not match '/'.  ** is a whole component and matches none or more of them; symbolic
// links to directories are not followed below it.  Hidden files match only what begins with a dot
// if they stand in a directory that was given as such; a glob finds them all.
//
// Thread-safe.  Tested by path_pattern_test.cc.
#pragma once

#include <string>
#include <vector>

#include "tail/file_system.h"

namespace hctail {

class PathPattern {
 public:
  explicit PathPattern(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  bool has_wildcard() const { return HasWildcard(text_); }

  // Would a file at `path` be one of them?  A plain path also matches what is directly in it.
  bool Matches(const std::string& path) const;
  // Those that exist, in order of their names, directories too.  A plain path of a directory stands
  // for what is in it.
  std::vector<std::string> Expand(FileSystem& files) const;
  // The directories in which a file that matches could appear, of those that exist now.  `*all` is
  // cleared if one that it needs does not exist.
  std::vector<std::string> Directories(FileSystem& files, bool* all) const;

 private:
  void AddFoldersOfLinks(FileSystem& files, std::vector<std::string>* found) const;

  std::string text_;
};

}  // namespace hctail
