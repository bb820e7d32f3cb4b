// SPDX-License-Identifier: Apache-2.0
// The files that this run writes: to follow them would never end.
//
// Folders are compared as the system does, so that links and relative paths do no harm.  Not
// thread-safe.  Tested by own_files_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hctail {

class OwnFiles {
 public:
  // An empty path: there is none.
  OwnFiles(std::string state_dir, std::string dead_letters, std::string spool_dir);

  // The file that is open as `descriptor`, if it is a regular one: standard output.
  void AddOpen(int descriptor);

  bool Contains(const std::string& path) const;

 private:
  const std::string state_dir_;
  const std::string dead_letters_;
  const std::string spool_dir_;
  std::vector<std::pair<uint64_t, uint64_t>> open_;  // device, inode
};

}  // namespace hctail
