// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker.h"

#include "base/check.h"
#include "base/utf8.h"
#include "pipeline/segment_lines.h"

namespace hctail {

std::optional<std::vector<std::unique_ptr<Batch>>> Worker::Process(const Chunk& chunk,
                                                                   size_t charge) {
  writer_.Begin(chunk.sequence, charge);
  std::vector<FileKey> ended;
  for (const Segment& segment : chunk.segments()) {
    const std::shared_ptr<FileInfo> file = files_.Find(segment.file);
    writer_.SetOrigin({.dataset = file->dataset, .read_time = chunk.read_time});
    if (!Take({chunk, segment, chunk.text(segment), *file})) return std::nullopt;
    writer_.CountMended(segment.mended);
    if (segment.lengths == Segment::kRaw && !IsUtf8(chunk.text(segment))) {
      for (SegmentLines lines(chunk, segment); lines.Next();) {
        writer_.CountMended(IsUtf8(lines.bytes()) ? 0 : 1);
      }
    }
    files_.AddFlaws(segment.file, writer_.TakeFlaws());
    if (segment.kind == Segment::Kind::kPause && segment.pause == Segment::Pause::kEnd) {
      ended.push_back(segment.file);
    }
  }
  std::vector<std::unique_ptr<Batch>> batches = writer_.Finish();
  kept_.clear();
  for (const auto& batch : batches) files_.Launch(*batch);
  for (const FileKey file : ended) files_.Ended(file);
  return batches;
}

bool Worker::Take(const Input& input) {
  Lane& lane = *input.file.lane;
  const ParserSpec* shared = lane.shared_format;
  if (shared == nullptr) {
    if (!turnstile_.Enter(lane, input.segment.turn)) return false;
    shared = lane.shared_format;  // it may have been found while this worker waited
    if (shared == nullptr) {
      const bool taken = TakeInTurn(input, lane);
      turnstile_.Leave(lane);
      return taken;
    }
  }
  if (!TakeUnparsed(input)) TakeApart(input, *shared);
  return true;
}

bool Worker::TakeInTurn(const Input& input, Lane& lane) {
  if (input.segment.kind == Segment::Kind::kHead) lane.head = input.text;
  if (TakeUnparsed(input)) return true;
  if (lane.format.parser == nullptr) {
    if (input.text.empty()) return true;
    if (!Choose(input, lane)) return false;
  }
  if (lane.format.parser == nullptr) {
    TakeBlank(input);
  } else if (lane.parser == nullptr) {
    TakeApart(input, *lane.format.parser);
  } else if (!input.segment.tentative) {  // or it waits for its end
    TakeWhole(input, lane);
  }
  return true;
}

// What no parser is to see.  False if it is anything else.
bool Worker::TakeUnparsed(const Input& input) {
  const Segment& segment = input.segment;
  const RecordPlace place = {.file = segment.file,
                             .begin = segment.offset,
                             .end = segment.offset + segment.length,
                             .bytes = {},
                             .resumable = false};
  switch (segment.kind) {
    case Segment::Kind::kHead:
      return true;
    case Segment::Kind::kHole:
      writer_.CountNulRun();
      writer_.batcher().Extend(place);
      return true;
    case Segment::Kind::kOverlong:
      if (cut_overlong_) return false;
      writer_.batcher().AddDeadLetter(place, "line longer than --max-line", input.text);
      return true;
    default:
      return false;
  }
}

// Lines that are skipped whatever the format turns out to be.
void Worker::TakeBlank(const Input& input) {
  if (input.segment.tentative) return;
  for (SegmentLines lines(input.chunk, input.segment); lines.Next();) {
    writer_.Skip({.file = input.segment.file,
                  .begin = lines.begin(),
                  .end = lines.end(),
                  .bytes = lines.decoded() ? std::string_view() : lines.bytes()});
  }
}

// Finds the format of a file of which nothing was parsed yet, if it can be told.
bool Worker::Choose(const Input& input, Lane& lane) {
  std::string_view saved = lane.saved;
  const auto resumed = saved.empty() ? std::nullopt : TakeSavedFormat(&saved);
  const std::string_view sample = lane.head.empty() ? input.text : std::string_view(lane.head);
  const auto found = chooser_.Choose(input.file, sample, resumed);
  if (!found) return false;
  if (found->parser == nullptr) return true;  // only blank lines so far
  lane.format = *found;
  if (!NeedsFileParser(*lane.format.parser, parser_config_, lane.format.wrapper)) {
    lane.shared_format = lane.format.parser;
    return true;
  }
  auto created = MakeFileParser(*lane.format.parser, parser_config_, lane.format.wrapper,
                                {.path = input.file.path, .live = input.file.live});
  HC_CHECK(created.has_value());  // the same options were tried before the run began
  lane.parser = std::move(*created);
  if (resumed && resumed->parser == lane.format.parser && resumed->wrapper == lane.format.wrapper) {
    lane.parser->Restore(saved);
  } else if (!lane.head.empty()) {
    for (const std::string_view line : FirstLines(lane.head)) lane.parser->TakeHead(line);
  }
  lane.head = {};
  lane.saved = {};
  return true;
}

void Worker::TakeWhole(const Input& input, Lane& lane) {
  writer_.SetRequestField(lane.format.parser->request_field);
  const Segment& segment = input.segment;
  const bool raw = segment.lengths == Segment::kRaw && segment.kind != Segment::Kind::kOverlong;
  LaneReader reader(lane, segment, raw ? input.text : std::string_view(), writer_, kept_);
  if (segment.kind == Segment::Kind::kPause) {
    reader.Pause();
  } else {
    for (SegmentLines lines(input.chunk, segment); lines.Next();) {
      NoteFlaws(input, lines);
      reader.Line(lines.text(), lines.begin(), lines.end(), input.chunk.read_time);
    }
  }
  reader.Finish();
}

void Worker::TakeApart(const Input& input, const ParserSpec& format) {
  Parser& parser = ParserFor(format);
  writer_.SetRequestField(format.request_field);
  for (SegmentLines lines(input.chunk, input.segment); lines.Next();) {
    const RecordPlace place = {
        .file = input.segment.file,
        .begin = lines.begin(),
        .end = lines.end(),
        .bytes = lines.decoded() || input.segment.kind == Segment::Kind::kOverlong
                     ? std::string_view()
                     : lines.bytes()};
    const std::string_view record = lines.text();
    if (lines.begin() == input.segment.offset && CameBefore(input, lines)) {
      writer_.batcher().Extend(place);
      continue;
    }
    NoteFlaws(input, lines);
    event_.Clear();
    const Parsed parsed = parser.Parse(record, &event_);
    if (input.segment.tentative) {
      if (parsed.outcome != Parsed::Outcome::kEvent) return;  // not a whole record, or not yet
      input.file.lane->accepted_to = lines.end();
    }
    switch (parsed.outcome) {
      case Parsed::Outcome::kSkip:
        writer_.Skip(place);
        break;
      case Parsed::Outcome::kMalformed:
        writer_.Malformed(place, parsed.why, record);
        break;
      case Parsed::Outcome::kEvent:
        writer_.Send(place, &event_);
        break;
    }
  }
}

// As a tentative line, and nothing but its end has come since.
bool Worker::CameBefore(const Input& input, const SegmentLines& lines) {
  const uint64_t came_to = input.segment.came_to;
  if (came_to == 0 || input.file.lane->accepted_to != came_to) return false;
  if (lines.end() <= came_to) return true;
  if (lines.decoded()) return false;
  const std::string_view rest = lines.bytes().substr(came_to - lines.begin());
  return rest == "\n" || rest == "\r\n";
}

void Worker::NoteFlaws(const Input& input, const SegmentLines& lines) {
  if (input.segment.kind == Segment::Kind::kOverlong) writer_.SetCut(input.segment.length);
  if (lines.bytes().starts_with('\0')) writer_.CountNulRun();
}

Parser& Worker::ParserFor(const ParserSpec& spec) {
  std::unique_ptr<Parser>& parser = parsers_[&spec];
  if (parser == nullptr) {
    auto created = MakeParser(spec, parser_config_);
    HC_CHECK(created.has_value());  // the same options were tried before the run began
    parser = std::move(*created);
  }
  return *parser;
}

}  // namespace hctail
