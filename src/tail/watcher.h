// SPDX-License-Identifier: Apache-2.0
// Tells which files may have grown and when a directory changed, without asking each of them.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/fd.h"
#include "base/span.h"

namespace hctail {

// Stepped by one thread.
class Watcher {
 public:
  struct Changes {
    std::vector<FileKey> files;  // written to, renamed or deleted; each once
    bool directories = false;    // something was created in, or left, a watched directory
    bool overflow = false;       // the queue overflowed: anything may have changed
  };

  virtual ~Watcher() = default;
  // Readable when Take has something; -1: never.
  virtual int fd() const = 0;
  // False if changes of it cannot be seen here (network file systems, FUSE, no watches left): the
  // caller has to look for itself.
  virtual bool WatchFile(FileKey file, int descriptor) = 0;
  virtual void UnwatchFile(FileKey file) = 0;
  virtual bool WatchDirectory(const std::string& path) = 0;
  virtual Changes Take() = 0;
};

// inotify(7).
class InotifyWatcher final : public Watcher {
 public:
  InotifyWatcher();
  int fd() const override { return fd_.get(); }
  bool WatchFile(FileKey file, int descriptor) override;
  void UnwatchFile(FileKey file) override;
  bool WatchDirectory(const std::string& path) override;
  Changes Take() override;

 private:
  void WatchParent(const std::string& path);

  Fd fd_;
  std::unordered_map<int, FileKey> files_;            // by watch descriptor
  std::unordered_map<FileKey, int> watches_;          // the reverse
  std::unordered_map<std::string, int> directories_;  // their watches, by path
  std::unordered_set<int> directory_watches_;
  // The directories in these are watched: only that they leave is of interest.
  std::unordered_map<int, std::unordered_set<std::string>> parents_;
};

// Sees nothing: every file is polled (--tail.poll, and tests).
class NoWatcher final : public Watcher {
 public:
  int fd() const override { return -1; }
  bool WatchFile(FileKey, int) override { return false; }
  void UnwatchFile(FileKey) override {}
  bool WatchDirectory(const std::string&) override { return false; }
  Changes Take() override { return {}; }
};

}  // namespace hctail
