// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/number_text.h"
#include "checkpoint/state_directory.h"
#include "cli/head_source.h"
#include "cli/preflight.h"
#include "parsers/parser.h"
#include "parsers/wrapper.h"
#include "pipeline/pipeline.h"
#include "ship/curl_transport.h"
#include "ship/dead_letter.h"
#include "ship/key_check.h"
#include "ship/sender.h"
#include "ship/stdout_sink.h"
#include "tail/bounded_files.h"
#include "tail/spool.h"
#include "tail/spool_source.h"
#include "tail/stdin_source.h"
#include "tail/tailer.h"

namespace hctail {
namespace {

constexpr int kAllSettled = 0;
constexpr int kUnsettled = 1;
constexpr int kMisconfigured = 2;

// Everything a run is made of.  Members are declared in the order they depend on each other.
class Runner {
 public:
  Runner(const Options& options, Log& log, const Replay& replay, Rehearsal* rehearsal = nullptr)
      : options_(options), log_(log), replay_(replay), rehearsal_(rehearsal) {}

  int Run() {
    if (const Status prepared = Prepare(); !prepared) {
      log_.Fault(prepared.error());
      return kMisconfigured;
    }
    Announce();
    LimitProcess();
    Pipeline pipeline(MakePipelineOptions(), checkpoint_.get(), clock_, log_);
    const RunResult result = pipeline.Run(
        [this](SourceListener& l) { return MakeSources(l); },
        [this](SettleListener& l, const FileTable& files) { return MakeSink(l, files); });
    return Finish(result);
  }

  void Rehearse(bool stop_at_end);
  Status OpenTransport();

 private:
  Status Prepare();
  Status FindZones();
  Status PrepareCharset();
  void PrepareParsers(std::vector<Error>* problems);
  Status OpenCheckpoint();
  void WarnOfForeignOwner();
  Status OpenSpool();
  std::unique_ptr<Source> MakeStdin(SourceListener& listener);
  void PrepareSampling();
  std::string SamplingStatePath() const;
  Status CheckCaFile() const;
  void Announce();
  static void LimitProcess();
  size_t MostOpenFiles();
  PipelineOptions MakePipelineOptions() const;
  std::vector<std::unique_ptr<Source>> MakeSources(SourceListener& listener);
  std::unique_ptr<Source> MakeTailer(SourceListener& listener, TailOptions tail);
  std::unique_ptr<Sink> MakeSink(SettleListener& listener, const FileTable& files);
  int Finish(const RunResult& result);
  void TellRest(const RunResult& result);
  std::string UserAgent() const;
  ParserConfig MakeParserConfig() const {
    return {.options = options_.parser_options,
            .zone = zone_,
            .now = clock_.Wall(),
            .local_zone = local_zone_};
  }
  bool ships() const { return options_.output == Options::Output::kHoneycomb; }

  const Options& options_;
  Log& log_;
  const Replay& replay_;
  Rehearsal* const rehearsal_;  // null: this is a real run
  SystemClock clock_;
  const date::time_zone* zone_ = nullptr;
  const date::time_zone* local_zone_ = nullptr;
  std::optional<Charset> charset_;      // none: each file's own
  const ParserSpec* parser_ = nullptr;  // null: auto
  std::vector<const ParserSpec*> candidates_;
  CompressionSetting compression_;
  std::vector<std::string> expected_;  // patterns of which there is no file yet
  std::unique_ptr<CheckpointFile> checkpoint_;
  Fd spool_lock_;
  SpoolDisk spool_disk_;
  std::unique_ptr<Spool> spool_;              // null: standard input is not kept
  std::unique_ptr<SamplingPolicy> sampling_;  // null: everything is sent
  std::unique_ptr<CurlTransport> transport_;
  Random random_{std::random_device()()};
  PosixFileSystem disk_;
  std::optional<BoundedFiles> files_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<DeadLetterFile> dead_letters_;
  std::unique_ptr<TrialObserver> observer_;  // of a rehearsal
};

// A machine without a zone is in UTC, unless its own time is needed for sure.
Status Runner::FindZones() {
  const bool given = !options_.zone.empty();
  const bool needed = given || options_.localtime || options_.parser == "transcript";
  const bool from_tz = !given && !options_.machine_zone.empty();
  const auto zone = given     ? FindZone(options_.zone)
                    : from_tz ? FindZone(options_.machine_zone)
                              : LocalZone();
  if (!zone && needed) {
    const std::string_view origin = given                ? " (from --timezone)"
                                    : from_tz            ? " (from $TZ)"
                                    : options_.localtime ? " (from --localtime)"
                                                         : " (for --parser transcript)";
    return Fail(zone.error().message + std::string(origin), zone.error().hint);
  }
  local_zone_ = zone.value_or(nullptr);
  if (given || options_.localtime) zone_ = local_zone_;
  return {};
}

Status Runner::PrepareCharset() {
  if (options_.encoding == "auto") return {};
  auto charset = ParseCharset(options_.encoding);
  if (!charset) return Fail(charset.error().message + " (from --encoding)", charset.error().hint);
  charset_ = std::move(*charset);
  return {};
}

Status Runner::Prepare() {
  if (const Status zones = FindZones(); !zones) return zones;
  if (const Status charset = PrepareCharset(); !charset) return charset;
  std::vector<Error> problems;
  PrepareParsers(&problems);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  compression_ = {.compression = options_.compression == "zstd"   ? Compression::kZstd
                                 : options_.compression == "gzip" ? Compression::kGzip
                                                                  : Compression::kNone,
                  .level = options_.compression_level};
  const Status files = CheckFiles(options_.files, options_.filters,
                                  options_.stop || options_.backfill, log_, &expected_);
  if (!files) return files;
  if (const Status checkpoint = OpenCheckpoint(); !checkpoint) return checkpoint;
  if (const Status spool = OpenSpool(); !spool) return spool;
  PrepareSampling();
  return ships() ? OpenTransport() : Status();
}

// A format's options, and those of records, are wrong at once, not at the first line that needs
// them.
void Runner::PrepareParsers(std::vector<Error>* problems) {
  if (replay_.parser != nullptr) {
    parser_ = replay_.parser;
    candidates_ = {parser_};
  } else {
    auto candidates = CandidateParsers(options_);
    if (!candidates) return problems->push_back(candidates.error());
    candidates_ = std::move(*candidates);
    if (options_.parser != "auto") parser_ = candidates_.front();
  }
  std::erase_if(candidates_, [&](const ParserSpec* spec) {
    const auto created = MakeFileParser(*spec, MakeParserConfig(), Wrapper::kNone, {});
    if (created) return false;
    // Options of records are wrong for each format.
    if (std::ranges::find(*problems, created.error().message, &Error::message) == problems->end()) {
      problems->push_back(created.error());
    }
    return true;
  });
}

Status Runner::OpenCheckpoint() {
  const bool only_stdin =
      std::ranges::all_of(options_.files, [](const auto& f) { return f == "-"; });
  const bool keeps = ships() || options_.state_dir_explicit;
  if (options_.spool_dir.empty() && (only_stdin || !keeps)) return {};
  std::vector<std::string> warnings;
  auto opened =
      CheckpointFile::Open(options_.state_dir, CheckpointFile::Access::kExclusive, &warnings);
  for (const std::string& warning : warnings) log_.Warn(warning);
  if (!opened) return std::unexpected(opened.error());
  checkpoint_ = std::move(*opened);
  WarnOfForeignOwner();
  return {};
}

// What is wrong with a directory for state, said of the spool's.
Status OfSpool(Error error) {
  for (std::string* const text : {&error.message, &error.hint}) {
    for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>(
                                       "the state directory", "the spool's directory"),
                                   {"--state-dir", "--spool"}}) {
      if (const size_t at = text->find(from); at != std::string::npos) {
        text->replace(at, from.size(), to);
      }
    }
  }
  return std::unexpected(std::move(error));
}

Status Runner::OpenSpool() {
  const std::string& directory = options_.spool_dir;
  if (directory.empty()) return {};
  if (const std::string holder = LockHolder(directory); !holder.empty()) {
    return Fail(fmt::format("the spool '{}' is in use by {}", directory, holder),
                "Two cannot share one: stop that one, or give this one another with --spool.");
  }
  if (const Status made = MakeStateDirectory(directory); !made) return OfSpool(made.error());
  Result<Fd> lock = LockStateDirectory(directory);
  if (!lock) return OfSpool(lock.error());
  spool_lock_ = std::move(*lock);
  auto spool = Spool::Open(directory, options_.spool_max, spool_disk_);
  if (!spool) return std::unexpected(spool.error());
  spool_ = std::move(*spool);
  return {};
}

// What root writes there the service's user cannot read later.
void Runner::WarnOfForeignOwner() {
  struct stat info = {};
  if (::geteuid() != 0 || ::stat(options_.state_dir.c_str(), &info) != 0 || info.st_uid == 0)
    return;
  const std::string owner = NameOfUser(info.st_uid);
  log_.Warn(
      fmt::format("the state directory '{}' belongs to {}, and hctail runs as root",
                  options_.state_dir, owner),
      fmt::format("What is saved now cannot be read by {} later; run hctail as {}, or mend it "
                  "with 'hctail state check --repair'.",
                  owner, owner));
}

void Runner::PrepareSampling() {
  auto sampling = std::make_unique<SamplingPolicy>(options_.sampling, random_.Next());
  if (!sampling->active()) return;
  sampling_ = std::move(sampling);
  if (SamplingStatePath().empty()) return;
  const auto state = ReadWholeFile(SamplingStatePath());
  if (!state) return;  // the first run
  if (const Status restored = sampling_->Restore(*state); !restored) {
    log_.Warn(restored.error().message, "Sampling begins anew.");
  }
}

// A backfill's rates belong to other days.
std::string Runner::SamplingStatePath() const {
  return checkpoint_ == nullptr || options_.backfill ? "" : options_.state_dir + "/sampling";
}

Status Runner::CheckCaFile() const {
  if (options_.ca_file.empty()) return {};
  const auto file = ReadWholeFile(options_.ca_file);
  return file ? Status() : Fail(file.error().message + " (from --ca-file)");
}

Status Runner::OpenTransport() {
  if (const Status checked = CheckCaFile(); !checked) return checked;
  transport_ =
      std::make_unique<CurlTransport>(CurlOptions{.url = options_.api_host.url,
                                                  .ca_file = options_.ca_file,
                                                  .total_timeout = options_.request_timeout});
  if (options_.skip_auth_check) return {};
  auto key = VerifyKey(*transport_, clock_, random_,
                       {.write_key = options_.write_key,
                        .user_agent = UserAgent(),
                        .key_origin = options_.write_key_origin,
                        .host = options_.api_host.name});
  if (!key) return std::unexpected(key.error());
  log_.Info(key->environment.empty()
                ? fmt::format("sending to {}, team {}", options_.api_host.name, key->team)
                : fmt::format("sending to {}, team {}, environment {}", options_.api_host.name,
                              key->team, key->environment));
  return {};
}

void Runner::Announce() {
  if (ships() || !options_.output_is_default) return;
  log_.Info(
      "no API key: printing events; to send them set HONEYCOMB_API_KEY or give --writekey-file "
      "FILE");
}

void Runner::LimitProcess() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  // A core dump would hold the API key and log lines.
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

// What else needs descriptors: state, dead letters, inotify, folders that are listed, connections.
size_t Runner::MostOpenFiles() {
  constexpr size_t kOthers = 40;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;
  const size_t others = kOthers + 2 * static_cast<size_t>(options_.poolsize);
  const size_t left = limit.rlim_cur > 2 * others ? limit.rlim_cur - others : limit.rlim_cur / 2;
  const size_t most = std::max<size_t>(left, 1);
  if (options_.max_open_files > most) {
    log_.Warn(fmt::format("--max-open-files {} is more than the system allows: {} files are kept "
                          "open at most",
                          options_.max_open_files, most),
              fmt::format("The hard limit of this process is {} (ulimit -Hn, or LimitNOFILE= of "
                          "systemd).",
                          limit.rlim_cur));
  }
  return options_.max_open_files == 0 ? most : std::min<size_t>(options_.max_open_files, most);
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
                      [this](std::span<const std::string_view> lines) {
                        return WrapperOf(options_.parser_options, lines);
                      },
                  .unknown_is_fatal = rehearsal_ == nullptr && options_.files.size() == 1,
                  .unknown_is_plain = options_.on_unparsed == "raw",
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
      .dead_letter_path = options_.dead_letter_path,
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

std::unique_ptr<Source> Runner::MakeStdin(SourceListener& listener) {
  if (spool_ == nullptr) {
    auto input = std::make_unique<StdinSource>(STDIN_FILENO, options_.max_line, log_, listener);
    if (rehearsal_ == nullptr) return input;
    auto first = std::make_unique<HeadSource>(rehearsal_->lines);
    first->SetInner(std::move(input), /*only_file=*/true);
    return first;
  }
  SpoolSource::Options options{.max_line = options_.max_line};
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
  tail.lines = {.max_line = options_.max_line, .lone_cr = options_.lone_cr, .charset = charset_};
  tail.flush_partial_after = options_.flush_partial_after;
  tail.expected = expected_;
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
      options_.dead_letter_path, options_.dead_letter_max,
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

// Goes on behind problems as far as there is anything to be tried.
void Runner::Rehearse(bool stop_at_end) {
  std::vector<Error>& problems = rehearsal_->problems;
  for (const Status& prepared : {FindZones(), PrepareCharset()}) {
    if (!prepared) problems.push_back(prepared.error());
  }
  PrepareParsers(&problems);
  const bool understands = problems.empty();
  CheckFiles(options_.files, options_.filters, stop_at_end, log_, &expected_, &problems);
  for (const std::string& file : expected_) {
    if (!HasWildcard(file)) log_.Warn(fmt::format("there is no '{}' yet; waiting for it", file));
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
  const bool done = result.all_settled && (result.input_ended || !whole);
  if (!done && options_.stop) TellRest(result);
  const uint64_t again = result.summary.Total().dead_lettered;
  if (replay_.parser != nullptr && again > 0 && ships()) {
    log_.Warn(fmt::format("{} failed again: see '{}'", Counted(again, "letter"),
                          options_.dead_letter_path));
  }
  return done ? kAllSettled : kUnsettled;
}

void Runner::TellRest(const RunResult& result) {
  const std::string missing = WhatIsMissing(result.summary);
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

}  // namespace

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
