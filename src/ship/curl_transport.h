// SPDX-License-Identifier: Apache-2.0
// HTTP with libcurl: connections are kept and shared, HTTP/2 where TLS negotiates it, TLS always
// verified, proxies from the environment as curl knows them.  The one file that knows curl.
//
// Redirects are never followed, so that neither key nor events go anywhere but to the configured
// host.  Errors are short and in lower case: "could not resolve host: X", "connection refused by
// X:PORT", "TLS: certificate problem: ...", "timed out after 60 s", "connection closed before the
// reply was complete".
//
// Driven by one thread; only Wake may be called from others.  Raises no signals; SIGPIPE must be
// ignored by the program.  Tested by curl_transport_test.cc, and end to end through nginx and a
// proxy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "ship/transport.h"

namespace hctail {

struct CurlOptions {
  std::string url;      // ApiHost::url; requests' paths are appended
  std::string ca_file;  // PEM; empty: the system's
  Duration connect_timeout = std::chrono::seconds(10);
  Duration total_timeout = std::chrono::seconds(60);
};

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void Start(const HttpRequest& request) override;
  std::vector<HttpReply> Poll(Duration max_wait) override;
  void Wake() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hctail
