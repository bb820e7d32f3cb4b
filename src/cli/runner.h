// SPDX-License-Identifier: Apache-2.0
// Everything a run is made of, from checked options to sources and sink.
//
// Serves the main thread.  run.cc runs it; runner_prepare.cc opens what may be missing or refuse.
// Tested by the end-to-end tests.
#pragma once

#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "checkpoint/checkpoint_file.h"
#include "cli/check_trial.h"
#include "cli/run.h"
#include "pipeline/pipeline.h"
#include "ship/compress.h"
#include "ship/curl_transport.h"
#include "ship/dead_letter.h"
#include "tail/bounded_files.h"
#include "tail/charset.h"
#include "tail/file_system.h"
#include "tail/spool.h"
#include "tail/tailer.h"
#include "tail/watcher.h"

namespace hctail {

// Members are declared in the order they depend on each other.
class Runner {
 public:
  Runner(const Options& options, Log& log, const Replay& replay, Rehearsal* rehearsal = nullptr)
      : options_(options), log_(log), replay_(replay), rehearsal_(rehearsal) {}

  // Returns the exit code.
  int Run();
  // Goes on behind problems as far as there is anything to be tried.
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
  Status PrepareDeadLetters();
  Duration IdleAfter() const;
  std::unique_ptr<Source> MakeStdin(SourceListener& listener);
  void PrepareSampling();
  std::string SamplingStatePath() const;
  Status CheckCaFile() const;
  void Announce();
  void TellUnlisted(const std::string& folder, int error);
  static Status LimitProcess();
  size_t MostOpenFiles();
  bool ReadsOneFile() const;
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
  LineOptions MakeLineOptions() const {
    return {.max_line = options_.max_line, .lone_cr = options_.lone_cr, .charset = charset_};
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
  std::unique_ptr<Spool> spool_;  // null: standard input is not kept
  std::string dead_letter_path_;
  std::unique_ptr<SamplingPolicy> sampling_;  // null: everything is sent
  std::unique_ptr<CurlTransport> transport_;
  Random random_{std::random_device()()};
  std::set<std::string> unlisted_;  // folders
  PosixFileSystem disk_{
      [this](const std::string& folder, int error) { TellUnlisted(folder, error); }};
  std::optional<BoundedFiles> files_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<DeadLetterFile> dead_letters_;
  std::unique_ptr<TrialObserver> observer_;  // of a rehearsal
};

}  // namespace hctail
