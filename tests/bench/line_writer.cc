// SPDX-License-Identifier: Apache-2.0
// line_writer FILE LINES_PER_SECOND SECONDS: appends JSON lines at a steady rate, one write a line,
// each with the nanosecond it was written ("ns"), for api_sink to measure how late it arrives.
#include <fcntl.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/fd.h"
#include "base/file.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: line_writer FILE LINES_PER_SECOND SECONDS\n", stderr);
    return 2;
  }
  const double rate = std::strtod(argv[2], nullptr);
  const auto lines = static_cast<uint64_t>(rate * std::strtod(argv[3], nullptr));
  const hctail::Fd fd(::open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) {
    std::perror(argv[1]);
    return 1;
  }
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < lines; ++i) {
    std::this_thread::sleep_until(start +
                                  std::chrono::duration<double>(static_cast<double>(i) / rate));
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
    const std::string line = fmt::format(
        R"({{"level":"info","n":{},"ns":{},"msg":"a line of ordinary length that says little"}})"
        "\n",
        i, ns);
    if (hctail::WriteFully(fd.get(), line) != 0) return 1;
  }
  return 0;
}
