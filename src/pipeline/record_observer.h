// SPDX-License-Identifier: Apache-2.0
// Looks over the shoulder of a run: for `hctail check`, which shows what a run would make of the
// lines.
//
// Called on the worker's thread, of which there must be only one.  What is given lives only during
// the call.
#pragma once

#include <string>

#include "parsers/parser.h"
#include "pipeline/file_table.h"
#include "pipeline/lane.h"
#include "ship/batcher.h"
#include "tail/chunk.h"

namespace hctail {

// How a file's format was found.
struct FormatChoice {
  enum class How : uint8_t {
    kAsked,       // --parser names it
    kRecognised,  // by its first lines
    kUnknown,     // it is none of those there are: plain text, or treated as JSON
  };
  Format format;
  How how = How::kAsked;
  std::string advice = {};  // kUnknown only: what to do; empty if it is plain text
  // kRecognised only.
  Confidence confidence = {};
  const ParserSpec* second = nullptr;  // null: no other is possible
  Confidence runner_up = {};
};

class RecordObserver {
 public:
  virtual ~RecordObserver() = default;
  virtual void OnFormat(const FileInfo& file, const FormatChoice& choice) = 0;
  // Before anything is made of it.
  virtual void OnSegment(const FileInfo& file, const Chunk& chunk, const Segment& segment) = 0;
  // As it would be sent, before sampling.  `invented_time`: the record names none.
  virtual void OnEvent(const RecordPlace& place, const Event& event, bool invented_time) = 0;
};

}  // namespace hctail
