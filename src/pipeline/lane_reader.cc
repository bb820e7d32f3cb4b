// SPDX-License-Identifier: Apache-2.0
#include "pipeline/lane_reader.h"

#include <algorithm>

#include "base/fingerprint.h"

namespace hctail {

LaneReader::LaneReader(Lane& lane, const Chunk& chunk, const Segment& segment, uint64_t from,
                       FormatWatch& watch, EventWriter& writer, std::deque<std::string>& kept)
    : lane_(lane),
      segment_(segment),
      raw_(segment.lengths == Segment::kRaw && segment.kind != Segment::Kind::kOverlong
               ? chunk.text(segment)
               : std::string_view()),
      ends_(chunk, segment),
      writer_(writer),
      kept_(kept),
      watch_(watch),
      end_(from) {
  if (lane_.begun) return;
  lane_.begun = true;
  lane_.claimed = lane_.completed = from;
}

void LaneReader::Line(std::string_view line, uint64_t begin, uint64_t end, Timestamp read_time) {
  end_ = end;
  lane_.parser->Take({.text = line, .begin = begin, .end = end, .read_time = read_time}, this);
}

void LaneReader::Pause() {
  switch (segment_.pause) {
    case Segment::Pause::kIdle:
      lane_.parser->OnPause(FileParser::Pause::kIdle, segment_.quiet, end_, this);
      break;
    case Segment::Pause::kShutdown:
      lane_.parser->OnPause(FileParser::Pause::kShutdown, segment_.quiet, end_, this);
      break;
    case Segment::Pause::kEnd:
      lane_.parser->OnPause(FileParser::Pause::kEnd, segment_.quiet, end_, this);
      Complete(end_);  // nothing can be held any longer
      break;
  }
}

void LaneReader::End(FileParser& parser) {
  parser.OnPause(FileParser::Pause::kEnd, {}, end_, this);
  Complete(end_);
  lane_.holding = false;
}

void LaneReader::Finish() {
  watch_.Good(std::exchange(good_, 0));
  if (lane_.claimed == lane_.completed) {
    std::string state;
    if (std::string own = lane_.parser->Save(); !own.empty() || lane_.changed) {
      state = SavedFormat(lane_.format) + own;
    } else if (lane_.noted) {
      state = NotedFormat(lane_.format);
    }
    writer_.batcher().AllowResume(segment_.file, std::move(state));
  }
  lane_.holding = lane_.parser->holding();
  if (segment_.length == 0) return;
  const std::string_view last = BytesBefore(segment_.offset + segment_.length);
  lane_.last_bytes = last.substr(last.size() - std::min<size_t>(last.size(), kTailLimit));
}

Event* LaneReader::NewEvent() {
  event_.Clear();
  return &event_;
}

// Where it is only guessed what a file is, each line may tell.
void LaneReader::Emit() {
  const RecordPlace place = Claim();
  const Value* const text = lane_.format.guessed ? event_.Find("message") : nullptr;
  if (text != nullptr && text->kind() == Value::Kind::kString) {
    suspicious_ |= watch_.Refused(std::exchange(good_, 0), place.begin, text->text());
  } else {
    ++good_;
  }
  writer_.Send(place, &event_);
}

void LaneReader::Skip() { writer_.Skip(Claim()); }

void LaneReader::Malformed(std::string_view why, std::string_view record) {
  const RecordPlace place = Claim();
  suspicious_ |= watch_.Refused(std::exchange(good_, 0), place.begin, record);
  writer_.Malformed(place, why, record, std::exchange(time_, {}));
}

void LaneReader::Complete(uint64_t end) {
  if (end > lane_.claimed) {
    writer_.batcher().Extend(Place(lane_.claimed, end));
    lane_.claimed = end;
  }
  lane_.completed = std::max(lane_.completed, end);
}

RecordPlace LaneReader::Claim() {
  const uint64_t begin = lane_.claimed;
  lane_.claimed = std::min(begin + 1, std::max(begin, end_));
  return Place(begin, lane_.claimed);
}

RecordPlace LaneReader::Place(uint64_t begin, uint64_t end) {
  return {.file = segment_.file,
          .begin = begin,
          .end = end,
          .bytes = BytesBefore(end),
          .resumable = false};
}

// As many bytes of the file before `end` as are at hand, for the proof of what it held.
std::string_view LaneReader::BytesBefore(uint64_t end) {
  if (end > segment_.offset && end <= segment_.offset + raw_.size()) {
    return raw_.substr(0, end - segment_.offset);
  }
  // The next worker with this file's turn replaces lane_.last_bytes.
  if (end == segment_.offset) return kept_.emplace_back(lane_.last_bytes);
  while (ends_.end() < end && ends_.Next()) {
  }
  return ends_.end() == end ? ends_.raw_end() : std::string_view();
}

}  // namespace hctail
