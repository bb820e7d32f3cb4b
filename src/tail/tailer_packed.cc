// SPDX-License-Identifier: Apache-2.0
// How the Tailer looks into packed files, whose content is found only by unpacking all before it.
#include <algorithm>
#include <cerrno>

#include "tail/tailer.h"

namespace hctail {

// It was read to its end, and has not changed since.
bool Tailer::IsWhole(const OpenedLog& log, const FileIdentity& identity) {
  const auto saved = saved_.TakeWhole(identity, log.stat.modified);
  if (!saved) return false;
  done_[Inode(identity.device, identity.inode)] = log.stat.modified;
  if (!saved->gone) listener_.OnPacked(*saved, saved->path, identity, log.stat.modified);
  return true;
}

// False if what is known of it can be compared now.  If not, a later Read or scan goes on with it.
bool Tailer::UnpackAhead(OpenedLog& log, const FileIdentity& identity, const Begin& begin) {
  if (options_.stop_at_end || begin.at_once) return false;
  if (unpacking_ && unpacking_->log.stat.inode == identity.inode &&
      unpacking_->log.stat.device == identity.device) {
    unpacking_->begin = begin;  // it may have another name by now
    unpacking_->found = true;
    return true;
  }
  uint64_t target = saved_.FurthestOf(identity);
  for (const TailedFile* const file : PossibleOriginals(begin, /*packed=*/true)) {
    if (file->identity().head_hash == identity.head_hash) target = std::max(target, file->offset());
  }
  if (target <= options_.unpack_step) return false;
  if (!unpacking_ || unpacking_->waits) {
    unpacking_ = {.log = std::move(log), .begin = begin, .target = target};
  } else {
    unpacking_->others = true;
  }
  return true;
}

// After a scan: one that waits is tried again, unless it is gone.
void Tailer::KeepUnpacking() {
  if (!unpacking_) return;
  const bool found = std::exchange(unpacking_->found, false);
  if (!unpacking_->waits) return;
  if (found) {
    unpacking_->waits = false;
  } else {
    unpacking_.reset();
  }
}

void Tailer::UnpackOn() {
  if (unpacking_->waits) return;
  const uint64_t next = std::min(unpacking_->next + options_.unpack_step, unpacking_->target);
  char byte = 0;
  const auto n = unpacking_->log.file->ReadAt(next, &byte, 1);
  if (!n && n.error() == EAGAIN) {
    unpacking_->waits = true;
    scan_due_ |= std::exchange(unpacking_->others, false);
    return;
  }
  unpacking_->next = next;
  if (n && *n > 0 && next < unpacking_->target) return;

  Unpacking done = std::move(*unpacking_);
  unpacking_.reset();
  done.begin.at_once = true;
  Follow(done.log, done.begin);
  scan_due_ |= std::exchange(done.others, false);
  if (done.log.file == nullptr || IsKnown(done.log.stat)) return;
  done.waits = true;
  unpacking_ = std::move(done);
}

}  // namespace hctail
