// SPDX-License-Identifier: Apache-2.0
#include "ship/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "ship/body.h"

namespace hctail {

namespace {

constexpr Duration kDeadLetterRetry = std::chrono::seconds(1);
constexpr Duration kLongestStep = std::chrono::hours(1);
constexpr uint32_t kTellAttempt = 5;  // a piece that failed so often for reasons of its own
constexpr size_t kKeyPartShown = 8;   // a part of the key this long is struck out too

}  // namespace

// A batch and the fate of its events.
struct Sender::Shipment {
  std::unique_ptr<Batch> batch;
  std::vector<Settlement::RunOutcome> outcomes;
  std::vector<DeadLetter> refused;
  size_t pieces = 0;  // not yet final
};

// Some events of a shipment that go into one request.
struct Sender::Piece {
  enum class Delay { kNone, kOwn, kEndpoint };

  Shipment* shipment = nullptr;
  bool whole = true;             // all events, in the batch's own body
  std::vector<uint32_t> events;  // otherwise these, in `body`
  std::string body;
  uint64_t serial = 0;
  uint32_t attempt = 0;
  Delay delay = Delay::kNone;  // why it waits
  bool probe = false;          // of a paused endpoint, while in flight

  const Batch& batch() const { return *shipment->batch; }
  size_t size() const { return whole ? batch().events.size() : events.size(); }
  uint32_t event(size_t i) const { return whole ? static_cast<uint32_t>(i) : events[i]; }
  std::string_view packed() const { return whole ? batch().body : body; }
  std::string Unpacked() const {
    Result<std::string> body_text =
        Unpack(batch().compression, batch().body, batch().unpacked_size);
    HC_CHECK(body_text.has_value());  // we packed it
    return std::move(*body_text);
  }
};

Sender::Sender(SenderOptions options, Transport& transport, const Clock& clock, uint64_t seed,
               DeadLetterFile& dead_letters, SettleListener& listener, Log& log)
    : options_(std::move(options)),
      transport_(transport),
      clock_(clock),
      dead_letters_(dead_letters),
      listener_(listener),
      log_(log),
      random_(seed),
      compressor_(options_.compression),
      gate_(options_.retry, options_.concurrency),
      window_(options_.concurrency) {
  HC_CHECK(options_.concurrency > 0);
}

Sender::~Sender() = default;

void Sender::Add(std::unique_ptr<Batch> batch) {
  window_.Add(*batch);
  auto shipment = std::make_unique<Shipment>();
  Shipment* const key = shipment.get();
  key->outcomes.resize(batch->runs.size());
  key->batch = std::move(batch);
  shipments_.emplace(key, std::move(shipment));
  if (key->batch->events.empty()) {
    finished_.push_back(key);
    return;
  }
  key->pieces = 1;
  auto piece = std::make_unique<Piece>();
  piece->shipment = key;
  MakeReady(std::move(piece));
}

Status Sender::Step(Duration max_wait) {
  const Instant begin = clock_.Now();
  WakeDue(begin);
  const size_t before = unsettled();
  SettleFinished(begin);
  if (unsettled() < before) max_wait = Duration::zero();  // the caller may be done
  StartRequests(begin);
  PublishStats();
  const std::vector<HttpReply> replies = transport_.Poll(UntilNextTimer(max_wait, begin));
  for (const HttpReply& reply : replies) OnReply(reply);
  const Instant now = clock_.Now();
  WakeDue(now);
  SettleFinished(now);
  StartRequests(now);
  PublishStats();
  return {};
}

SenderStats Sender::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void Sender::PublishStats() {
  working_stats_.in_flight = in_flight_.size();
  working_stats_.paused = gate_.paused();
  const std::lock_guard lock(mutex_);
  stats_ = working_stats_;
}

// --- starting

void Sender::StartRequests(Instant now) {
  while (gate_.Allows(now, in_flight_.size())) {
    std::unique_ptr<Piece> piece = TakeNext();
    if (piece == nullptr) return;
    Start(std::move(piece));
  }
}

// The piece that may start next, or null.
std::unique_ptr<Sender::Piece> Sender::TakeNext() {
  if (!ready_.empty() && window_.Allows(ready_.begin()->first.first)) {
    return std::move(ready_.extract(ready_.begin()).mapped());
  }
  if (!gate_.paused()) return nullptr;
  // A probe: whoever waits only for the endpoint may find out how it is.
  const auto waiting = std::ranges::find_if(
      waiting_, [](const auto& entry) { return entry.second->delay == Piece::Delay::kEndpoint; });
  if (waiting == waiting_.end()) return nullptr;
  return std::move(waiting_.extract(waiting).mapped());
}

void Sender::Start(std::unique_ptr<Piece> piece) {
  const Batch& batch = piece->batch();
  HttpRequest request;
  request.id = next_serial_++;
  request.path = "/1/batch/" + EncodePathSegment(batch.dataset);
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", options_.user_agent},
                     {"X-Honeycomb-Team", options_.write_key}};
  const Compression compression = piece->whole ? batch.compression : compressor_.compression();
  if (const std::string_view encoding = ContentEncoding(compression); !encoding.empty()) {
    request.headers.emplace_back("Content-Encoding", encoding);
  }
  request.body = piece->packed();
  ++working_stats_.requests;
  working_stats_.bytes += request.body.size();
  if (piece->attempt > 0) ++working_stats_.retries;
  piece->delay = Piece::Delay::kNone;
  piece->probe = gate_.Started();
  in_flight_.emplace(request.id, std::move(piece));
  transport_.Start(request);
}

void Sender::WakeDue(Instant now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    MakeReady(std::move(waiting_.extract(waiting_.begin()).mapped()));
  }
}

void Sender::MakeReady(std::unique_ptr<Piece> piece) {
  piece->serial = next_serial_++;
  const Order order{piece->batch().sequence, piece->serial};
  ready_.emplace(order, std::move(piece));
}

Duration Sender::UntilNextTimer(Duration max_wait, Instant now) const {
  Instant next = now + std::min(max_wait, kLongestStep);
  if (!waiting_.empty()) next = std::min(next, waiting_.begin()->first);
  if (const auto probe = gate_.NextProbe(); probe && (!ready_.empty() || !waiting_.empty())) {
    // Once it is past, only a reply or another timer can bring the request that probes.
    if (*probe > now) next = std::min(next, *probe);
  }
  if (dead_letters_fail_ && !finished_.empty()) next = std::min(next, dead_letters_retry_);
  return std::max(Duration(0), next - now);
}

// --- replies

void Sender::OnReply(const HttpReply& reply) {
  const auto found = in_flight_.find(reply.id);
  if (found == in_flight_.end()) return;  // an answer to somebody else on this transport
  std::unique_ptr<Piece> piece = std::move(found->second);
  const bool was_probe = piece->probe;
  in_flight_.erase(found);

  Verdict verdict = judge_.Judge(reply, piece->size(), clock_.Wall());
  verdict.reason = Scrub(std::move(verdict.reason));
  if (!verdict.reason.empty()) working_stats_.last_error = verdict.reason;
  const Instant now = clock_.Now();
  if (verdict.kind == Verdict::Kind::kHold) TellHeld(*piece, verdict);
  TellGate(verdict, piece->size(), was_probe, now);
  switch (verdict.kind) {
    case Verdict::Kind::kJudged:
      return Accept(std::move(piece), verdict, now);
    case Verdict::Kind::kRetry:
    case Verdict::Kind::kHold:
      return Delay(std::move(piece), verdict, now);
    case Verdict::Kind::kSplit:
    case Verdict::Kind::kBisect:
      return Halve(std::move(piece), verdict);
    case Verdict::Kind::kRefused:
      return RefuseAll(std::move(piece), verdict);
  }
}

// Lets the endpoint's gate know, and says when the API stops taking events and when it is back.
void Sender::TellGate(const Verdict& verdict, size_t events, bool was_probe, Instant now) {
  using Trouble = EndpointGate::Trouble;
  const bool key_refused =
      verdict.kind == Verdict::Kind::kHold && (verdict.status == 401 || verdict.status == 403);
  const bool all_throttled =
      verdict.kind == Verdict::Kind::kJudged && verdict.retried.size() == events;
  if (verdict.kind != Verdict::Kind::kRetry && !key_refused && !all_throttled) {
    key_refused_ = false;
    if (!gate_.Succeeded()) return;
    const auto paused = std::chrono::duration_cast<std::chrono::seconds>(now - paused_since_);
    log_.Info(fmt::format("{} takes events again after {} s", options_.host, paused.count()));
    // Nobody needs to wait for it any more; the gate lets them through one by one.
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const auto here = it++;
      if (here->second->delay != Piece::Delay::kEndpoint) continue;
      MakeReady(std::move(waiting_.extract(here).mapped()));
    }
    return;
  }
  Trouble trouble = Trouble::kOwn;
  if (key_refused) {
    trouble = Trouble::kRefused;
  } else if (verdict.status == 429 || verdict.wait) {
    trouble = Trouble::kFirm;
  } else if (verdict.overloaded || all_throttled) {
    trouble = Trouble::kEndpoint;
  }
  if (!gate_.Failed(trouble, was_probe, verdict.wait, now, random_)) return;
  paused_since_ = now;
  if (!key_refused) {
    log_.Warn(fmt::format("{} takes no events: {}", options_.host, verdict.reason),
              "Nothing is lost: hctail reads on when it does.");
  }
}

// 200: takes out what is final, and sends the throttled events again.
void Sender::Accept(std::unique_ptr<Piece> piece, const Verdict& verdict, Instant now) {
  Shipment& shipment = *piece->shipment;
  for (size_t i = 0; i < piece->size(); ++i) {
    ++shipment.outcomes[shipment.batch->events[piece->event(i)].run].accepted;
  }
  const auto not_accepted = [&](uint32_t index) {
    const uint32_t event = piece->event(index);
    --shipment.outcomes[shipment.batch->events[event].run].accepted;
    return event;
  };
  std::string unpacked;
  if (!verdict.refused.empty() || !verdict.retried.empty()) unpacked = piece->Unpacked();
  for (const Verdict::Refusal& refusal : verdict.refused) {
    Refuse(shipment, not_accepted(refusal.event), refusal.status, refusal.reason, unpacked);
  }
  if (verdict.retried.empty()) return FinishPiece(std::move(piece));
  const bool fewer = verdict.retried.size() < piece->size();
  std::vector<uint32_t> again;
  again.reserve(verdict.retried.size());
  for (const uint32_t index : verdict.retried) again.push_back(not_accepted(index));
  if (fewer) SetEvents(*piece, std::move(again), unpacked);
  Delay(std::move(piece), verdict, now);
}

// 413 and 400: two pieces instead of one, or, if there is only one event, that is it.
void Sender::Halve(std::unique_ptr<Piece> piece, const Verdict& verdict) {
  const size_t size = piece->size();
  if (size == 1) return RefuseAll(std::move(piece), verdict);
  const std::string unpacked = piece->Unpacked();
  std::vector<uint32_t> first(size / 2);
  std::vector<uint32_t> second(size - size / 2);
  for (size_t i = 0; i < size; ++i) {
    (i < first.size() ? first[i] : second[i - first.size()]) = piece->event(i);
  }
  auto other = std::make_unique<Piece>();
  other->shipment = piece->shipment;
  ++piece->shipment->pieces;
  SetEvents(*piece, std::move(first), unpacked);
  SetEvents(*other, std::move(second), unpacked);
  piece->attempt = 0;
  MakeReady(std::move(piece));
  MakeReady(std::move(other));
}

void Sender::RefuseAll(std::unique_ptr<Piece> piece, const Verdict& verdict) {
  const std::string unpacked = piece->Unpacked();
  for (size_t i = 0; i < piece->size(); ++i) {
    Refuse(*piece->shipment, piece->event(i), verdict.status, verdict.reason, unpacked);
  }
  FinishPiece(std::move(piece));
}

void Sender::Delay(std::unique_ptr<Piece> piece, const Verdict& verdict, Instant now) {
  ++piece->attempt;
  const bool held = verdict.kind == Verdict::Kind::kHold;
  const Duration delay = held ? HoldDelay(options_.retry, verdict.wait, random_)
                              : RetryDelay(options_.retry, piece->attempt, verdict.wait, random_);
  const bool key = held && (verdict.status == 401 || verdict.status == 403);
  const bool endpoint = verdict.overloaded || key || verdict.wait;
  piece->delay = endpoint ? Piece::Delay::kEndpoint : Piece::Delay::kOwn;
  if (!endpoint && !held && piece->attempt == kTellAttempt) {
    log_.Warn(fmt::format("{} failed {} times to take a batch for dataset '{}': {}", options_.host,
                          kTellAttempt, piece->batch().dataset, verdict.reason),
              "It is sent again until that succeeds; what comes after it waits.");
  }
  waiting_.emplace(now + delay, std::move(piece));
}

void Sender::Refuse(Shipment& shipment, uint32_t event, int status, const std::string& reason,
                    std::string_view unpacked) {
  const Batch& batch = *shipment.batch;
  const EventMark& mark = batch.events[event];
  ++shipment.outcomes[mark.run].refused;
  const std::string clean = Scrub(reason);
  shipment.refused.push_back({batch.runs[mark.run].span.file, mark.offset, clean, status,
                              std::string(EventIn(batch, unpacked, event)), true, batch.dataset});
  TellRefused(clean);
}

void Sender::SetEvents(Piece& piece, std::vector<uint32_t> events, std::string_view unpacked) {
  const std::string body = BodyOf(piece.batch(), unpacked, events);
  piece.body = compressor_.Pack(body);
  piece.events = std::move(events);
  piece.whole = false;
}

// --- settling

void Sender::FinishPiece(std::unique_ptr<Piece> piece) {
  Shipment* const shipment = piece->shipment;
  if (--shipment->pieces == 0) finished_.push_back(shipment);
}

void Sender::SettleFinished(Instant now) {
  const bool may_write = !dead_letters_fail_ || now >= dead_letters_retry_;
  bool failed = false;
  std::deque<Shipment*> again;
  while (!finished_.empty()) {
    Shipment& shipment = *finished_.front();
    finished_.pop_front();
    std::vector<DeadLetter>& letters = shipment.batch->dead_letters;
    std::ranges::move(shipment.refused, std::back_inserter(letters));
    shipment.refused.clear();
    if (!letters.empty()) {
      if (!may_write || failed) {
        again.push_back(&shipment);
        continue;
      }
      if (const Status written = dead_letters_.Write(letters); !written) {
        if (!dead_letters_fail_) {
          log_.Fault({written.error().message,
                      "What they belong to stays unsettled; it is tried again each second."});
        }
        failed = true;
        again.push_back(&shipment);
        continue;
      }
      if (dead_letters_fail_) log_.Info("dead letters can be written again");
      dead_letters_fail_ = false;
    }
    Settle(shipment);
  }
  finished_ = std::move(again);
  if (!failed) return;
  dead_letters_fail_ = true;
  dead_letters_retry_ = now + kDeadLetterRetry;
}

void Sender::Settle(Shipment& shipment) {
  window_.Settle(*shipment.batch);
  listener_.OnSettled({shipment.batch.get(), shipment.outcomes});
  shipments_.erase(&shipment);
}

// --- messages

// Strikes out the key, or as much of its beginning as is there (Refinery repeats 8 characters).
std::string Sender::Scrub(std::string text) const {
  const std::string& key = options_.write_key;
  const size_t least = std::min(kKeyPartShown, key.size());
  if (least == 0) return text;
  const std::string_view head = std::string_view(key).substr(0, least);
  for (size_t at = text.find(head); at != std::string::npos; at = text.find(head, at)) {
    size_t length = least;
    while (length < key.size() && at + length < text.size() && text[at + length] == key[length]) {
      ++length;
    }
    text.replace(at, length, "[key]");
    at += 5;
  }
  return text;
}

void Sender::TellRefused(const std::string& reason) {
  if (told_refused_) return;
  told_refused_ = true;
  log_.Warn(fmt::format("{} refused an event: {}", options_.host, reason),
            fmt::format("It and all further ones are kept in '{}'.", dead_letters_.path()));
}

void Sender::TellHeld(const Piece& piece, const Verdict& verdict) {
  if (verdict.status == 401 || verdict.status == 403) {
    if (std::exchange(key_refused_, true)) return;
    log_.Fault({fmt::format("the API refused the key ({} from {})", verdict.status, options_.host),
                "Nothing is lost: events wait and are tried again every half minute.\n"
                "To give another key, restart hctail with it."});
    return;
  }
  if (!told_held_.emplace(verdict.status, piece.batch().dataset).second) return;
  log_.Fault({fmt::format("{} does not take events for dataset '{}': {}", options_.host,
                          piece.batch().dataset, verdict.reason),
              "Nothing is lost: they wait and are tried again every half minute.\n"
              "Check --api-host, the dataset's name and what the key may do."});
}

}  // namespace hctail
