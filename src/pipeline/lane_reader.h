// SPDX-License-Identifier: Apache-2.0
// Gives the lines of one segment to the FileParser of its file, and accounts for what it makes.
//
// Each record claims one byte of those that were read and not claimed yet, and Complete claims all
// bytes before it.  So the claims tile the file: as long as one record is not settled the settled
// prefix ends before it, and a restart begins at the last Complete before that.
//
// One per segment; the worker has the file's turn.  Tested by lane_test.cc.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "parsers/parser.h"
#include "pipeline/event_writer.h"
#include "pipeline/lane.h"
#include "pipeline/segment_lines.h"
#include "tail/chunk.h"

namespace hctail {

class LaneReader final : private RecordSink {
 public:
  // `from`: of the segment's lines the first that is given, if it is not the first of all.
  // `kept` holds bytes until the batches are finished.
  LaneReader(Lane& lane, const Chunk& chunk, const Segment& segment, uint64_t from,
             FormatWatch& watch, EventWriter& writer, std::deque<std::string>& kept);

  // `line` stands for the bytes of the file from `begin` to `end`.
  void Line(std::string_view line, uint64_t begin, uint64_t end, Timestamp read_time);
  void Pause();
  // FormatWatch::Refused was true since the last call.
  bool TakeSuspicion() { return std::exchange(suspicious_, false); }
  // The file's parser, which was `parser`, is replaced: what that holds is sent.
  void End(FileParser& parser);
  // To be called last.
  void Finish();

 private:
  Event* NewEvent() override;
  void Emit() override;
  void Skip() override;
  void Malformed(std::string_view why, std::string_view record) override;
  void NoteTime(Timestamp time) override { time_ = time; }
  void Complete(uint64_t end) override;

  RecordPlace Claim();
  RecordPlace Place(uint64_t begin, uint64_t end);
  std::string_view BytesBefore(uint64_t end);

  Lane& lane_;
  const Segment& segment_;
  const std::string_view raw_;  // the segment's bytes as they stand in the file, if they do
  SegmentLines ends_;           // else: the lines up to the last place that was asked for
  EventWriter& writer_;
  std::deque<std::string>& kept_;
  FormatWatch& watch_;
  uint64_t end_;       // of the last line that was given
  uint64_t good_ = 0;  // records that watch_ was not told of
  bool suspicious_ = false;
  std::optional<Timestamp> time_;  // of the record that is malformed
  Event event_;
};

}  // namespace hctail
