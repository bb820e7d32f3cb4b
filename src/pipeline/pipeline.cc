// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pipeline.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/file.h"

namespace hctail {
namespace {

constexpr Duration kSyncInterval = std::chrono::seconds(1);
constexpr Duration kSamplingSaveInterval = std::chrono::seconds(10);
constexpr Duration kLookInterval = std::chrono::milliseconds(250);
// timeout(1) and others signal the process and then its group: that is one wish.
constexpr Duration kSameSignal = std::chrono::milliseconds(250);
constexpr Duration kForever = std::chrono::hours(1);

// Waits until one of `waiting` is readable, at most `timeout`.
void PollFor(std::vector<pollfd>* waiting, std::optional<Duration> timeout) {
  timespec limit = {};
  if (timeout) {
    const Duration wait = std::max(*timeout, Duration::zero());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
    limit.tv_sec = seconds.count();
    limit.tv_nsec = (wait - seconds).count();
  }
  ::ppoll(waiting->data(), waiting->size(), timeout ? &limit : nullptr, nullptr);
}

pollfd Readable(int fd) { return {.fd = fd, .events = POLLIN, .revents = 0}; }

Fd TakeSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    // What nohup or a shell without job control told us to ignore stays ignored; a blocked signal
    // would be delivered all the same.
    struct sigaction inherited = {};
    ::sigaction(signal, nullptr, &inherited);
    if (inherited.sa_handler != SIG_IGN) sigaddset(&signals, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return Fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
}

// Never 0: a chunk may hold no lines, only that a file has ended or was quiet, and is one of those
// that are on their way, too.
size_t ChargeOf(const Chunk& chunk) { return chunk.used() + 1; }

}  // namespace

Pipeline::Pipeline(PipelineOptions options, CheckpointFile* checkpoint, const Clock& clock,
                   Log& log)
    : options_(std::move(options)),
      clock_(clock),
      log_(log),
      files_(checkpoint, options_.dataset, options_.dead_letter_path, clock, log, dirty_,
             options_.backfill ? FileTable::Purpose::kBackfill : FileTable::Purpose::kLasting),
      chooser_(options_.formats, log,
               [this](Error error) {
                 misconfigured_ = true;
                 Fatal(std::move(error));
               }),
      budget_(static_cast<size_t>(options_.window + options_.workers + 2) * options_.chunk_size,
              released_),
      pool_(options_.chunk_size, static_cast<size_t>(options_.workers) + 2) {
  if (checkpoint == nullptr) return;
  for (const auto& [id, saved] : checkpoint->files()) chooser_.Remember(saved.path, saved.state);
}

Pipeline::~Pipeline() = default;

RunResult Pipeline::Run(const MakeSources& make_sources, const MakeSink& make_sink) {
  signals_ = TakeSignals();
  sink_ = make_sink(*this, files_);
  sources_ = make_sources(files_);
  next_status_ = clock_.Now() + options_.status_interval;
  working_ = options_.workers;

  std::thread settler([this] { SettleLoop(); });
  std::vector<std::thread> workers;
  workers.reserve(static_cast<size_t>(options_.workers));
  for (int i = 0; i < options_.workers; ++i) workers.emplace_back([this] { WorkLoop(); });
  std::thread reader([this] { ReadLoop(); });
  WaitForEnd();
  reader.join();
  for (std::thread& worker : workers) worker.join();
  settler.join();

  RunResult result;
  result.fault = std::move(fault_);
  result.misconfigured = misconfigured_;
  result.input_ended = input_ended_;
  result.all_settled = !abandon_ && files_.AllSettled();
  result.summary = Snapshot();
  if (options_.backfill && result.input_ended && result.all_settled) files_.ForgetAll();
  Sync();
  SaveSampling();
  return result;
}

void Pipeline::Fatal(Error error) {
  {
    const std::lock_guard lock(fault_mutex_);
    if (!fault_) fault_ = std::move(error);
  }
  stopping_ = true;
  stop_.Notify();
  Abandon();
}

void Pipeline::Abandon() {
  abandon_ = true;
  turnstile_.Abort();
  sink_->Wake();
}

// --- Reading ---

bool Pipeline::SourcesReady() const {
  return std::ranges::any_of(sources_, [](const auto& source) { return source->ready(); });
}

bool Pipeline::SourcesDone() const {
  return std::ranges::all_of(sources_, [](const auto& source) { return source->done(); });
}

void Pipeline::ReadLoop() {
  gathering_ = pool_.Take();
  while (!stopping_) {
    const bool spent = budget_.spent();
    for (const auto& source : sources_) {
      if (spent) {
        source->Look();
      } else {
        source->Read(gathering_.get());
      }
    }
    const Instant now = clock_.Now();
    const bool full = !spent && SourcesReady();
    const bool done = SourcesDone();
    if (!gathering_->empty()) {
      // A chunk that is not full goes when it is old enough and there is someone to send it;
      // until then it goes on gathering, so that a slow API gets fewer and bigger requests.
      const bool due = now >= last_hand_over_ + options_.send_frequency &&
                       budget_.chunks() < static_cast<size_t>(options_.window);
      if (full || done || due) HandOver();
      if (full) continue;
    }
    if (done) {
      input_ended_ = true;
      break;
    }
    WaitForInput(now, !gathering_->empty());
  }
  if (!input_ended_) {
    for (const auto& source : sources_) source->Stop(gathering_.get());
  }
  if (!gathering_->empty()) HandOver();
  chunks_.Close();
}

void Pipeline::HandOver() {
  for (Segment& segment : gathering_->segments()) {
    const auto turn = turns_.try_emplace(segment.file, 0).first;
    segment.turn = turn->second++;
    const bool last =
        segment.kind == Segment::Kind::kPause && segment.pause == Segment::Pause::kEnd;
    if (last) turns_.erase(turn);
  }
  gathering_->sequence = next_sequence_++;
  gathering_->read_time = clock_.Wall();
  last_hand_over_ = clock_.Now();
  budget_.Charge(ChargeOf(*gathering_));
  chunks_.Push(std::move(gathering_));
  gathering_ = pool_.Take();
}

void Pipeline::WaitForInput(Instant now, bool gathering) {
  std::vector<pollfd> waiting = {Readable(stop_.fd()), Readable(released_.fd())};
  std::optional<Duration> timeout;
  if (budget_.spent()) {
    // Nothing is read before something is settled, but a file that is rotated away meanwhile must
    // be opened while it has a path.  Not by poll_fd: a pipe that is not read stays readable.
    const auto follows = [](const auto& source) { return source->next_wake().has_value(); };
    if (std::ranges::any_of(sources_, follows)) timeout = kLookInterval;
    for (const auto& source : sources_) {
      if (source->look_fd() >= 0) waiting.push_back(Readable(source->look_fd()));
    }
  } else if (gathering) {
    // Not woken by every line: what comes until the chunk is due is read in one go.
    timeout = budget_.chunks() < static_cast<size_t>(options_.window)
                  ? last_hand_over_ + options_.send_frequency - now
                  : options_.send_frequency;
  } else {
    for (const auto& source : sources_) {
      if (source->poll_fd() >= 0) waiting.push_back(Readable(source->poll_fd()));
      if (const auto wake = source->next_wake()) {
        timeout = std::min(timeout.value_or(Duration::max()), *wake - now);
      }
    }
  }
  PollFor(&waiting, timeout);
  if (waiting[1].revents != 0) released_.Clear();
}

// --- Parsing ---

void Pipeline::WorkLoop() {
  Worker worker({.batching = options_.batching,
                 .parser = options_.parser_config,
                 .sampling = options_.sampling,
                 .sample_time = options_.backfill ? SampleTime::kEvent : SampleTime::kRead,
                 .unparsed = options_.unparsed,
                 .request_shape = options_.request_shape,
                 .cut_overlong = options_.cut_overlong,
                 .observer = options_.observer},
                files_, chooser_, turnstile_);
  while (auto chunk = chunks_.Pop()) {
    if (abandon_) continue;
    auto made = worker.Process(**chunk, ChargeOf(**chunk));
    pool_.Return(std::move(*chunk));
    if (!made) continue;
    for (auto& batch : *made) batches_.Push(std::move(batch));
    sink_->Wake();
  }
  if (--working_ == 0) {
    batches_.Close();
    sink_->Wake();
  }
}

// --- Settling ---

void Pipeline::SettleLoop() {
  while (!abandon_) {
    const bool last = batches_.closed();  // asked first: after it there are no more pushes
    while (auto batch = batches_.TryPop()) sink_->Add(std::move(*batch));
    if (last && sink_->unsettled() == 0) break;
    if (const Status status = sink_->Step(kForever); !status) Fatal(status.error());
  }
  ended_.Notify();
}

void Pipeline::OnSettled(const Settlement& settlement) {
  files_.Settle(settlement);
  if (settlement.batch->charge > 0) budget_.Release(settlement.batch->charge);
}

// --- Waiting ---

void Pipeline::WaitForEnd() {
  while (true) {
    std::vector<pollfd> waiting = {Readable(ended_.fd()), Readable(signals_.get())};
    if (!sync_wanted_) waiting.push_back(Readable(dirty_.fd()));
    PollFor(&waiting, TimeToNext(clock_.Now()));
    if (waiting[0].revents != 0) return;
    signalfd_siginfo signal = {};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      OnSignal(static_cast<int>(signal.ssi_signo));
    }
    const Instant now = clock_.Now();
    if (!sync_wanted_ && waiting.back().revents != 0) {
      dirty_.Clear();
      sync_wanted_ = true;
    }
    SyncIfDue(now);
    if (options_.status_interval > Duration::zero() && now >= next_status_) {
      next_status_ = now + options_.status_interval;
      PrintStatus();
    }
    if (drain_until_ && now >= *drain_until_ && !abandon_) {
      Abandon();
    }
  }
}

std::optional<Duration> Pipeline::TimeToNext(Instant now) const {
  Instant next = Instant::max();
  if (options_.status_interval > Duration::zero()) next = std::min(next, next_status_);
  if (sync_wanted_) next = std::min(next, next_sync_);
  if (drain_until_ && !abandon_) next = std::min(next, *drain_until_);
  if (next == Instant::max()) return std::nullopt;
  return next - now;
}

void Pipeline::SyncIfDue(Instant now) {
  if (!sync_wanted_ || now < next_sync_) return;
  sync_wanted_ = false;
  next_sync_ = now + kSyncInterval;
  Sync();
  if (now >= next_sampling_save_) SaveSampling();
}

// The dead letters first: a checkpoint must not be ahead of them after a power loss.
void Pipeline::Sync() {
  if (const Status synced = sink_->Sync(); !synced) {
    log_.Fault(synced.error());
    return;
  }
  files_.SyncCheckpoint();
}

// Rates that are a few seconds old are as good as new: no need to write them with each advance.
void Pipeline::SaveSampling() {
  if (options_.sampling == nullptr || options_.sampling_state_path.empty()) return;
  next_sampling_save_ = clock_.Now() + kSamplingSaveInterval;
  const Status saved =
      WriteFileAtomically(options_.sampling_state_path, options_.sampling->Save(), Fsync::kNo);
  if (!saved) log_.Warn(saved.error().message, "After a restart sampling begins anew.");
}

void Pipeline::OnSignal(int signal) {
  if (signal == SIGUSR1) {
    PrintStatus();
    return;
  }
  if (stopping_) {
    if (clock_.Now() < stop_at_once_from_) return;
    log_.Warn("stopped at once by a second signal",
              "What was not settled is sent again next time.");
    ::_exit(1);
  }
  log_.Info(fmt::format("{}: finishing what was read (at most {} s; again to stop at once)",
                        signal == SIGINT ? "interrupted" : "asked to stop",
                        std::chrono::duration<double>(options_.shutdown_timeout).count()));
  stopping_ = true;
  stop_at_once_from_ = clock_.Now() + kSameSignal;
  drain_until_ = clock_.Now() + options_.shutdown_timeout;
  stop_.Notify();
}

Summary Pipeline::Snapshot() const {
  Summary summary = files_.Snapshot();
  summary.formats = chooser_.Found();
  return summary;
}

void Pipeline::PrintStatus() {
  std::string text = RenderSummary(Snapshot());
  if (options_.sampling != nullptr) text += options_.sampling->Explain();
  text.pop_back();
  log_.Write(Log::Level::kInfo, {"status", std::move(text)});
}

}  // namespace hctail
