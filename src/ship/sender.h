// SPDX-License-Identifier: Apache-2.0
// The Honeycomb sink: posts batches to the Events API until every event of them is final.
//
// A batch (a Shipment here) is sent as one or more Pieces.  It begins as one; a 413 or 400 splits
// a piece, a 200 that throttles some events leaves a piece of just those.  A piece is ready, waits
// for its time, or is in flight.  Pieces start in the order of their chunks, at most `concurrency`
// at once, and only from the `concurrency` oldest unsettled chunks, so that a kill makes us send
// again only what was in flight.  What replies mean stands in reply.h, when to try again in
// retry_policy.h.
//
// When all events are final, the batch's dead letters (malformed records and events that the API
// refused) are written, and then it settles.  If they cannot be written it stays unsettled; that
// is said once and tried each second.
//
// Nothing is given up: without an answer a batch is sent for ever, since the file is the buffer.
// The API key appears in no message; if a server repeats it, it is struck out.
//
// Driven by one thread; only Wake and stats may be called from others.  The transport is still
// reading bodies of the sender's while requests are in flight: once the sender is gone, it must
// not be polled again.  Tested by sender_test.cc and sender_model_test.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "ship/compress.h"
#include "ship/dead_letter.h"
#include "ship/reply.h"
#include "ship/retry_policy.h"
#include "ship/send_window.h"
#include "ship/sink.h"
#include "ship/transport.h"

namespace hctail {

struct SenderOptions {
  std::string write_key;
  std::string user_agent;
  std::string host;        // for messages: "api.honeycomb.io"
  size_t concurrency = 4;  // requests in flight, and chunks from the oldest unsettled one
  CompressionSetting compression = {};  // for pieces that have to be packed again
  RetryOptions retry = {};
};

struct SenderStats {
  uint64_t requests = 0;   // started, retries included
  uint64_t retries = 0;    // of them, those that sent events again
  uint64_t bytes = 0;      // of bodies, as packed
  size_t in_flight = 0;    // requests
  bool paused = false;     // the API does not take events for now
  std::string last_error;  // the last reply that was not a success, or empty
};

class Sender final : public Sink {
 public:
  // All must outlive the sender.
  Sender(SenderOptions options, Transport& transport, const Clock& clock, uint64_t seed,
         DeadLetterFile& dead_letters, SettleListener& listener, Log& log);
  ~Sender() override;

  void Add(std::unique_ptr<Batch> batch) override;
  // Never fails.
  Status Step(Duration max_wait) override;
  Status Sync() override { return dead_letters_.Sync(); }
  void Wake() override { transport_.Wake(); }
  size_t unsettled() const override { return shipments_.size(); }

  SenderStats stats() const;

 private:
  struct Shipment;
  struct Piece;
  using Order = std::pair<uint64_t, uint64_t>;  // sequence, serial

  void StartRequests(Instant now);
  void Start(std::unique_ptr<Piece> piece);
  std::unique_ptr<Piece> TakeNext();
  void WakeDue(Instant now);
  Duration UntilNextTimer(Duration max_wait, Instant now) const;

  void OnReply(const HttpReply& reply);
  void TellGate(const Verdict& verdict, size_t events, bool was_probe, Instant now);
  void Accept(std::unique_ptr<Piece> piece, const Verdict& verdict, Instant now);
  void Halve(std::unique_ptr<Piece> piece, const Verdict& verdict);
  void RefuseAll(std::unique_ptr<Piece> piece, const Verdict& verdict);
  void Delay(std::unique_ptr<Piece> piece, const Verdict& verdict, Instant now);
  void Refuse(Shipment& shipment, uint32_t event, int status, const std::string& reason,
              std::string_view unpacked);
  void SetEvents(Piece& piece, std::vector<uint32_t> events, std::string_view unpacked);
  void MakeReady(std::unique_ptr<Piece> piece);
  void FinishPiece(std::unique_ptr<Piece> piece);
  void SettleFinished(Instant now);
  void Settle(Shipment& shipment);

  std::string Scrub(std::string text) const;
  void TellRefused(const std::string& reason);
  void TellHeld(const Piece& piece, const Verdict& verdict);
  void PublishStats();

  const SenderOptions options_;
  Transport& transport_;
  const Clock& clock_;
  DeadLetterFile& dead_letters_;
  SettleListener& listener_;
  Log& log_;
  Random random_;
  Compressor compressor_;
  ReplyJudge judge_;
  EndpointGate gate_;
  SendWindow window_;

  uint64_t next_serial_ = 0;
  std::unordered_map<Shipment*, std::unique_ptr<Shipment>> shipments_;
  std::map<Order, std::unique_ptr<Piece>> ready_;
  std::multimap<Instant, std::unique_ptr<Piece>> waiting_;          // by when they are due
  std::unordered_map<uint64_t, std::unique_ptr<Piece>> in_flight_;  // by request id
  std::deque<Shipment*> finished_;  // every event final, to be settled
  bool dead_letters_fail_ = false;
  Instant dead_letters_retry_ = {};

  Instant paused_since_ = {};
  bool key_refused_ = false;
  bool told_refused_ = false;
  std::set<std::pair<int, std::string>> told_held_;  // status, dataset

  SenderStats working_stats_;
  mutable std::mutex mutex_;
  SenderStats stats_;  // guarded by mutex_
};

}  // namespace hctail
