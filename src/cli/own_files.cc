// SPDX-License-Identifier: Apache-2.0
#include "cli/own_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "checkpoint/state_files.h"
#include "tail/log_family.h"

namespace hctail {
namespace {

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool SameFile(const std::string& a, const std::string& b) {
  struct stat of_a = {};
  struct stat of_b = {};
  return a == b || (::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0 &&
                    of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino);
}

}  // namespace

OwnFiles::OwnFiles(std::string state_dir, std::string dead_letters, std::string spool_dir)
    : state_dir_(std::move(state_dir)),
      dead_letters_(std::move(dead_letters)),
      spool_dir_(std::move(spool_dir)) {}

void OwnFiles::AddOpen(int descriptor) {
  struct stat st = {};
  if (::fstat(descriptor, &st) == 0 && S_ISREG(st.st_mode))
    open_.emplace_back(st.st_dev, st.st_ino);
}

bool OwnFiles::Contains(const std::string& path) const {
  const std::string_view name = NameOf(path);
  const std::string folder = FolderOf(path);
  if (!state_dir_.empty() && IsStateFile(name) && SameFile(folder, state_dir_)) return true;
  if (!spool_dir_.empty() && SameFile(folder, spool_dir_)) return true;
  if (const std::string_view letters = NameOf(dead_letters_);
      !letters.empty() && (name == letters || name == std::string(letters) + ".1") &&
      SameFile(folder, FolderOf(dead_letters_))) {
    return true;
  }
  if (open_.empty()) return false;
  struct stat st = {};
  return ::stat(path.c_str(), &st) == 0 &&
         std::ranges::find(open_, std::pair<uint64_t, uint64_t>(st.st_dev, st.st_ino)) !=
             open_.end();
}

}  // namespace hctail
