// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/probe.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/fd.h"

namespace hctail {

Probe ProbeFile(const SavedFile& saved) {
  Probe probe;
  // O_NONBLOCK: a FIFO put there by mistake must not make us wait for a writer.
  const Fd fd(::open(saved.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) {
    probe.error = errno;
    return probe;
  }
  probe.regular = S_ISREG(info.st_mode);
  probe.device = info.st_dev;
  probe.inode = info.st_ino;
  probe.size = static_cast<uint64_t>(info.st_size);
  if (!probe.regular) return probe;
  probe.head = HashHead(fd.get(), saved.identity.head_length);
  probe.tail = HashBefore(fd.get(), saved.offset, saved.tail_length);
  return probe;
}

}  // namespace hctail
