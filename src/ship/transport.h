// SPDX-License-Identifier: Apache-2.0
// HTTP as the sender sees it.  curl_transport.cc is the real one; tests script a fake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace hctail {

struct HttpRequest {
  uint64_t id = 0;  // the caller's, returned in the reply
  bool post = true;
  std::string path;  // "/1/batch/my%20logs", appended to the configured host's own path
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;  // must stay put until the reply
};

// Why there is no complete reply.
enum class HttpFailure : uint8_t {
  kNone,
  kResolve,  // no such host
  kConnect,  // nobody answers there
  kTls,      // no trust
  kTimeout,
  kCut,  // the connection ended too early
  kOther,
};

struct HttpReply {
  uint64_t id = 0;
  int status = 0;  // 0: no complete reply; `failure` and `error` say why
  HttpFailure failure = HttpFailure::kNone;
  std::string error;        // "could not resolve host: api.example.com"
  std::string body;         // at most 1 MiB is kept
  bool body_cut = false;    // there was more than that
  std::string retry_after;  // the header's value, or empty
  std::string rate_limit;   // RateLimit header's value, or empty
  std::string location;     // where a redirect points; never followed
};

// Driven by one thread; only Wake may be called from others.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void Start(const HttpRequest& request) = 0;
  // Replies that are complete, waiting for one at most `max_wait` and not after Wake.
  virtual std::vector<HttpReply> Poll(Duration max_wait) = 0;
  virtual void Wake() = 0;
};

}  // namespace hctail
