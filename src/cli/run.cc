// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
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
#include "cli/preflight.h"
#include "parsers/parser.h"
#include "parsers/wrapper.h"
#include "pipeline/pipeline.h"
#include "ship/curl_transport.h"
#include "ship/dead_letter.h"
#include "ship/key_check.h"
#include "ship/sender.h"
#include "ship/stdout_sink.h"
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
  explicit Runner(const Options& options) : options_(options), log_(options.log_level) {}

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

 private:
  Status Prepare();
  Status FindZones();
  Status PrepareParsers();
  Status OpenCheckpoint();
  void PrepareSampling();
  std::string SamplingStatePath() const;
  Status OpenTransport();
  void Announce();
  static void LimitProcess();
  PipelineOptions MakePipelineOptions() const;
  std::vector<std::unique_ptr<Source>> MakeSources(SourceListener& listener);
  std::unique_ptr<Sink> MakeSink(SettleListener& listener, const FileTable& files);
  int Finish(const RunResult& result);
  std::string UserAgent() const;
  ParserConfig MakeParserConfig() const {
    return {options_.parser_options, zone_, clock_.Wall(), local_zone_};
  }
  bool ships() const { return options_.output == Options::Output::kHoneycomb; }

  const Options& options_;
  StderrLog log_;
  SystemClock clock_;
  const date::time_zone* zone_ = nullptr;
  const date::time_zone* local_zone_ = nullptr;
  std::optional<Charset> charset_;      // none: each file's own
  const ParserSpec* parser_ = nullptr;  // null: auto
  std::vector<const ParserSpec*> candidates_;
  CompressionSetting compression_;
  std::vector<std::string> expected_;  // patterns of which there is no file yet
  std::unique_ptr<CheckpointFile> checkpoint_;
  std::unique_ptr<SamplingPolicy> sampling_;  // null: everything is sent
  std::unique_ptr<CurlTransport> transport_;
  Random random_{std::random_device()()};
  PosixFileSystem files_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<DeadLetterFile> dead_letters_;
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

Status Runner::Prepare() {
  if (const Status zones = FindZones(); !zones) return zones;
  if (options_.encoding != "auto") {
    auto charset = ParseCharset(options_.encoding);
    if (!charset) return Fail(charset.error().message + " (from --encoding)", charset.error().hint);
    charset_ = std::move(*charset);
  }
  if (const Status parsers = PrepareParsers(); !parsers) return parsers;
  compression_ = {.compression = options_.compression == "zstd"   ? Compression::kZstd
                                 : options_.compression == "gzip" ? Compression::kGzip
                                                                  : Compression::kNone,
                  .level = options_.compression_level};
  const Status files = CheckFiles(options_.files, options_.filters,
                                  options_.stop || options_.backfill, log_, &expected_);
  if (!files) return files;
  if (const Status checkpoint = OpenCheckpoint(); !checkpoint) return checkpoint;
  PrepareSampling();
  return ships() ? OpenTransport() : Status();
}

// A format's options, and those of records, are wrong at once, not at the first line that needs
// them.  A format that cannot do without an option is no candidate for `auto` unless it was given.
Status Runner::PrepareParsers() {
  if (options_.parser != "auto") parser_ = FindParser(options_.parser);
  for (const ParserSpec& spec : AllParsers()) {
    if (parser_ != nullptr && parser_ != &spec) continue;
    if (!spec.required_option.empty() && !options_.parser_options.Has(spec.required_option)) {
      if (parser_ == nullptr) continue;
      return Fail(fmt::format("--parser {} needs --{}", spec.name, spec.required_option),
                  "Run 'hctail --help' to see what it takes.");
    }
    const auto created = MakeFileParser(spec, MakeParserConfig(), Wrapper::kNone, {});
    if (!created) return std::unexpected(created.error());
    candidates_.push_back(&spec);
  }
  return {};
}

Status Runner::OpenCheckpoint() {
  const bool only_stdin =
      std::ranges::all_of(options_.files, [](const auto& f) { return f == "-"; });
  if (only_stdin || (!ships() && !options_.state_dir_explicit)) return {};
  std::vector<std::string> warnings;
  auto opened =
      CheckpointFile::Open(options_.state_dir, CheckpointFile::Access::kExclusive, &warnings);
  for (const std::string& warning : warnings) log_.Warn(warning);
  if (!opened) return std::unexpected(opened.error());
  checkpoint_ = std::move(*opened);
  return {};
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

Status Runner::OpenTransport() {
  if (!options_.ca_file.empty()) {
    if (const auto file = ReadWholeFile(options_.ca_file); !file) {
      return Fail(file.error().message + " (from --ca-file)");
    }
  }
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
                  .unknown_is_fatal = options_.files.size() == 1},
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
      .workers = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U)),
      .window = options_.poolsize,
      .send_frequency = options_.send_frequency,
      .shutdown_timeout = options_.shutdown_timeout,
      .status_interval = options_.status_interval,
      .backfill = options_.backfill};
  return made;
}

std::vector<std::unique_ptr<Source>> Runner::MakeSources(SourceListener& listener) {
  std::vector<std::unique_ptr<Source>> sources;
  TailOptions tail;
  for (const std::string& file : options_.files) {
    if (file == "-" && sources.empty()) {
      sources.push_back(
          std::make_unique<StdinSource>(STDIN_FILENO, options_.max_line, log_, listener));
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
    for (const auto& [id, saved] : checkpoint_->files()) tail.saved.push_back(saved);
  }
  if (options_.poll || tail.stop_at_end) {
    watcher_ = std::make_unique<NoWatcher>();
  } else {
    watcher_ = std::make_unique<InotifyWatcher>();
  }
  sources.push_back(
      std::make_unique<Tailer>(files_, *watcher_, clock_, log_, listener, std::move(tail)));
  return sources;
}

std::unique_ptr<Sink> Runner::MakeSink(SettleListener& listener, const FileTable& files) {
  dead_letters_ = std::make_unique<DeadLetterFile>(
      options_.dead_letter_path, options_.dead_letter_max,
      [&files](FileKey file) { return files.PathOf(file); }, clock_, log_);
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
  const bool done = result.all_settled && (result.input_ended || !options_.backfill);
  return done ? kAllSettled : kUnsettled;
}

std::string Runner::UserAgent() const {
  return fmt::format("hctail/" HCTAIL_VERSION " ({}{})", options_.parser,
                     options_.backfill ? " backfill" : "");
}

}  // namespace

int RunCommand(const Options& options) {
  // Until the pipeline takes signals itself nothing was read: there is nothing to finish.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (::signal(signal, [](int) { ::_exit(kAllSettled); }) == SIG_IGN) ::signal(signal, SIG_IGN);
  }
  return Runner(options).Run();
}

}  // namespace hctail
