// SPDX-License-Identifier: Apache-2.0
// line_writer FILE LINES_PER_SECOND SECONDS [--commands] [--late MS] [--no-append] [--first N]
//
// Writes numbered JSON lines at a steady rate, one write(2) a line, each with the nanosecond it was
// written ("ns"), for api_sink to measure how late it arrives.  SIGHUP makes it open FILE again, as
// daemons do after a rotation.
//
//   --late MS     after reopening, every fourth line still goes to the old file for so long
//   --no-append   open without O_APPEND: truncating the file then leaves a hole
//   --first N     begin with this number
//   --commands    obey the lines of standard input, and end with it (SECONDS 0: only then).  Each
//   is
//                 answered with the number of the next line, when no write is under way:
//     rate LINES_PER_SECOND | reopen | rename NEW_PATH | truncate | copytruncate COPY | tell
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "base/fd.h"
#include "base/file.h"

namespace {

using hctail::Fd;
using SteadyClock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr auto kTick = std::chrono::milliseconds(1);

volatile sig_atomic_t g_reopen = 0;

[[noreturn]] void Die(const std::string& what) {
  std::perror(what.c_str());
  ::_exit(1);
}

class LineWriter {
 public:
  LineWriter(std::string path, double rate) : path_(std::move(path)), rate_(rate) {}

  bool append = true;
  std::chrono::milliseconds late{0};

  uint64_t next() const { return next_; }
  void set_next(uint64_t next) { next_ = next; }

  void Open() {
    Fd fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : 0), 0644));
    if (!fd) Die(path_);
    old_ = std::move(fd_);
    old_until_ = SteadyClock::now() + late;
    fd_ = std::move(fd);
  }

  void SetRate(double rate) {
    rate_ = rate;
    paced_from_ = SteadyClock::now();
    paced_lines_ = 0;
  }

  SteadyClock::time_point NextDue() const {
    if (rate_ <= 0) return SteadyClock::now() + std::chrono::hours(1);
    return paced_from_ + std::chrono::duration_cast<SteadyClock::duration>(
                             Seconds(static_cast<double>(paced_lines_) / rate_));
  }

  // All lines that are due.
  void Write() {
    for (const auto now = SteadyClock::now(); NextDue() <= now && g_reopen == 0; ++paced_lines_) {
      WriteLine();
    }
  }

  void Obey(std::string_view command) {
    const size_t blank = command.find(' ');
    const std::string verb(command.substr(0, blank));
    const std::string value(blank == std::string_view::npos ? "" : command.substr(blank + 1));
    if (verb == "rate") {
      SetRate(std::strtod(value.c_str(), nullptr));
    } else if (verb == "reopen") {
      Open();
    } else if (verb == "rename") {
      if (::rename(path_.c_str(), value.c_str()) != 0) Die(value);
      Open();
    } else if (verb == "truncate") {
      if (::ftruncate(fd_.get(), 0) != 0) Die(path_);
    } else if (verb == "copytruncate") {
      CopyTo(value);
      if (::ftruncate(fd_.get(), 0) != 0) Die(path_);
    } else if (verb != "tell") {
      std::fprintf(stderr, "line_writer: what is '%s'?\n", verb.c_str());
      ::_exit(2);
    }
    fmt::print("{}\n", next_);
    std::fflush(stdout);
  }

 private:
  void WriteLine() {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
    const std::string line = fmt::format(
        R"({{"level":"info","n":{},"ns":{},"msg":"a line of ordinary length that says little"}})"
        "\n",
        next_, ns);
    if (old_ && SteadyClock::now() >= old_until_) old_.Reset();
    const int fd = old_ && next_ % 4 == 0 ? old_.get() : fd_.get();
    if (hctail::WriteFully(fd, line) != 0) Die(path_);
    ++next_;
  }

  void CopyTo(const std::string& copy) {
    const Fd from(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    const Fd to(::open(copy.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!from || !to) Die(copy);
    char buffer[64 * 1024];
    ssize_t size = 0;
    while ((size = ::read(from.get(), buffer, sizeof buffer)) > 0) {
      if (hctail::WriteFully(to.get(), {buffer, static_cast<size_t>(size)}) != 0) Die(copy);
    }
    if (size < 0) Die(path_);
  }

  const std::string path_;
  double rate_;
  Fd fd_;
  Fd old_;  // written to by those that do not know of the rotation yet
  SteadyClock::time_point old_until_;
  SteadyClock::time_point paced_from_ = SteadyClock::now();
  uint64_t paced_lines_ = 0;  // since paced_from_
  uint64_t next_ = 0;
};

// Commands that have come in; false at the end of standard input.
bool ObeyAll(LineWriter* writer, std::string* pending) {
  pollfd waiting = {STDIN_FILENO, POLLIN, 0};
  while (::poll(&waiting, 1, 0) > 0) {
    char buffer[4096];
    const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    pending->append(buffer, static_cast<size_t>(size));
    for (size_t end = 0; (end = pending->find('\n')) != std::string::npos;) {
      writer->Obey(pending->substr(0, end));
      pending->erase(0, end + 1);
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: line_writer FILE LINES_PER_SECOND SECONDS [OPTION...] (see its source)\n",
               stderr);
    return 2;
  }
  LineWriter writer(argv[1], std::strtod(argv[2], nullptr));
  const double seconds = std::strtod(argv[3], nullptr);
  bool commands = false;
  for (int i = 4; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--commands") commands = true;
    if (option == "--no-append") writer.append = false;
    if (option == "--late" && i + 1 < argc) {
      writer.late = std::chrono::milliseconds(std::atoi(argv[++i]));
    }
    if (option == "--first" && i + 1 < argc) {
      writer.set_next(std::strtoull(argv[++i], nullptr, 10));
    }
  }
  struct sigaction on_hangup = {};
  on_hangup.sa_handler = [](int) { g_reopen = 1; };
  ::sigaction(SIGHUP, &on_hangup, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const auto begin = SteadyClock::now();
  const auto end = begin + Seconds(seconds);
  writer.Open();
  writer.SetRate(std::strtod(argv[2], nullptr));
  std::string pending;
  while (seconds <= 0 || writer.NextDue() < end) {
    if (g_reopen != 0) {
      g_reopen = 0;
      writer.Open();
    }
    if (commands && !ObeyAll(&writer, &pending)) break;
    writer.Write();
    // With commands, what is due within one tick is written together: to wake for each line would
    // cost more than to write it.
    std::this_thread::sleep_until(commands ? SteadyClock::now() + kTick : writer.NextDue());
  }
  if (commands) fmt::print("{}\n", writer.next());
  return 0;
}
