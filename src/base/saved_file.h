// SPDX-License-Identifier: Apache-2.0
// How a file is recognised and where it is to be resumed: what the checkpoint keeps and the tailer
// starts from.
#pragma once

#include <cstdint>
#include <string>

namespace hctail {

// Who a file is: device and inode, and content.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint32_t head_length = 0;  // how many first bytes head_hash covers, at most 1024
  uint64_t head_hash = 0;    // XXH3_64bits of them

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// One saved position.  Without an inode it is of something else: a pattern whose files are followed
// (then it is gone, too), or a spool.
struct SavedFile {
  uint64_t id = 0;  // this entry's number in the checkpoint
  std::string path;
  FileIdentity identity;
  uint64_t offset = 0;       // everything before it is settled
  uint32_t tail_length = 0;  // bytes before `offset` that tail_hash covers, at most 64
  uint64_t tail_hash = 0;    // XXH3_64bits of them
  int64_t updated = 0;       // Unix seconds of the last change
  // Nothing more is expected of it (rotated away and settled, or not found again): kept so that it
  // is recognised under another name or packed, and so that its path is known to be followed.
  bool gone = false;
  // Generations of its path that were changed since then (Unix seconds) came and went, and may not
  // be known yet; 0: all are that are older than the newest entry of the path.
  int64_t gap_since = 0;
  // When the packed file was changed last, once all of it is settled: if that is still so, there is
  // nothing in it to look at.  As FileStat::modified; 0: it is not packed, or not settled.
  int64_t whole = 0;
  // Made by a backfill, which forgets it when all is done.
  bool backfill = false;
  std::string state = {};  // what its FileParser must know to go on at `offset`; any bytes

  bool is_pattern() const { return identity.inode == 0 && gone; }
  bool is_spool() const { return identity.inode == 0 && !gone; }
};

}  // namespace hctail
