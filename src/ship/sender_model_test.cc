// SPDX-License-Identifier: Apache-2.0
// Random batches against a random server: whatever it answers, every event must end as accepted
// or as a dead letter, exactly once, and every batch must settle once.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>

#include "ship/batcher.h"
#include "ship/fake_transport.h"
#include "ship/sender.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using namespace std::chrono_literals;

std::set<int> Numbers(std::string_view text) {
  std::set<int> numbers;
  for (size_t at = text.find("\"n\":"); at != std::string_view::npos;
       at = text.find("\"n\":", at + 1)) {
    numbers.insert(std::atoi(text.data() + at + 4));
  }
  return numbers;
}

// One world: what was read, what the server said, what the sender told.
class World final : public SettleListener {
 public:
  explicit World(uint64_t seed)
      : random_(seed),
        concurrency_(1 + random_.Below(6)),
        setting_{static_cast<Compression>(random_.Below(3)), 1},
        faults_(static_cast<int>(random_.Below(80))),
        bisects_(random_.Below(2) == 0),
        transport_(clock_, [this](const HttpRequest& request) { return Answer(request); }),
        letters_(
            dir_.File("state/letters"), UINT64_MAX,
            [](const DeadLetter& letter) { return DeadLetterFile::Origin{"f", letter.offset}; },
            clock_, log_),
        sender_({.write_key = "0123456789",
                 .user_agent = "test",
                 .host = "api.test",
                 .concurrency = concurrency_,
                 .compression = setting_},
                transport_, clock_, seed, letters_, *this, log_) {
    transport_.latency = [this](const auto&) { return Duration(random_.Below(300'000'000)); };
    transport_.on_start = [this](const HttpRequest& request) { CheckStart(request); };
    if (random_.Below(8) == 0) dir_.Write("state", "no folder can be here");
  }

  void Run() {
    MakeBatches();
    int steps = 0;
    while (settled_ < batches_ && ++steps < 20'000) {
      while (!unsent_.empty() && random_.Below(3) == 0) {
        sender_.Add(std::move(unsent_.front()));
        unsent_.pop_front();
      }
      if (steps == 200) ::unlink(dir_.File("state").c_str());
      if (!sender_.Step(random_.Below(10'000) * 1ms)) FAIL("a sender does not fail");
    }
    Check();
  }

  void OnSettled(const Settlement& settlement) override {
    const Batch& batch = *settlement.batch;
    ++settled_;
    CHECK(settlement.runs.size() == batch.runs.size());
    size_t wrong = 0;
    for (size_t i = 0; i < batch.runs.size(); ++i) {
      const auto& outcome = settlement.runs[i];
      if (outcome.accepted + outcome.refused != batch.runs[i].events) ++wrong;
      accepted_ += outcome.accepted;
      refused_ += outcome.refused;
    }
    CHECK(wrong == 0);
    if (++parts_settled_[batch.sequence] == batch.parts) whole_.insert(batch.sequence);
    CHECK(parts_settled_[batch.sequence] <= batch.parts);
    while (whole_.contains(frontier_)) ++frontier_;
  }

 private:
  void MakeBatches() {
    BatcherOptions options{.compression = setting_,
                           .target_body = 50 + random_.Below(500),
                           .max_body = 600,
                           .max_events = 1 + random_.Below(30)};
    Batcher batcher(options);
    const uint64_t chunks = 1 + random_.Below(25);
    uint64_t offset = 0;
    for (uint64_t sequence = 0; sequence < chunks; ++sequence) {
      batcher.Begin(sequence, 1);
      for (uint32_t records = random_.Below(40); records > 0; --records) {
        const RecordPlace place{1, offset, offset + 4, "abc\n"};
        offset += 4;
        const uint32_t kind = random_.Below(12);
        if (kind == 0) batcher.AddFiltered(place);
        if (kind == 1) {
          batcher.AddDeadLetter(place, "malformed", "abc");
          ++malformed_;
        }
        if (kind < 2) continue;
        Event event;
        event.Add("n", Value::Int(events_));
        sequence_of_.push_back(sequence);
        ++events_;
        batcher.AddEvent(place, event, 1, random_.Below(5) == 0 ? "b" : "a");
      }
      for (auto& batch : batcher.Finish()) unsent_.push_back(std::move(batch));
    }
    batches_ = unsent_.size();
    // Workers finish in any order, but not in every order: a few chunks apart.
    for (size_t i = 0; i + 1 < unsent_.size(); ++i) {
      std::swap(unsent_[i], unsent_[std::min(unsent_.size() - 1, i + random_.Below(4))]);
    }
    accepted_by_server_.resize(static_cast<size_t>(events_));
  }

  std::set<int> EventsOf(const HttpRequest& request) const {
    const bool encoded = std::ranges::any_of(
        request.headers, [](const auto& header) { return header.first == "Content-Encoding"; });
    CHECK(encoded == (setting_.compression != Compression::kNone));
    const auto body = Unpack(setting_.compression, request.body, 5'000'000);
    REQUIRE(body.has_value());
    CHECK((body->starts_with("[{") && body->ends_with("}]") && body->size() <= 600));
    return Numbers(*body);
  }

  void CheckStart(const HttpRequest& request) {
    CHECK(transport_.in_flight() <= concurrency_);
    size_t outside = 0;
    size_t twice = 0;
    for (const int event : EventsOf(request)) {
      if (sequence_of_[static_cast<size_t>(event)] >= frontier_ + concurrency_) ++outside;
      if (!in_flight_.insert(event).second) ++twice;
    }
    CHECK(outside == 0);
    CHECK(twice == 0);
  }

  HttpReply Answer(const HttpRequest& request) {
    const std::set<int> events = EventsOf(request);
    for (const int event : events) in_flight_.erase(event);
    HttpReply reply;
    const bool poisoned = std::ranges::any_of(events, [](int n) { return n % 31 == 7; });
    const bool fault = faults_ > 0 && random_.Below(2) == 0;
    if (fault) {
      --faults_;
      if (!Fault(events, &reply)) return reply;
    } else if (bisects_ && poisoned) {
      reply.status = 400;
      return reply;
    }
    PerEvent(events, fault, &reply);
    return reply;
  }

  // A reply that is wrong as a whole; false if it is complete.
  bool Fault(const std::set<int>& events, HttpReply* reply) {
    constexpr int kStatuses[] = {429, 500, 502, 503, 504, 408, 401, 404, 301};
    switch (random_.Below(7)) {
      case 0:
        reply->failure = HttpFailure::kCut;
        return false;
      case 1:
        reply->status = events.size() > 1 ? 413 : 500;
        return false;
      case 2:
        PerEvent(events, true, reply);
        reply->body.resize(random_.Below(static_cast<uint32_t>(reply->body.size())));
        TakeBack();
        return false;
      case 3:
        PerEvent(events, true, reply);
        reply->body.insert(1, R"({"status":202},)");
        TakeBack();
        return false;
      case 4:
        PerEvent(events, true, reply);
        reply->body_cut = true;
        TakeBack();
        return false;
      case 5:
        reply->status = kStatuses[random_.Below(std::size(kStatuses))];
        if (random_.Below(2) == 0) reply->retry_after = "1.5";
        return false;
      default:
        return true;
    }
  }

  void PerEvent(const std::set<int>& events, bool throttle, HttpReply* reply) {
    reply->status = 200;
    told_.clear();
    for (const int event : events) {
      reply->body += reply->body.empty() ? "[" : ",";
      if (event % 31 == 7) {
        reply->body += R"({"status":400,"error":"poison"})";
      } else if (throttle && random_.Below(3) == 0) {
        reply->body += random_.Below(2) == 0 ? R"({"status":429})" : R"({"status":503})";
      } else {
        reply->body += R"({"status":202})";
        ++accepted_by_server_[static_cast<size_t>(event)];
        told_.push_back(event);
      }
    }
    reply->body += "]";
  }
  // The reply never arrived as it was meant: the sender cannot know.
  void TakeBack() {
    for (const int event : told_) --accepted_by_server_[static_cast<size_t>(event)];
  }

  void Check() {
    CHECK(unsent_.empty());
    CHECK(settled_ == batches_);
    CHECK(sender_.unsettled() == 0);
    CHECK(transport_.most_in_flight <= concurrency_);
    CHECK(sender_.stats().requests == transport_.started.size());
    CHECK(accepted_ + refused_ == static_cast<size_t>(events_));
    const std::string letters = dir_.Read("state/letters");
    CHECK(static_cast<size_t>(std::ranges::count(letters, '\n')) == malformed_ + refused_);
    const std::set<int> dead = Numbers(letters);
    CHECK(dead.size() == refused_);
    int wrong = 0;
    for (int event = 0; event < events_; ++event) {
      const int expected = event % 31 == 7 ? 0 : 1;
      if (accepted_by_server_[static_cast<size_t>(event)] != expected) ++wrong;
      if (dead.contains(event) != (expected == 0)) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK(log_.text().find("01234567") == std::string::npos);
  }

  Random random_;
  testing::TempDir dir_;
  testing::FakeClock clock_;
  testing::RecordingLog log_;
  const size_t concurrency_;
  const CompressionSetting setting_;
  int faults_;          // still to come
  const bool bisects_;  // says 400 for a batch with a bad event
  testing::FakeTransport transport_;
  DeadLetterFile letters_;
  Sender sender_;

  std::deque<std::unique_ptr<Batch>> unsent_;
  size_t batches_ = 0;
  int events_ = 0;
  size_t malformed_ = 0;
  std::vector<uint64_t> sequence_of_;    // by event
  std::vector<int> accepted_by_server_;  // by event: times, in replies that arrived whole
  std::vector<int> told_;                // accepted in the last reply
  std::set<int> in_flight_;
  size_t settled_ = 0;
  size_t accepted_ = 0;
  size_t refused_ = 0;
  std::map<uint64_t, uint32_t> parts_settled_;
  std::set<uint64_t> whole_;
  uint64_t frontier_ = 0;
};

TEST_CASE("Sender: whatever the server does, each event is accepted or dead exactly once") {
  // More by hand: HCTAIL_SEEDS=100000.
  const char* const seeds = std::getenv("HCTAIL_SEEDS");
  const uint64_t count = seeds == nullptr ? 1000 : std::strtoull(seeds, nullptr, 10);
  for (uint64_t seed = 0; seed < count; ++seed) {
    CAPTURE(seed);
    World(seed).Run();
  }
}

}  // namespace
}  // namespace hctail
