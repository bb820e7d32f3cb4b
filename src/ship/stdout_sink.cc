// SPDX-License-Identifier: Apache-2.0
#include "ship/stdout_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/file.h"

namespace hctail {
namespace {

bool IsRegularFile(int fd) {
  struct stat st = {};
  return ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

}  // namespace

StdoutSink::StdoutSink(int fd, const Clock& clock, DeadLetterFile& dead_letters,
                       SettleListener& listener, Log& log)
    : fd_(fd),
      regular_file_(IsRegularFile(fd)),
      clock_(clock),
      dead_letters_(dead_letters),
      listener_(listener),
      log_(log) {}

void StdoutSink::Add(std::unique_ptr<Batch> batch) {
  ++unsettled_;
  waiting_[batch->sequence].push_back(std::move(batch));
}

Status StdoutSink::Step(Duration max_wait) {
  const size_t before = unsettled_;
  while (std::unique_ptr<Batch>* const next = Next()) {
    if (dead_letters_fail_ && clock_.Now() < retry_) break;
    const Batch& batch = **next;
    if (const Status written = Write(batch.body); !written) return written;
    if (written_ < batch.body.size()) return {};  // woken while nobody reads our stdout
    if (!WriteDeadLetters(batch)) break;
    written_ = 0;
    Settle(batch);
  }
  if (unsettled_ < before) return {};
  if (dead_letters_fail_) {
    max_wait = std::min(max_wait, std::max(Duration(0), retry_ - clock_.Now()));
  }
  pollfd wake{wakeup_.fd(), POLLIN, 0};
  const timespec timeout{max_wait.count() / 1'000'000'000, max_wait.count() % 1'000'000'000};
  if (::ppoll(&wake, 1, &timeout, nullptr) > 0) wakeup_.Clear();
  return {};
}

// The batch whose turn it is, or null if it has not come yet.
std::unique_ptr<Batch>* StdoutSink::Next() {
  const auto turn = waiting_.find(sequence_);
  if (turn == waiting_.end() || part_ >= turn->second.size()) return nullptr;
  return &turn->second[part_];
}

// Goes on with `body` until it is written or Wake comes.  A descriptor that poll(2) calls writable
// takes PIPE_BUF bytes without waiting, so a reader that stalls cannot hold up the end.
Status StdoutSink::Write(std::string_view body) {
  while (written_ < body.size()) {
    pollfd waiting[] = {{fd_, POLLOUT, 0}, {wakeup_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[0].revents == 0) {
      wakeup_.Clear();
      return {};
    }
    const size_t size =
        regular_file_ ? body.size() - written_ : std::min<size_t>(body.size() - written_, PIPE_BUF);
    const ssize_t n = ::write(fd_, body.data() + written_, size);
    if (n >= 0) {
      written_ += static_cast<size_t>(n);
    } else if (errno == EPIPE) {
      return Fail("");
    } else if (errno != EINTR && errno != EAGAIN) {
      return Fail(fmt::format("cannot write to stdout: {}", ErrnoText(errno)));
    }
  }
  return {};
}

bool StdoutSink::WriteDeadLetters(const Batch& batch) {
  const Status written = dead_letters_.Write(batch.dead_letters);
  if (written) {
    dead_letters_fail_ = false;
    return true;
  }
  if (!dead_letters_fail_) log_.Fault(written.error());
  dead_letters_fail_ = true;
  retry_ = clock_.Now() + std::chrono::seconds(1);
  return false;
}

void StdoutSink::Settle(const Batch& batch) {
  std::vector<Settlement::RunOutcome> outcomes;
  outcomes.reserve(batch.runs.size());
  for (const Run& run : batch.runs) outcomes.push_back({run.events, 0});
  --unsettled_;
  listener_.OnSettled({&batch, outcomes});
  ++part_;
  if (part_ < batch.parts) return;
  waiting_.erase(sequence_);
  ++sequence_;
  part_ = 0;
}

}  // namespace hctail
