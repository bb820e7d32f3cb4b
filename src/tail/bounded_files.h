// SPDX-License-Identifier: Apache-2.0
// A file system of which only so many files are open at once, however many its user holds.
//
// A file that is held and not open is opened again when it is read.  Which are closed meanwhile is
// told by OpenFile::Need: first those that nothing is wanted of, the longest quiet ones before
// others; of those with unread bytes the one that was last found to have some, as it is read last.
//
// A file is opened again only as the inode it was: at its path, or beside it if it was renamed.
// What it holds by then (it may have been truncated; or deleted, and its inode be another file's)
// is for the reader to check, as after any pause.  If no name leads to the inode any more, ReadAt
// fails with ESTALE, and Stat tells what was known of it, with no links.
//
// Never more files are open than allowed; and if the system refuses one more (EMFILE, ENFILE),
// fewer from then on.  Must outlive its files.  Stepped by one thread.  Tested by
// bounded_files_test.cc, tailer_bounded_test.cc and tests/model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tail/file_system.h"

namespace hctail {

class BoundedFiles final : public FileSystem {
 public:
  // `most` is at least 1.
  BoundedFiles(FileSystem& files, size_t most) : files_(files), most_(most) {}

  std::expected<std::unique_ptr<OpenFile>, int> Open(const std::string& path) override;
  std::expected<FileStat, int> Stat(const std::string& path) override { return files_.Stat(path); }
  std::vector<std::string> Glob(const std::string& pattern) override {
    return files_.Glob(pattern);
  }
  std::vector<std::string> List(const std::string& directory) override {
    return files_.List(directory);
  }
  bool IsRealDirectory(const std::string& path) override { return files_.IsRealDirectory(path); }
  std::vector<std::string> TargetsOfLink(const std::string& path) override {
    return files_.TargetsOfLink(path);
  }

  size_t open_files() const { return open_.size(); }

 private:
  class File;
  using Rank = std::pair<OpenFile::Need, int64_t>;  // the lowest is closed first

  std::expected<std::unique_ptr<OpenFile>, int> OpenOne(const std::string& path);
  // False if there is none.
  bool CloseOne();
  // Without closing one that is needed as much.
  bool HasRoom(OpenFile::Need need) const;
  Rank NextRank(OpenFile::Need need);

  FileSystem& files_;
  size_t most_;
  int64_t turn_ = 0;
  std::map<Rank, File*> open_;
};

}  // namespace hctail
