// SPDX-License-Identifier: Apache-2.0
#include "tail/watcher.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

namespace hctail {
namespace {

constexpr uint32_t kFileMask = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
constexpr uint32_t kDirectoryMask =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_MOVE_SELF | IN_ONLYDIR;

// Not in every linux/magic.h.
constexpr long kFuseMagic = 0x65735546;
constexpr long kCifsMagic = 0xFF534D42;
constexpr long kSmb2Magic = 0xFE534D42;
constexpr long k9pMagic = 0x01021997;
constexpr long kCephMagic = 0x00C36400;
constexpr long kLustreMagic = 0x0BD00BD0;
constexpr long kGpfsMagic = 0x47504653;

// File systems on which another machine can write without our kernel knowing.
bool ChangesAreInvisible(const struct statfs& fs) {
  const auto type = static_cast<long>(fs.f_type);
  for (const long remote :
       {long{NFS_SUPER_MAGIC}, long{SMB_SUPER_MAGIC}, long{AFS_SUPER_MAGIC}, kFuseMagic, kCifsMagic,
        kSmb2Magic, k9pMagic, kCephMagic, kLustreMagic, kGpfsMagic}) {
    if (type == remote) return true;
  }
  return false;
}

}  // namespace

InotifyWatcher::InotifyWatcher() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

bool InotifyWatcher::WatchFile(FileKey file, int descriptor) {
  struct statfs fs = {};
  if (!fd_ || descriptor < 0 || ::fstatfs(descriptor, &fs) != 0 || ChangesAreInvisible(fs)) {
    return false;
  }
  // By descriptor, not by path: the path may name another file by now.
  const std::string link = fmt::format("/proc/self/fd/{}", descriptor);
  const int watch = ::inotify_add_watch(fd_.get(), link.c_str(), kFileMask);
  if (watch < 0) return false;
  files_[watch] = file;
  watches_[file] = watch;
  return true;
}

void InotifyWatcher::UnwatchFile(FileKey file) {
  const auto it = watches_.find(file);
  if (it == watches_.end()) return;
  // A truncated file is watched again, under its new key, by the same watch.
  const auto owner = files_.find(it->second);
  if (owner != files_.end() && owner->second == file) {
    ::inotify_rm_watch(fd_.get(), it->second);
    files_.erase(owner);
  }
  watches_.erase(it);
}

bool InotifyWatcher::WatchDirectory(const std::string& path) {
  struct statfs fs = {};
  if (!fd_ || ::statfs(path.c_str(), &fs) != 0 || ChangesAreInvisible(fs)) return false;
  const int watch = ::inotify_add_watch(fd_.get(), path.c_str(), kDirectoryMask);
  if (watch < 0) return false;
  // The same directory gives the same watch; another one may have taken its path.
  const auto [known, is_new] = directories_.try_emplace(path, watch);
  const int old = std::exchange(known->second, watch);
  directory_watches_.insert(watch);
  if (is_new || old != watch) WatchParent(path);
  if (old != watch && std::ranges::none_of(directories_, [&](const auto& directory) {
        return directory.second == old;
      })) {
    if (!parents_.contains(old)) ::inotify_rm_watch(fd_.get(), old);
    directory_watches_.erase(old);
  }
  return true;
}

// A directory that is removed says so itself only when the last file in it that is open was closed,
// but its parent does at once.
void InotifyWatcher::WatchParent(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error || !real.has_relative_path()) return;
  const int watch = ::inotify_add_watch(fd_.get(), real.parent_path().c_str(),
                                        IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR | IN_MASK_ADD);
  if (watch >= 0) parents_[watch].insert(real.filename());
}

Watcher::Changes InotifyWatcher::Take() {
  Changes changes;
  std::unordered_set<FileKey> seen;
  alignas(inotify_event) char buffer[64 * 1024];
  while (fd_) {
    const ssize_t size = ::read(fd_.get(), buffer, sizeof buffer);
    if (size <= 0) break;
    for (ssize_t at = 0; at < size;) {
      inotify_event event;
      std::memcpy(&event, buffer + at, sizeof event);
      const std::string_view name =
          event.len > 0 ? std::string_view(buffer + at + sizeof event) : std::string_view();
      at += static_cast<ssize_t>(sizeof event + event.len);
      if (const auto it = parents_.find(event.wd); it != parents_.end()) {
        if ((event.mask & IN_ISDIR) != 0)
          changes.directories |= it->second.contains(std::string(name));
        if ((event.mask & IN_IGNORED) != 0) parents_.erase(it);
      }
      if ((event.mask & IN_Q_OVERFLOW) != 0) changes.overflow = true;
      if (const auto it = files_.find(event.wd); it != files_.end()) {
        if ((event.mask & (IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)) != 0) {
          changes.directories = true;  // it may have left its path, or its path may have changed
        }
        if (seen.insert(it->second).second) changes.files.push_back(it->second);
        if ((event.mask & IN_IGNORED) != 0) {
          watches_.erase(it->second);
          files_.erase(it);
        }
      } else if (directory_watches_.contains(event.wd)) {
        changes.directories = true;
        if ((event.mask & IN_IGNORED) != 0) {
          directory_watches_.erase(event.wd);
          const int watch = event.wd;  // a struct with a flexible array cannot be captured
          std::erase_if(directories_, [watch](const auto& item) { return item.second == watch; });
        }
      }
    }
  }
  return changes;
}

}  // namespace hctail
