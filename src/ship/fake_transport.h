// SPDX-License-Identifier: Apache-2.0
// A transport that a test scripts, for tests only.  Time passes only in Poll, and only as long as
// the real one would wait.  As unkind as the real thing: bodies are read when the reply comes, so
// a sender that lets go of one too early is caught.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ship/transport.h"
#include "tests/testing/fake_clock.h"

namespace hctail::testing {

class FakeTransport final : public Transport {
 public:
  using Request = HttpRequest;
  // Answers a request; `id` is filled in.
  using Server = std::function<HttpReply(const Request&)>;
  // How long it takes.
  using Latency = std::function<Duration(const Request&)>;

  FakeTransport(FakeClock& clock, Server answers) : server(std::move(answers)), clock_(clock) {}

  void Start(const HttpRequest& request) override {
    const Instant due = clock_.Now() + (latency ? latency(request) : Duration(0));
    pending_.emplace(due, Pending{request, std::string(request.body)});
    most_in_flight = std::max(most_in_flight, pending_.size());
    started.push_back({clock_.Now(), request.path});
    if (on_start) on_start(request);
  }

  std::vector<HttpReply> Poll(Duration max_wait) override {
    std::vector<HttpReply> replies;
    const Instant end = clock_.Now() + max_wait;
    if (pending_.empty() || pending_.begin()->first > end) {
      clock_.Advance(woken_ ? Duration(0) : max_wait);
    } else {
      const Instant due = pending_.begin()->first;
      if (due > clock_.Now()) clock_.Advance(due - clock_.Now());
      while (!pending_.empty() && pending_.begin()->first <= clock_.Now()) {
        replies.push_back(Answer(pending_.begin()->second));
        pending_.erase(pending_.begin());
      }
    }
    woken_ = false;
    waits.push_back(max_wait);
    return replies;
  }

  void Wake() override { woken_ = true; }
  size_t in_flight() const { return pending_.size(); }

  Server server;
  Latency latency;
  std::function<void(const Request&)> on_start;
  size_t most_in_flight = 0;
  std::vector<std::pair<Instant, std::string>> started;  // when, path
  std::vector<Duration> waits;                           // what Poll was asked to wait

 private:
  struct Pending {
    HttpRequest request;
    std::string body;  // as it was at Start
  };

  HttpReply Answer(const Pending& pending) {
    if (pending.request.body != pending.body) std::abort();
    HttpReply reply = server(pending.request);
    reply.id = pending.request.id;
    return reply;
  }

  FakeClock& clock_;
  std::multimap<Instant, Pending> pending_;
  bool woken_ = false;
};

}  // namespace hctail::testing
