// SPDX-License-Identifier: Apache-2.0
#include "cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/log.h"

namespace hctail {

// O_PATH is there without /dev, and neither read(2) nor write(2) takes it.
void OccupyClosedStreams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    [[maybe_unused]] const int opened = ::open("/", O_PATH | O_CLOEXEC);  // the lowest that is free
  }
}

bool IsClosedStream(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags < 0 || (flags & O_PATH) != 0;
}

int PrintOut(std::string_view text, int code) {
  const int error = WriteFully(STDOUT_FILENO, text);
  if (error == 0) return code;
  if (error != EPIPE) {  // whoever read it has seen enough
    StderrLog(Log::Level::kError)
        .Fault({"cannot write to standard output: " +
                (IsClosedStream(STDOUT_FILENO) ? "it is closed" : ErrnoText(error))});
  }
  return 2;
}

}  // namespace hctail
