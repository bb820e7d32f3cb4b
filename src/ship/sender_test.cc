// SPDX-License-Identifier: Apache-2.0
#include "ship/sender.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "ship/body.h"
#include "ship/fake_transport.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using namespace std::chrono_literals;
using testing::FakeTransport;

constexpr const char* kKey = "hcaik_0123456789";

HttpReply Answer(int status, std::string body = {}) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

HttpReply Refused() {
  HttpReply reply;
  reply.failure = HttpFailure::kConnect;
  reply.error = "connection refused by api.test:443";
  return reply;
}

// Which of {"data":{"n":N}} a body holds.
std::vector<int> Numbers(std::string_view body) {
  std::vector<int> numbers;
  for (size_t at = body.find("\"n\":"); at != std::string_view::npos;
       at = body.find("\"n\":", at + 1)) {
    numbers.push_back(std::atoi(body.data() + at + 4));
  }
  return numbers;
}

struct Fixture : SettleListener {
  testing::TempDir dir;
  testing::FakeClock clock;
  testing::RecordingLog log;
  std::vector<std::vector<int>> sent;  // events of each request, in order
  std::vector<HttpRequest> requests;   // without bodies
  std::vector<std::string> settled;    // "sequence: accepted/refused ..."
  std::function<HttpReply(const std::vector<int>&)> answer = [](const std::vector<int>& events) {
    return Accepted(events);
  };
  FakeTransport transport{clock, [this](const HttpRequest& request) {
                            requests.push_back(request);
                            sent.push_back(Numbers(std::string(request.body)));
                            return answer(sent.back());
                          }};
  DeadLetterFile letters{
      dir.File("state/letters"), 1'000'000,
      [](const DeadLetter& letter) { return DeadLetterFile::Origin{"app.log", letter.offset}; },
      clock, log};
  Sender sender{{.write_key = kKey,
                 .user_agent = "hctail/1",
                 .host = "api.test",
                 .concurrency = 2,
                 .compression = {.compression = Compression::kNone}},
                transport,
                clock,
                1,
                letters,
                *this,
                log};

  void OnSettled(const Settlement& settlement) override {
    std::string text = std::to_string(settlement.batch->sequence) + ":";
    for (const auto& run : settlement.runs) {
      text += " " + std::to_string(run.accepted) + "/" + std::to_string(run.refused);
    }
    settled.push_back(text);
  }

  static HttpReply Accepted(const std::vector<int>& events) {
    std::string body = "[";
    for (size_t i = 0; i < events.size(); ++i)
      body += i == 0 ? "{\"status\":202}" : ",{\"status\":202}";
    return Answer(200, body + "]");
  }

  void Add(uint64_t sequence, const std::vector<int>& events, const std::string& dataset = "app",
           uint32_t parts = 1) {
    auto batch = std::make_unique<Batch>();
    batch->sequence = sequence;
    batch->parts = parts;
    batch->dataset = dataset;
    batch->runs.push_back({.span = {1, sequence * 100, sequence * 100 + 100},
                           .events = static_cast<uint32_t>(events.size())});
    for (const int n : events) {
      batch->body += batch->body.empty() ? "[" : ",";
      batch->body += "{\"data\":{\"n\":" + std::to_string(n) + "}}";
      batch->events.push_back(
          {static_cast<uint32_t>(batch->body.size()), 0, static_cast<uint64_t>(n)});
    }
    if (!events.empty()) batch->body += "]";
    batch->unpacked_size = batch->body.size();
    sender.Add(std::move(batch));
  }

  void Run(Duration time) {
    const Instant end = clock.Now() + time;
    while (clock.Now() < end && sender.unsettled() > 0) REQUIRE(sender.Step(end - clock.Now()));
  }
  std::string Letters() const { return dir.Read("state/letters"); }
  size_t InLog(const std::string& text) const {
    const std::string all = log.text();
    size_t count = 0;
    for (size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) ++count;
    return count;
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "Sender: a batch is one POST, and settles when its events are accepted") {
  Add(0, {1, 2, 3}, "my app/x");
  Run(1s);
  CHECK(settled == std::vector<std::string>{"0: 3/0"});
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].post);
  CHECK(requests[0].path == "/1/batch/my%20app%2Fx");
  CHECK(requests[0].headers ==
        std::vector<std::pair<std::string, std::string>>{{"Content-Type", "application/json"},
                                                         {"User-Agent", "hctail/1"},
                                                         {"X-Honeycomb-Team", kKey}});
  CHECK(sent == std::vector<std::vector<int>>{{1, 2, 3}});
  CHECK(log.text().empty());
  CHECK(sender.stats().requests == 1);
  CHECK(sender.stats().retries == 0);
}

TEST_CASE_FIXTURE(Fixture, "Sender: a packed body says so") {
  Compressor compressor({Compression::kZstd, 1});
  auto batch = std::make_unique<Batch>();
  batch->dataset = "app";
  batch->compression = Compression::kZstd;
  batch->runs.resize(1);
  batch->events = {{3, 0, 0}};
  batch->body = compressor.Pack("[{}]");
  batch->unpacked_size = 4;
  sender.Add(std::move(batch));
  answer = [](const auto&) { return Accepted({1}); };
  Run(1s);
  CHECK(requests.at(0).headers.back() ==
        std::pair<std::string, std::string>{"Content-Encoding", "zstd"});
  CHECK(settled.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Sender: only the events that a 200 throttled are sent again") {
  Add(0, {1, 2, 3, 4});
  answer = [this](const std::vector<int>& events) {
    if (sent.size() > 1) return Accepted(events);
    return Answer(200, R"([{"status":202},{"status":429,"error":"full"},)"
                       R"({"status":400,"error":"Event has too many columns."},{"status":503}])");
  };
  Run(10s);
  CHECK(sent == std::vector<std::vector<int>>{{1, 2, 3, 4}, {2, 4}});
  CHECK(settled == std::vector<std::string>{"0: 3/1"});
  CHECK(Letters().ends_with(
      R"("file":"app.log","offset":3,"reason":"Event has too many columns.","status":400,)"
      R"("dataset":"app","record":{"data":{"n":3}}})"
      "\n"));
  CHECK(std::ranges::count(Letters(), '\n') == 1);
  CHECK(sender.stats().retries == 1);
  CHECK(log.text() ==
        "hctail: warning: api.test refused an event: Event has too many columns.\n"
        "  It and all further ones are kept in '" +
            letters.path() + "'.\n");
}

TEST_CASE_FIXTURE(Fixture, "Sender: 400 is halved down to the event that is refused") {
  std::vector<int> events(100);
  for (int i = 0; i < 100; ++i) events[static_cast<size_t>(i)] = i;
  Add(0, events);
  answer = [](const std::vector<int>& numbers) {
    if (std::ranges::find(numbers, 37) == numbers.end()) return Accepted(numbers);
    return Answer(400, R"({"error":"failed to parse event within batch"})");
  };
  Run(1s);
  CHECK(settled == std::vector<std::string>{"0: 99/1"});
  CHECK(Letters().find(R"("record":{"data":{"n":37}})") != std::string::npos);
  CHECK(Letters().find("400 Bad Request: failed to parse event within batch") != std::string::npos);
  CHECK(sent.size() < 2 * 8);
}

TEST_CASE_FIXTURE(Fixture,
                  "Sender: 413 is halved until it fits; one event too big is a dead letter") {
  Add(0, {1, 2, 3, 4, 5});
  answer = [](const std::vector<int>& numbers) {
    const bool big = numbers.size() > 2 || numbers == std::vector<int>{5};
    return big || std::ranges::find(numbers, 5) != numbers.end() ? Answer(413) : Accepted(numbers);
  };
  Run(1s);
  CHECK(settled == std::vector<std::string>{"0: 4/1"});
  CHECK(Letters().find("413 Content Too Large") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "Sender: another 4xx is final for the whole batch") {
  Add(0, {1, 2});
  answer = [](const auto&) { return Answer(422, "no"); };
  Run(1s);
  CHECK(settled == std::vector<std::string>{"0: 0/2"});
  CHECK(std::ranges::count(Letters(), '\n') == 2);
}

TEST_CASE_FIXTURE(Fixture, "Sender: Retry-After is waited for, by a timer") {
  Add(0, {1});
  answer = [this](const std::vector<int>& events) {
    if (sent.size() > 1) return Accepted(events);
    HttpReply reply = Answer(429, R"({"error":"slow down"})");
    reply.retry_after = "7";
    return reply;
  };
  const Instant begin = clock.Now();
  Run(60s);
  CHECK(settled.size() == 1);
  REQUIRE(transport.started.size() == 2);
  CHECK(transport.started[1].first - begin >= 7s);
  CHECK(transport.started[1].first - begin <= 7200ms);
  CHECK(transport.waits.size() < 8);
  CHECK(log.text() ==
        "hctail: warning: api.test takes no events: 429 Too Many Requests: slow down\n"
        "  Nothing is lost: hctail reads on when it does.\n"
        "hctail: api.test takes events again after 7 s\n");
}

TEST_CASE_FIXTURE(Fixture, "Sender: a refused key is said once, nothing is lost, and it recovers") {
  for (uint64_t i = 0; i < 4; ++i) Add(i, {1, 2});
  bool good = false;
  answer = [&](const std::vector<int>& events) {
    if (good) return Accepted(events);
    return Answer(401, fmt::format(R"({{"error":"unknown key {}"}})", kKey));
  };
  Run(300s);
  CHECK(settled.empty());
  CHECK(sent.size() >= 10);
  CHECK(sent.size() <= 23);
  CHECK(sender.stats().paused);
  CHECK(sender.stats().last_error == "401 Unauthorized: unknown key [key]");
  good = true;
  Run(60s);
  CHECK(settled.size() == 4);
  CHECK(log.text().starts_with(
      "hctail: error: the API refused the key (401 from api.test)\n"
      "  Nothing is lost: events wait and are tried again every half minute.\n"
      "  To give another key, restart hctail with it.\n"
      "hctail: api.test takes events again after "));
  CHECK(InLog("refused the key") == 1);
  CHECK(InLog(kKey) == 0);
}

TEST_CASE_FIXTURE(Fixture, "Sender: a dataset that is not there holds only itself") {
  Add(0, {1}, "good");
  Add(1, {2}, "bad");
  Add(2, {3}, "good");
  answer = [](const std::vector<int>& events) {
    return events == std::vector<int>{2} ? Answer(404) : Accepted(events);
  };
  Run(100s);
  CHECK(settled == std::vector<std::string>{"0: 1/0", "2: 1/0"});
  CHECK(sent.size() >= 5);
  CHECK(sent.size() <= 9);
  CHECK(log.text() ==
        "hctail: error: api.test does not take events for dataset 'bad': 404 Not Found\n"
        "  Nothing is lost: they wait and are tried again every half minute.\n"
        "  Check --api-host, the dataset's name and what the key may do.\n");
}

TEST_CASE_FIXTURE(Fixture, "Sender: what a server repeats of the key is struck out everywhere") {
  Add(0, {1});
  answer = [](const auto&) { return Answer(422, fmt::format("key {}, hcaik_01... bad", kKey)); };
  Run(1s);
  CHECK(Letters().find("422: key [key], [key]... bad") != std::string::npos);
  CHECK(InLog("hcaik_") == 0);
}

TEST_CASE_FIXTURE(Fixture, "Sender: nothing starts a window beyond the oldest unsettled chunk") {
  answer = [](const std::vector<int>& events) {
    return events == std::vector<int>{0} ? Answer(500) : Accepted(events);
  };
  for (int i = 5; i >= 0; --i) Add(static_cast<uint64_t>(i), {i});
  Run(60s);
  CHECK(settled == std::vector<std::string>{"1: 1/0"});
  CHECK(InLog("api.test failed 5 times to take a batch for dataset 'app': "
              "500 Internal Server Error") == 1);
  answer = Accepted;
  Run(60s);
  CHECK(settled.size() == 6);
}

TEST_CASE_FIXTURE(Fixture, "Sender: a chunk is settled when all its parts are") {
  Add(1, {10});
  Add(2, {20});
  Add(0, {1}, "a", 3);
  Add(0, {2}, "b", 3);
  Run(1s);
  CHECK(settled == std::vector<std::string>{"0: 1/0", "0: 1/0", "1: 1/0"});
  Add(0, {3}, "c", 3);
  Run(1s);
  CHECK(settled.size() == 5);
}

TEST_CASE_FIXTURE(Fixture, "Sender: a batch without events settles in the next Step") {
  Add(0, {});
  CHECK(settled.empty());
  CHECK(sender.unsettled() == 1);
  REQUIRE(sender.Step(0s));
  CHECK(settled == std::vector<std::string>{"0: 0/0"});
  CHECK(sent.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "Sender: in an outage one request at a time asks, and then all goes on") {
  bool up = false;
  answer = [&](const std::vector<int>& events) { return up ? Accepted(events) : Refused(); };
  for (uint64_t i = 0; i < 50; ++i) Add(i, {static_cast<int>(i)});
  const Instant begin = clock.Now();
  Run(30s);
  CHECK(settled.empty());
  CHECK(sent.size() < 40);
  CHECK(transport.waits.size() < 2 * sent.size() + 10);  // no spinning
  up = true;
  Run(60s);
  CHECK(settled.size() == 50);
  CHECK(transport.most_in_flight <= 2);
  CHECK(log.text().starts_with(
      "hctail: warning: api.test takes no events: connection refused by api.test:443\n"
      "  Nothing is lost: hctail reads on when it does.\n"
      "hctail: api.test takes events again after "));
  CHECK(InLog("takes no events") == 1);
  CHECK(clock.Now() - begin < 70s);
}

TEST_CASE_FIXTURE(Fixture,
                  "Sender: the end of an outage does not hurry what waits for another reason") {
  Add(0, {1}, "bad");
  Add(1, {2});
  Add(2, {3});
  bool up = false;
  answer = [&](const std::vector<int>& events) {
    if (events == std::vector<int>{1}) return Answer(404);
    return up ? Accepted(events) : Refused();
  };
  Run(5s);  // 404 is held for 15 s at least
  up = true;
  Run(5s);
  CHECK(settled == std::vector<std::string>{"1: 1/0"});
  CHECK(std::ranges::count(sent, std::vector<int>{1}) == 1);
}

TEST_CASE_FIXTURE(Fixture, "Sender: garbage and cut replies are no answer: all is sent again") {
  Add(0, {1, 2});
  answer = [this](const std::vector<int>& events) {
    if (sent.size() == 1) return Answer(200, "<html>");
    if (sent.size() == 2) return Answer(200, R"([{"status":400},{"status":202})");
    if (sent.size() == 3) return Answer(204);
    return Accepted(events);
  };
  Run(10s);
  CHECK(sent.size() == 4);
  CHECK(settled == std::vector<std::string>{"0: 2/0"});
}

TEST_CASE_FIXTURE(Fixture, "Sender: a reply that is too long makes smaller batches") {
  Add(0, {1, 2, 3});
  answer = [](const std::vector<int>& events) {
    HttpReply reply = Accepted(events);
    if (events.size() > 1) reply.body_cut = true;
    return reply;
  };
  Run(10s);
  CHECK(sent.size() == 5);
  CHECK(settled == std::vector<std::string>{"0: 3/0"});
}

TEST_CASE_FIXTURE(Fixture,
                  "Sender: a batch stays unsettled while its dead letters cannot be written") {
  dir.Write("state", "in the way");
  Add(0, {1});
  Add(1, {2});
  answer = [](const std::vector<int>& events) {
    return events == std::vector<int>{1} ? Answer(422) : Accepted(events);
  };
  Run(10s);
  CHECK(settled == std::vector<std::string>{"1: 1/0"});
  CHECK(InLog("cannot write dead letters to") == 1);
  CHECK(InLog("What they belong to stays unsettled; it is tried again each second.") == 1);
  REQUIRE(::unlink(dir.File("state").c_str()) == 0);
  Run(2s);
  CHECK(settled.size() == 2);
  CHECK(std::ranges::count(Letters(), '\n') == 1);
  CHECK(InLog("dead letters can be written again") == 1);
}

TEST_CASE_FIXTURE(Fixture, "Sender: an idle Step waits as long as it may; a Wake ends it") {
  const Instant begin = clock.Now();
  REQUIRE(sender.Step(20s));
  CHECK(transport.waits == std::vector<Duration>{20s});
  CHECK(clock.Now() - begin == 20s);
  sender.Wake();
  REQUIRE(sender.Step(20s));
  CHECK(clock.Now() - begin == 20s);
}

TEST_CASE_FIXTURE(Fixture, "Sender: an answer that nobody waits for is ignored") {
  transport.Start({.id = 1u << 30, .post = false, .path = "/1/auth", .headers = {}, .body = {}});
  REQUIRE(sender.Step(1s));
  CHECK(settled.empty());
}

}  // namespace
}  // namespace hctail
