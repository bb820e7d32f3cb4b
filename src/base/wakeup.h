// SPDX-License-Identifier: Apache-2.0
// A descriptor that becomes readable when another thread, or a signal handler, says so (eventfd).
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/check.h"
#include "base/fd.h"

namespace hctail {

class Wakeup {
 public:
  Wakeup() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { HC_CHECK(fd_); }

  // Readable from Notify until Clear.  Notify may be called from any thread.
  int fd() const { return fd_.get(); }
  void Notify() const {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(fd_.get(), &one, sizeof one);
  }
  void Clear() const {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t n = ::read(fd_.get(), &count, sizeof count);
  }

 private:
  Fd fd_;
};

}  // namespace hctail
