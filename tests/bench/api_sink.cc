// SPDX-License-Identifier: Apache-2.0
// api_sink PORT SECONDS [DELAY_MS]: an Events API that accepts everything, as cheaply as can be, so
// that what is measured is the program that sends.  It unpacks each body and counts its events.  If
// they carry "ns" (line_writer) it prints how late they arrived.  Ends after SECONDS, or when its
// standard input is closed, with one line of totals on standard output.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/file.h"
#include "ship/compress.h"

namespace {

using hctail::Compression;

std::atomic<uint64_t> g_requests = 0;
std::atomic<uint64_t> g_events = 0;
std::atomic<uint64_t> g_packed = 0;
std::mutex g_mutex;
std::vector<double> g_late_ms;  // guarded by g_mutex
int g_delay_ms = 0;

double NowNs() {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count());
}

size_t CountEvents(std::string_view body) {
  size_t events = 0;
  std::vector<double> late;
  const double now = NowNs();
  for (size_t at = body.find("\"data\":{"); at != std::string_view::npos;
       at = body.find("\"data\":{", at + 8)) {
    ++events;
    const size_t ns = body.substr(at, 100).find("\"ns\":");
    if (ns != std::string_view::npos) {
      late.push_back((now - std::strtod(body.data() + at + ns + 5, nullptr)) / 1e6);
    }
  }
  if (!late.empty()) {
    const std::lock_guard lock(g_mutex);
    g_late_ms.insert(g_late_ms.end(), late.begin(), late.end());
  }
  return events;
}

std::string Answer(std::string_view head, std::string_view packed) {
  if (head.starts_with("GET")) return R"({"team":{"slug":"bench"},"environment":{"slug":"bench"}})";
  const Compression compression = head.find("zstd") != std::string_view::npos ? Compression::kZstd
                                  : head.find("gzip") != std::string_view::npos
                                      ? Compression::kGzip
                                      : Compression::kNone;
  const auto body = hctail::Unpack(compression, packed, 10'000'000);
  if (!body) return "unpack: " + body.error().message;
  const size_t events = CountEvents(*body);
  ++g_requests;
  g_events += events;
  g_packed += packed.size();
  std::string reply = "[";
  for (size_t i = 0; i < events; ++i) reply += i == 0 ? R"({"status":202})" : R"(,{"status":202})";
  return reply + "]";
}

// Answers requests on one connection until it is closed.
void Serve(hctail::Fd socket) {
  std::string data;
  char buffer[256 * 1024];
  while (true) {
    size_t head = data.find("\r\n\r\n");
    size_t length = 0;
    if (head != std::string::npos) {
      head += 4;
      const size_t at = data.find("Content-Length: ");
      if (at < head) length = std::strtoull(data.c_str() + at + 16, nullptr, 10);
    }
    if (head == std::string::npos || data.size() < head + length) {
      const ssize_t n = ::read(socket.get(), buffer, sizeof buffer);
      if (n <= 0) return;
      data.append(buffer, static_cast<size_t>(n));
      continue;
    }
    const std::string reply =
        Answer(std::string_view(data).substr(0, head), std::string_view(data).substr(head, length));
    data.erase(0, head + length);
    if (g_delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(g_delay_ms));
    if (hctail::WriteFully(socket.get(),
                           fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                       "Content-Length: {}\r\n\r\n{}",
                                       reply.size(), reply)) != 0) {
      return;
    }
  }
}

void PrintTotals() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  std::string text = fmt::format("requests {} events {} packed_bytes {}", g_requests.load(),
                                 g_events.load(), g_packed.load());
  const std::lock_guard lock(g_mutex);
  if (!g_late_ms.empty()) {
    std::ranges::sort(g_late_ms);
    const auto at = [&](double q) {
      return g_late_ms[static_cast<size_t>(q * static_cast<double>(g_late_ms.size() - 1))];
    };
    text += fmt::format(" late_ms p50 {:.1f} p99 {:.1f} max {:.1f}", at(0.5), at(0.99), at(1));
  }
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: api_sink PORT SECONDS [DELAY_MS]\n", stderr);
    return 2;
  }
  if (argc > 3) g_delay_ms = std::atoi(argv[3]);
  const hctail::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int one = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 64) != 0) {
    std::perror("api_sink: listen");
    return 1;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[2]));
  pollfd waiting[] = {{listener.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (std::chrono::steady_clock::now() < end) {
    if (::poll(waiting, 2, 100) <= 0) continue;
    if ((waiting[1].revents & (POLLHUP | POLLIN)) != 0) {
      char byte;
      if (::read(STDIN_FILENO, &byte, 1) <= 0) break;
    }
    if ((waiting[0].revents & POLLIN) == 0) continue;
    hctail::Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) continue;
    ::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    std::thread([c = std::move(connection)]() mutable { Serve(std::move(c)); }).detach();
  }
  PrintTotals();
  ::_exit(0);  // connections may still be served; nothing of theirs matters any more
}
