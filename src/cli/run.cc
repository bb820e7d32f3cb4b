// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/option_value.h"
#include "checkpoint/number_text.h"
#include "cli/head_source.h"
#include "cli/own_files.h"
#include "cli/preflight.h"
#include "cli/runner.h"
#include "parsers/wrapper.h"
#include "ship/sender.h"
#include "ship/stdout_sink.h"
#include "tail/spool_source.h"
#include "tail/stdin_source.h"

namespace hctail {
namespace {

constexpr int kAllSettled = 0;
constexpr int kUnsettled = 1;
constexpr int kMisconfigured = 2;

}  // namespace

int Runner::Run() {
  Status prepared = LimitProcess();
  if (prepared) prepared = Prepare();
  if (!prepared) {
    log_.Fault(prepared.error());
    return kMisconfigured;
  }
  Announce();
  Pipeline pipeline(MakePipelineOptions(), checkpoint_.get(), clock_, log_);
  const RunResult result = pipeline.Run(
      [this](SourceListener& l) { return MakeSources(l); },
      [this](SettleListener& l, const FileTable& files) { return MakeSink(l, files); });
  return Finish(result);
}

// Somebody waits to be told what it is.
bool Runner::ReadsOneFile() const {
  const std::string& file = options_.files.front();
  std::error_code ignored;
  return options_.files.size() == 1 && !HasWildcard(file) &&
         !std::filesystem::is_directory(file, ignored);
}

PipelineOptions Runner::MakePipelineOptions() const {
  PipelineOptions made{
      .batching = {.encoding = ships() ? Encoding::kEventsApi : Encoding::kLines,
                   .compression = compression_,
                   .target_body = 4'500'000,  // one request a chunk
                   .max_events = options_.send_batch_size},
      .formats = {.fixed = parser_,
                  .candidates = candidates_,
                  .wrapper_of =
                      [this](std::span<const std::string_view> lines, Wrapper before) {
                        return WrapperOf(options_.parser_options, lines, before);
                      },
                  .unknown_is_fatal = rehearsal_ == nullptr && ReadsOneFile(),
                  .unknown_is_plain = rehearsal_ == nullptr ? options_.on_unparsed == "raw"
                                                            : rehearsal_->unknown_is_plain,
                  .observer = observer_.get()},
      .unparsed = options_.on_unparsed == "drop"  ? Unparsed::kDrop
                  : options_.on_unparsed == "raw" ? Unparsed::kRaw
                                                  : Unparsed::kDeadLetter,
      .request_shape = options_.request_shape,
      .cut_overlong = options_.cut_overlong,
      .parser_config = MakeParserConfig(),
      .sampling = sampling_.get(),
      .sampling_state_path = SamplingStatePath(),
      .dataset = options_.dataset,
      .dead_letter_path = dead_letter_path_,
      .workers = rehearsal_ != nullptr
                     ? 1
                     : static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U)),
      .window = options_.poolsize,
      .send_frequency = options_.send_frequency,
      .shutdown_timeout = options_.shutdown_timeout,
      .status_interval = options_.status_interval,
      .backfill = options_.backfill,
      .observer = observer_.get()};
  return made;
}

// Lines that are held back wait no longer than unfinished ones, unless they are to.
Duration Runner::IdleAfter() const {
  const Duration flush = options_.flush_partial_after;
  const auto timeout = ReadDuration(options_.parser_options.Get("multiline.timeout"), "s");
  if (!timeout || *timeout == Duration::zero()) return flush;
  return flush == Duration::zero() ? *timeout : std::min(flush, *timeout);
}

std::unique_ptr<Source> Runner::MakeStdin(SourceListener& listener) {
  if (spool_ == nullptr) {
    auto input = std::make_unique<StdinSource>(STDIN_FILENO, MakeLineOptions(), IdleAfter(), clock_,
                                               listener);
    if (rehearsal_ == nullptr) return input;
    auto first = std::make_unique<HeadSource>(rehearsal_->lines);
    first->SetInner(std::move(input), /*only_file=*/true);
    return first;
  }
  SpoolSource::Options options{.lines = MakeLineOptions(), .idle_after = IdleAfter()};
  for (const auto& [id, saved] : checkpoint_->files()) {
    if (saved.is_spool() && saved.path == SpoolSource::PathOf(options_.spool_dir)) {
      options.saved = saved;
    }
  }
  return std::make_unique<SpoolSource>(STDIN_FILENO, *spool_, clock_, log_, listener,
                                       std::move(options));
}

std::vector<std::unique_ptr<Source>> Runner::MakeSources(SourceListener& listener) {
  std::vector<std::unique_ptr<Source>> sources;
  TailOptions tail;
  for (const std::string& file : options_.files) {
    if (file == "-" && sources.empty()) {
      sources.push_back(MakeStdin(listener));
    } else if (file != "-") {
      tail.patterns.push_back(file);
    }
  }
  if (tail.patterns.empty()) return sources;
  tail.exclude = options_.filters;
  tail.read_from = static_cast<ReadFrom>(options_.read_from);
  tail.stop_at_end = options_.stop || options_.backfill;
  tail.lines = MakeLineOptions();
  tail.flush_partial_after = options_.flush_partial_after;
  tail.idle_after = IdleAfter();
  tail.expected = expected_;
  if (replay_.parser == nullptr) {
    OwnFiles own(checkpoint_ != nullptr ? options_.state_dir : std::string(), dead_letter_path_,
                 options_.spool_dir);
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) own.AddOpen(descriptor);
    tail.own = [own = std::move(own)](const std::string& path) { return own.Contains(path); };
  }
  if (checkpoint_ != nullptr) {
    for (const auto& [id, saved] : checkpoint_->files()) {
      if (!saved.is_spool()) tail.saved.push_back(saved);
    }
  }
  files_.emplace(disk_, MostOpenFiles());
  if (options_.poll || tail.stop_at_end) {
    watcher_ = std::make_unique<NoWatcher>();
  } else {
    watcher_ = std::make_unique<InotifyWatcher>();
  }
  sources.push_back(MakeTailer(listener, std::move(tail)));
  return sources;
}

std::unique_ptr<Source> Runner::MakeTailer(SourceListener& listener, TailOptions tail) {
  const auto make = [&] {
    return std::make_unique<Tailer>(*files_, *watcher_, clock_, log_, listener, std::move(tail));
  };
  if (rehearsal_ == nullptr) return make();
  auto first = std::make_unique<HeadSource>(rehearsal_->lines);
  tail.enough = [source = first.get()](FileKey file) { return source->Enough(file); };
  first->SetInner(make(), /*only_file=*/false);
  return first;
}

std::unique_ptr<Sink> Runner::MakeSink(SettleListener& listener, const FileTable& files) {
  dead_letters_ = std::make_unique<DeadLetterFile>(
      dead_letter_path_, options_.dead_letter_max,
      [this, &files](const DeadLetter& letter) {
        if (replay_.parser != nullptr) return replay_.origin_of(letter);
        return DeadLetterFile::Origin{files.PathOf(letter.file), letter.offset};
      },
      clock_, log_);
  if (!ships()) {
    return std::make_unique<StdoutSink>(STDOUT_FILENO, clock_, *dead_letters_, listener, log_);
  }
  return std::make_unique<Sender>(
      SenderOptions{.write_key = options_.write_key,
                    .user_agent = UserAgent(),
                    .host = options_.api_host.name,
                    .concurrency = static_cast<size_t>(options_.poolsize),
                    .compression = compression_},
      *transport_, clock_, random_.Next(), *dead_letters_, listener, log_);
}

void Runner::Rehearse(bool stop_at_end) {
  std::vector<Error>& problems = rehearsal_->problems;
  for (const Status& prepared : {FindZones(), PrepareCharset()}) {
    if (!prepared) problems.push_back(prepared.error());
  }
  PrepareParsers(&problems);
  const bool understands = problems.empty();
  CheckFiles(options_.files, options_.filters, stop_at_end, log_, &expected_, &problems);
  rehearsal_->missing = expected_;
  for (const std::string& file : expected_) {
    if (HasWildcard(file)) continue;
    log_.Warn(fmt::format("there is no '{}'; a run would wait for it", file));
  }
  if (const Status checked = CheckCaFile(); !checked) problems.push_back(checked.error());
  if (!understands) return;
  PrepareSampling();
  Trial& trial = rehearsal_->trial;
  observer_ = std::make_unique<TrialObserver>(trial);
  TrialSink* sink = nullptr;
  Pipeline pipeline(MakePipelineOptions(), nullptr, clock_, log_);
  const RunResult result = pipeline.Run([this](SourceListener& l) { return MakeSources(l); },
                                        [&](SettleListener& l, const FileTable& /*files*/) {
                                          auto made = std::make_unique<TrialSink>(l);
                                          sink = made.get();
                                          return made;
                                        });
  sink->AddTo(&trial);
  trial.abandoned_bytes = result.summary.Total().abandoned_bytes;
  rehearsal_->tried = true;
  if (result.fault && !result.fault->message.empty()) problems.push_back(*result.fault);
}

int Runner::Finish(const RunResult& result) {
  if (result.fault) {
    if (result.fault->message.empty()) return kAllSettled;  // `hctail | head` has seen enough
    log_.Fault(*result.fault);
    return result.misconfigured ? kMisconfigured : kUnsettled;
  }
  std::string summary = RenderSummary(result.summary);
  if (sampling_ != nullptr) summary += sampling_->Explain();
  summary.pop_back();
  log_.Write(Log::Level::kInfo, {"summary", std::move(summary)});
  const bool whole = options_.backfill || replay_.parser != nullptr;
  const bool done = result.all_settled && (!whole || (result.input_ended && unlisted_.empty()));
  if (!done && options_.stop) TellRest(result);
  const uint64_t again = result.summary.Total().dead_lettered;
  if (replay_.parser != nullptr && again > 0 && ships()) {
    log_.Warn(
        fmt::format("{} failed again: see '{}'", Counted(again, "letter"), dead_letter_path_));
  }
  return done ? kAllSettled : kUnsettled;
}

void Runner::TellRest(const RunResult& result) {
  std::string missing = WhatIsMissing(result.summary);
  if (!unlisted_.empty())
    missing += missing.empty() ? "folders not listed" : ", folders not listed";
  std::string text = result.input_ended ? "not all was settled" : "stopped before the end";
  if (!missing.empty()) text += ": " + missing;
  std::string next;
  if (checkpoint_ != nullptr) next = "Run the same again: it goes on where this one stopped.";
  log_.Fault({std::move(text), std::move(next)});
}

std::string Runner::UserAgent() const {
  return fmt::format("hctail/" HCTAIL_VERSION " ({}{})", options_.parser,
                     options_.backfill ? " backfill" : "");
}

int RunCommand(const Options& options, const Replay& replay) {
  // Until the pipeline takes signals itself nothing was read: there is nothing to finish.
  void (*const leave)(int) = replay.parser == nullptr ? [](int) { ::_exit(kAllSettled); }
                                                      : [](int) { ::_exit(kUnsettled); };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (::signal(signal, leave) == SIG_IGN) ::signal(signal, SIG_IGN);
  }
  StderrLog log(options.log_level);
  return Runner(options, log, replay).Run();
}

void Rehearse(const Options& options, Log& log, Rehearsal* rehearsal) {
  Options tried = options;
  tried.backfill = tried.stop = true;
  tried.read_from = Options::ReadFrom::kBeginning;
  tried.on_unparsed = "dead-letter";
  rehearsal->unknown_is_plain = options.on_unparsed == "raw";
  tried.compression = "none";
  tried.output = Options::Output::kHoneycomb;  // its limits hold
  tried.status_interval = {};
  tried.dead_letter_path.clear();  // nobody is told of each
  Runner(tried, log, {}, rehearsal).Rehearse(options.stop);
}

Status AskAboutKey(const Options& options, Log& log) {
  Options asking = options;
  asking.skip_auth_check = false;
  return Runner(asking, log, {}).OpenTransport();
}

}  // namespace hctail
