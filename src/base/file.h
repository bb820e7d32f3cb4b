// SPDX-License-Identifier: Apache-2.0
// Whole-file reads and writes, and the words for errno.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hctail {

// "permission denied": the C library's text for `error_number`, in lower case.
std::string ErrnoText(int error_number);

// The whole file.  Error: "cannot read 'PATH': REASON".
Result<std::string> ReadWholeFile(const std::string& path);

enum class Fsync { kNo, kYes };

// Replaces `path` by `content` so that a reader sees the old or the new, never a mixture:
// writes PATH.tmp in the same folder, syncs it if asked, renames, syncs the folder if asked.
Status WriteFileAtomically(const std::string& path, std::string_view content, Fsync fsync);

// Writes all of `data` to `fd`, going on after short writes and EINTR; 0 or an errno.
int WriteFully(int fd, std::string_view data);

}  // namespace hctail
