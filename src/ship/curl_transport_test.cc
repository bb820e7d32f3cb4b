// SPDX-License-Identifier: Apache-2.0
// Against real sockets on the loopback.  TLS, HTTP/2 and proxies are tested end to end.
#include "ship/curl_transport.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>

#include "base/fd.h"
#include "base/file.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using namespace std::chrono_literals;

// A port of the loopback; listening, or only known to be free.
class Port {
 public:
  Port() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(fd_.get() >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_.get(), generic, size) == 0);
    REQUIRE(::getsockname(fd_.get(), generic, &size) == 0);
    number_ = ntohs(address.sin_port);
  }
  void Listen(int backlog = 10) const { REQUIRE(::listen(fd_.get(), backlog) == 0); }
  int fd() const { return fd_.get(); }
  std::string number() const { return std::to_string(number_); }
  std::string url() const { return "http://127.0.0.1:" + number(); }

 private:
  Fd fd_;
  uint16_t number_ = 0;
};

// Answers each request of each connection with what `answer` makes of it ("" and then closing).
class Server {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  explicit Server(Answer answer) : answer_(std::move(answer)) {
    port_.Listen();
    thread_ = std::thread([this] { Run(); });
  }
  ~Server() {
    ::shutdown(port_.fd(), SHUT_RDWR);  // ends accept
    thread_.join();
  }
  const Port& port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void Run() {
    while (true) {
      const Fd connection(::accept(port_.fd(), nullptr, nullptr));
      if (!connection) return;
      ++connections_;
      Serve(connection.get());
    }
  }
  void Serve(int fd) {
    while (true) {
      std::string request;
      size_t wanted = std::string::npos;
      while (request.size() < wanted) {
        char buffer[65536];
        const ssize_t n = ::read(fd, buffer, sizeof buffer);
        if (n <= 0) return;
        request.append(buffer, static_cast<size_t>(n));
        const size_t head = request.find("\r\n\r\n");
        if (head == std::string::npos) continue;
        const size_t length = request.find("Content-Length: ");
        wanted = head + 4 +
                 (length < head ? std::strtoul(request.c_str() + length + 16, nullptr, 10) : 0);
      }
      const std::string reply = answer_(request);
      WriteFully(fd, reply);
      if (reply.find("Content-Length: ") == std::string::npos || reply.ends_with("cut")) return;
    }
  }

  Port port_;
  Answer answer_;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

std::string Reply(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

HttpReply Exchange(CurlTransport& transport, const HttpRequest& request) {
  ::setenv("no_proxy", "*", 1);
  transport.Start(request);
  std::vector<HttpReply> replies = transport.Poll(20s);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].id == request.id);
  return std::move(replies[0]);
}

HttpRequest Post(uint64_t id, std::string_view body) {
  return {.id = id, .path = "/1/batch/my%20app", .headers = {{"X-Test", "a"}}, .body = body};
}

TEST_CASE("CurlTransport: requests go out as given, on one connection that is kept") {
  std::vector<std::string> requests;
  Server server([&](const std::string& request) {
    requests.push_back(request);
    return Reply("200 OK", "retry-after:  7 \r\nRateLimit: limit=1, reset=2\r\n", "[1]");
  });
  CurlTransport transport({.url = server.port().url() + "/prefix", .ca_file = {}});
  for (uint64_t id = 1; id <= 3; ++id) {
    const std::string body(id * 1'000'000, 'x');
    const HttpReply reply = Exchange(transport, Post(id, body));
    CHECK(reply.status == 200);
    CHECK(reply.body == "[1]");
    CHECK(reply.retry_after == "7");
    CHECK(reply.rate_limit == "limit=1, reset=2");
    CHECK(requests.back().ends_with("\r\n\r\n" + body));
  }
  const HttpReply get =
      Exchange(transport, {.id = 9, .post = false, .path = "/1/auth", .headers = {}, .body = {}});
  CHECK(get.status == 200);
  CHECK(requests[0].starts_with("POST /prefix/1/batch/my%20app HTTP/1.1\r\n"));
  CHECK(requests[0].find("X-Test: a\r\n") != std::string::npos);
  CHECK(requests[0].find("Expect") == std::string::npos);
  CHECK(requests[3].starts_with("GET /prefix/1/auth HTTP/1.1\r\n"));
  CHECK(server.connections() == 1);
}

TEST_CASE("CurlTransport: a long reply is cut at 1 MiB, and says so") {
  Server server(
      [](const std::string&) { return Reply("200 OK", "", std::string((1 << 20) + 1, 'x')); });
  CurlTransport transport({.url = server.port().url(), .ca_file = {}});
  const HttpReply reply = Exchange(transport, Post(1, "x"));
  CHECK(reply.status == 200);
  CHECK(reply.body.size() == 1 << 20);
  CHECK(reply.body_cut);
}

TEST_CASE("CurlTransport: a redirect is not followed, and the key goes nowhere") {
  std::atomic<int> elsewhere = 0;
  Server other([&](const std::string&) {
    ++elsewhere;
    return Reply("200 OK", "", "");
  });
  Server server([&](const std::string&) {
    return Reply("307 Temporary Redirect", "Location: " + other.port().url() + "/x\r\n", "");
  });
  CurlTransport transport({.url = server.port().url(), .ca_file = {}});
  const HttpReply reply = Exchange(transport, Post(1, "x"));
  CHECK(reply.status == 307);
  CHECK(reply.location == other.port().url() + "/x");
  CHECK(elsewhere == 0);
}

TEST_CASE("CurlTransport: failures have a kind and short words") {
  struct Case {
    std::string url;
    HttpFailure failure;
    std::string error;
  };
  const Port closed;
  Server silent([](const std::string&) { return std::string(); });
  Server cut([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut");
  });
  const Case cases[] = {
      {closed.url(), HttpFailure::kConnect, "connection refused by 127.0.0.1:" + closed.number()},
      {"http://no-such-host.invalid", HttpFailure::kResolve,
       "could not resolve host: no-such-host.invalid"},
      {silent.port().url(), HttpFailure::kCut, "connection closed before the reply was complete"},
      {cut.port().url(), HttpFailure::kCut, "connection closed before the reply was complete"},
  };
  for (const Case& c : cases) {
    CurlTransport transport({.url = c.url, .ca_file = {}});
    const HttpReply reply = Exchange(transport, Post(1, "x"));
    CHECK(reply.status == 0);
    CHECK(reply.failure == c.failure);
    CHECK(reply.error == c.error);
  }
}

TEST_CASE("CurlTransport: a CA file that is not there is named") {
  const Port port;
  port.Listen();
  CurlTransport transport(
      {.url = "https://127.0.0.1:" + port.number(), .ca_file = "/no/such/ca.pem"});
  const HttpReply reply = Exchange(transport, Post(1, "x"));
  CHECK(reply.failure == HttpFailure::kTls);
  CHECK(reply.error == "TLS: cannot read the CA file '/no/such/ca.pem'");
}

TEST_CASE("CurlTransport: a server that says nothing is a timeout") {
  const Port port;
  port.Listen();
  CurlTransport transport({.url = port.url(), .ca_file = {}, .total_timeout = 50ms});
  const HttpReply reply = Exchange(transport, Post(1, "x"));
  CHECK(reply.failure == HttpFailure::kTimeout);
  CHECK(reply.error == "timed out after 0.05 s");
}

TEST_CASE("CurlTransport: Wake ends a wait, also one that has not begun") {
  CurlTransport transport({.url = "http://127.0.0.1:1", .ca_file = {}});
  transport.Wake();
  CHECK(transport.Poll(1h).empty());
  std::thread waker([&] { transport.Wake(); });
  CHECK(transport.Poll(1h).empty());
  waker.join();
  CHECK(transport.Poll(0s).empty());
}

TEST_CASE("CurlTransport: it can go while requests are under way") {
  const Port port;
  port.Listen();
  CurlTransport transport({.url = port.url(), .ca_file = {}});
  transport.Start(Post(1, "x"));
  CHECK(transport.Poll(0s).empty());
}

}  // namespace
}  // namespace hctail
