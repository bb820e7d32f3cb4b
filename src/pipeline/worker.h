// SPDX-License-Identifier: Apache-2.0
// Turns a chunk into batches: split, parse, encode.  A pure step, driven by hand in tests.
//
// One per thread; what it shares (FileTable, ParserChooser, Turnstile) is thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/parser.h"
#include "pipeline/event_writer.h"
#include "pipeline/file_table.h"
#include "pipeline/lane.h"
#include "pipeline/lane_reader.h"
#include "pipeline/parser_chooser.h"
#include "pipeline/segment_lines.h"
#include "tail/chunk.h"

namespace hctail {

struct WorkerOptions {
  BatcherOptions batching = {};
  ParserConfig parser;                 // used when a format is first met
  SamplingPolicy* sampling = nullptr;  // null: all is sent
  SampleTime sample_time = SampleTime::kRead;
  Unparsed unparsed = Unparsed::kDeadLetter;
  RequestShapeOptions request_shape = {};  // must have been tried with RequestShape::Create
  bool cut_overlong = true;            // lines longer than --max-line; false: to the dead letters
  RecordObserver* observer = nullptr;  // null: nobody looks
};

class Worker {
 public:
  Worker(const WorkerOptions& options, FileTable& files, ParserChooser& chooser,
         Turnstile& turnstile)
      : writer_(options.batching, RequestShape::Create(options.request_shape).value(),
                options.sampling, options.sample_time, options.unparsed,
                LineTime(options.parser.zone, options.parser.now), options.observer),
        parser_config_(options.parser),
        cut_overlong_(options.cut_overlong),
        observer_(options.observer),
        files_(files),
        chooser_(chooser),
        turnstile_(turnstile) {}

  // The chunk's batches, counted as in flight; nothing if a file is of no known format (the run
  // is over then).  `charge` is carried by the first batch.
  std::optional<std::vector<std::unique_ptr<Batch>>> Process(const Chunk& chunk, size_t charge);

 private:
  struct Input {
    const Chunk& chunk;
    const Segment& segment;
    std::string_view text;
    const FileInfo& file;
  };

  bool Take(const Input& input);
  // With the file's turn.  False if its format is not known.
  bool TakeInTurn(const Input& input, Lane& lane);
  bool Choose(const Input& input, Lane& lane);
  std::optional<uint64_t> TakeWhole(const Input& input, Lane& lane, uint64_t from);
  static bool CameBefore(const Input& input, const SegmentLines& lines);
  static std::string_view SampleOf(const Input& input);
  void Become(const Input& input, Lane& lane, const Format& format);
  void TakeWatch(Lane& lane);
  void ReturnWatch(Lane& lane);
  bool Reconsider(const Input& input, const Format& now, uint64_t from);
  static bool ChangedBefore(const Lane& lane, const Format& format, uint64_t offset);
  static std::string_view EndOf(const Input& input);
  bool TakeUnparsed(const Input& input);
  void TakeBlank(const Input& input);
  std::optional<uint64_t> TakeApart(const Input& input, const Format& format, uint64_t from);
  void NoteFlaws(const Input& input, const SegmentLines& lines);
  Parser& ParserFor(const ParserSpec& spec);

  EventWriter writer_;
  const ParserConfig parser_config_;
  const bool cut_overlong_;
  RecordObserver* const observer_;
  FileTable& files_;
  ParserChooser& chooser_;
  Turnstile& turnstile_;
  std::map<const ParserSpec*, std::unique_ptr<Parser>> parsers_;
  FormatWatch watch_;  // of the segment's file
  Event event_;
  std::deque<std::string> kept_;  // bytes that the batches of this chunk point to
};

}  // namespace hctail
