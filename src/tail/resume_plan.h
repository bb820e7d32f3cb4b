// SPDX-License-Identifier: Apache-2.0
// Where each saved position would be resumed if a Tailer were started now, and why.
//
// It is asked of a Tailer that looks and does not read, so there is no second opinion on what a
// file is: every saved path and pattern is followed, and what the Tailer opens is written down.
// Only the words for it (was it truncated, or replaced?) are found here.
//
// Opens each file for as long as it takes; changes nothing.  Tested by resume_plan_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/saved_file.h"
#include "base/time.h"
#include "tail/file_system.h"

namespace hctail {

struct Resume {
  enum class Why : uint8_t {
    kSame,        // the same inode and content
    kCopied,      // known by its content, as another inode
    kFoundAs,     // it was renamed, copied or packed as `found_as`, and is read on there
    kSpool,       // it is no file: the spool of standard input
    kPacked,      // it is packed as `found_as`, and all of it was settled
    kTruncated,   // shorter than the position
    kRewritten,   // the same inode, other content
    kReplaced,    // another file is at its path, and it is not found
    kAbsent,      // nothing is at its path, and it is not found
    kGone,        // nothing is expected of it: it is kept to be known again
    kPattern,     // it is no file: a pattern whose files are followed
    kUnreadable,  // `error` tells why
    kNoFile,      // a directory or a pipe is at its path
  };
  SavedFile saved;
  Why why = Why::kAbsent;
  uint64_t size = 0;        // of the file that is resumed, or of the one at its path
  bool sized = true;        // false: it is packed, and what it unpacks to is not known
  std::string found_as;     // kFoundAs, kPacked
  bool path_taken = false;  // kFoundAs: another file is at the path now
  int error = 0;            // kUnreadable: an errno

  bool resumes() const { return why <= Why::kSpool; }
  // It is not there to be resumed, and may never be again.
  bool lost() const { return why == Why::kReplaced || why == Why::kAbsent; }
  uint64_t behind() const { return resumes() && size > saved.offset ? size - saved.offset : 0; }
};

// By path, then by id.
std::vector<Resume> PlanResume(FileSystem& files, const Clock& clock, std::vector<SavedFile> saved);

}  // namespace hctail
