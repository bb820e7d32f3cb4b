// SPDX-License-Identifier: Apache-2.0
// Turns a chunk into batches: split, parse, encode.  A pure step, driven by hand in tests.
//
// One per thread; what it shares (FileTable, ParserChooser) is thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "parsers/parser.h"
#include "pipeline/file_table.h"
#include "pipeline/parser_chooser.h"
#include "sample/sampling_policy.h"
#include "ship/batcher.h"
#include "tail/chunk.h"

namespace hctail {

// By what the sampler's windows run.
enum class SampleTime : uint8_t {
  kEvent,  // the events' own times: a day replayed in a minute gets the rates of that day
  kRead,   // the clock
};

class Worker {
 public:
  // `parser_config` is used when a format is first met.  `sampling` may be null: all is sent.
  Worker(BatcherOptions batching, const ParserConfig& parser_config, SamplingPolicy* sampling,
         SampleTime sample_time, FileTable& files, ParserChooser& chooser)
      : batcher_(batching),
        parser_config_(parser_config),
        sampling_(sampling == nullptr ? nullptr : sampling->NewWorker()),
        sample_time_(sample_time),
        files_(files),
        chooser_(chooser) {}

  // The chunk's batches, counted as in flight; nothing if a file is of no known format (the run
  // is over then).  `charge` is carried by the first batch.
  std::optional<std::vector<std::unique_ptr<Batch>>> Process(const Chunk& chunk, size_t charge);

 private:
  struct Input {
    const Segment& segment;
    std::string_view text;
    const FileInfo& file;
    Timestamp read_time;
  };

  Parser& ParserFor(const ParserSpec& spec);
  void Lines(const Input& input, Parser& parser);
  void Record(const Input& input, const RecordPlace& place, std::string_view record,
              Parser& parser);
  void Send(const Input& input, const RecordPlace& place);

  Batcher batcher_;
  const ParserConfig parser_config_;
  const std::unique_ptr<SamplingWorker> sampling_;
  const SampleTime sample_time_;
  FileTable& files_;
  ParserChooser& chooser_;
  std::map<const ParserSpec*, std::unique_ptr<Parser>> parsers_;
  Event event_;
  uint64_t invented_times_ = 0;
};

}  // namespace hctail
