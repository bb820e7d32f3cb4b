// SPDX-License-Identifier: Apache-2.0
// The run: one reading thread, some workers, one settling thread, and main, which waits for
// signals and timers.  The only file that makes threads.
//
//   reader --chunks--> workers --batches--> settling thread (sink) --> FileTable, checkpoint
//      ^--------------------- ByteBudget is released ---------------------'
//
// Nothing downstream of the reader ever waits for room: what exists between reading and settling
// is bounded by the ByteBudget that the reader waits for.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/byte_budget.h"
#include "base/hand_off.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "base/wakeup.h"
#include "checkpoint/checkpoint_file.h"
#include "pipeline/file_table.h"
#include "pipeline/parser_chooser.h"
#include "pipeline/worker.h"
#include "ship/sink.h"
#include "tail/chunk.h"
#include "tail/source.h"
#include "transform/request_shape.h"

namespace hctail {

struct PipelineOptions {
  BatcherOptions batching;
  ParserChooser::Options formats;
  Unparsed unparsed = Unparsed::kDeadLetter;
  RequestShapeOptions request_shape = {};
  bool cut_overlong = true;  // false: to the dead letters
  ParserConfig parser_config;
  SamplingPolicy* sampling = nullptr;  // null: everything is sent; must outlive the run
  std::string sampling_state_path;     // where its rates are kept across restarts; empty: nowhere
  std::string dataset;
  std::string dead_letter_path;  // for messages; empty: none of malformed records
  int workers = 1;
  int window = 1;  // chunks being sent at once (--poolsize)
  size_t chunk_size = 1 << 20;
  Duration send_frequency = std::chrono::milliseconds(40);
  Duration shutdown_timeout = std::chrono::seconds(10);
  Duration status_interval = std::chrono::seconds(60);  // 0: never
  bool backfill = false;                                // positions are forgotten in the end
  RecordObserver* observer = nullptr;  // needs workers to be 1; must outlive the run
};

struct RunResult {
  // What made it stop; none: input ended, or a signal.  An Error without a message is a quiet stop.
  std::optional<Error> fault;
  bool misconfigured = false;  // the fault is that no format fits the input
  bool input_ended = false;    // everything that was to be read was
  bool all_settled = false;    // everything that was read is settled
  Summary summary;
};

class Pipeline final : private SettleListener {
 public:
  using MakeSources = std::function<std::vector<std::unique_ptr<Source>>(SourceListener& listener)>;
  using MakeSink =
      std::function<std::unique_ptr<Sink>(SettleListener& listener, const FileTable& files)>;

  // `checkpoint` may be null.  Everything given must outlive the Pipeline.
  Pipeline(PipelineOptions options, CheckpointFile* checkpoint, const Clock& clock, Log& log);
  ~Pipeline() override;

  // Runs until the input ends, a signal comes (SIGINT, SIGTERM, SIGHUP: these are blocked and
  // taken here) or something fatal happens.  Call once, from the main thread, before it has made
  // any other.  A second signal ends the process at once, unless it
  // comes right behind the first.
  RunResult Run(const MakeSources& make_sources, const MakeSink& make_sink);

 private:
  // Reading thread.
  void ReadLoop();
  bool SourcesReady() const;
  bool SourcesDone() const;
  void HandOver();
  void WaitForInput(Instant now, bool gathering);
  // Worker threads.
  void WorkLoop();
  // Settling thread.
  void SettleLoop();
  void OnSettled(const Settlement& settlement) override;
  // Main thread.
  void WaitForEnd();
  void OnSignal(int signal);
  void SyncIfDue(Instant now);
  void Sync();
  void SaveSampling();
  Summary Snapshot() const;
  void PrintStatus();
  std::optional<Duration> TimeToNext(Instant now) const;

  void Fatal(Error error);
  void Abandon();

  const PipelineOptions options_;
  const Clock& clock_;
  Log& log_;

  Wakeup stop_;      // the reader is to stop
  Wakeup released_;  // the budget was released
  Wakeup dirty_;     // the checkpoint has something to be synced
  Wakeup ended_;     // the settling thread is done
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> abandon_ = false;  // settle no longer: the shutdown timeout is over
  std::atomic<bool> input_ended_ = false;
  std::atomic<bool> misconfigured_ = false;
  std::atomic<int> working_ = 0;

  FileTable files_;
  ParserChooser chooser_;
  Turnstile turnstile_;
  ByteBudget budget_;
  ChunkPool pool_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::unique_ptr<Sink> sink_;
  HandOff<std::unique_ptr<Chunk>> chunks_;
  HandOff<std::unique_ptr<Batch>> batches_;

  // Of the reading thread.
  std::unique_ptr<Chunk> gathering_;
  uint64_t next_sequence_ = 0;
  std::unordered_map<FileKey, uint64_t> turns_;  // the next one of each file
  Instant last_hand_over_ = {};

  // Of the main thread.
  Fd signals_;
  Instant stop_at_once_from_ = {};  // by a further signal
  std::optional<Instant> drain_until_;
  Instant next_status_ = {};
  Instant next_sync_ = {};
  bool sync_wanted_ = false;
  Instant next_sampling_save_ = {};

  std::mutex fault_mutex_;
  std::optional<Error> fault_;  // guarded by fault_mutex_; the first one counts
};

}  // namespace hctail
