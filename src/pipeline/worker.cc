// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/fingerprint.h"
#include "base/utf8.h"
#include "pipeline/segment_lines.h"

namespace hctail {
namespace {

using namespace std::string_view_literals;

// `raw`, bytes of the file, end a line and are no more of it.  In other charsets than UTF-8 (of
// which `decoded` lines are) they may be of two bytes each.
bool IsLineEnd(std::string_view raw, bool decoded) {
  if (raw == "\n" || raw == "\r\n") return true;
  if (!decoded) return false;
  constexpr std::string_view kOthers[] = {"\r"sv,   "\n\0"sv,     "\0\n"sv,    "\r\0"sv,
                                          "\0\r"sv, "\r\0\n\0"sv, "\0\r\0\n"sv};
  return std::ranges::find(kOthers, raw) != std::end(kOthers);
}

}  // namespace

std::optional<std::vector<std::unique_ptr<Batch>>> Worker::Process(const Chunk& chunk,
                                                                   size_t charge) {
  writer_.Begin(chunk.sequence, charge);
  std::vector<FileKey> ended;
  for (const Segment& segment : chunk.segments()) {
    const std::shared_ptr<FileInfo> file = files_.Find(segment.file);
    writer_.SetOrigin({.dataset = file->dataset, .read_time = chunk.read_time});
    if (observer_ != nullptr) observer_->OnSegment(*file, chunk, segment);
    if (!Take({chunk, segment, chunk.text(segment), *file})) return std::nullopt;
    writer_.CountMended(segment.mended);
    if (segment.lengths == Segment::kRaw && !IsUtf8(chunk.text(segment))) {
      for (SegmentLines lines(chunk, segment); lines.Next();) {
        writer_.CountMended(IsUtf8(lines.bytes()) ? 0 : 1);
      }
    }
    files_.AddFlaws(segment.file, writer_.TakeFlaws());
    files_.AddUnmatched(segment.file, writer_.TakeUnmatched());
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
  if (lane.shared_format == nullptr) {
    if (!turnstile_.Enter(lane, input.segment.turn)) return false;
    if (lane.shared_format == nullptr) {  // it may have been found while this worker waited
      const bool taken = TakeInTurn(input, lane);
      turnstile_.Leave(lane);
      return taken;
    }
  }
  if (TakeUnparsed(input)) return true;
  TakeWatch(lane);
  std::optional<uint64_t> from = input.segment.offset;
  while (from) from = TakeApart(input, {.parser = lane.shared_format}, *from);
  ReturnWatch(lane);
  return true;
}

// What earlier segments said of the file's lines.
void Worker::TakeWatch(Lane& lane) {
  if (!lane.watching) return;
  const std::lock_guard lock(lane.watch_mutex);
  watch_ = std::exchange(lane.watch, {});
  lane.watching = false;
}

void Worker::ReturnWatch(Lane& lane) {
  if (!watch_.active()) return;
  const std::lock_guard lock(lane.watch_mutex);
  lane.watch = std::exchange(watch_, {});
  lane.watching = true;
}

bool Worker::TakeInTurn(const Input& input, Lane& lane) {
  if (input.segment.kind == Segment::Kind::kHead) lane.head = input.text;
  if (TakeUnparsed(input)) {
    if (input.segment.length > 0) lane.last_bytes = EndOf(input);
    return true;
  }
  if (lane.format.parser == nullptr) {
    if (input.text.empty()) return true;
    if (!Choose(input, lane)) return false;
  }
  if (lane.format.parser == nullptr) {
    TakeBlank(input);
    return true;
  }
  TakeWatch(lane);
  std::optional<uint64_t> from = input.segment.offset;
  while (from) {
    if (lane.parser == nullptr) {
      const ParserSpec* const shared = lane.shared_format;
      from = TakeApart(input, shared == nullptr ? lane.format : Format{shared}, *from);
    } else if (input.segment.tentative) {
      break;  // it waits for its end
    } else {
      from = TakeWhole(input, lane, *from);
    }
  }
  ReturnWatch(lane);
  return true;
}

// The file's last bytes before the end of a segment of no lines.
std::string_view Worker::EndOf(const Input& input) {
  const char* const end = input.chunk.ends(input.segment);
  if (end == nullptr) return {};
  return {end, static_cast<size_t>(std::min<uint64_t>(input.segment.length, kTailLimit))};
}

// What no parser is to see.  False if it is anything else.
bool Worker::TakeUnparsed(const Input& input) {
  const Segment& segment = input.segment;
  const RecordPlace place = {.file = segment.file,
                             .begin = segment.offset,
                             .end = segment.offset + segment.length,
                             .bytes = EndOf(input),
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
                  .bytes = lines.raw_end()});
  }
}

// Finds the format of a file of which nothing was parsed yet, if it can be told.
bool Worker::Choose(const Input& input, Lane& lane) {
  std::string_view saved = lane.saved;
  const auto resumed = saved.empty() ? std::nullopt : TakeSavedFormat(&saved);
  const std::string_view sample = lane.head.empty() ? SampleOf(input) : std::string_view(lane.head);
  const auto found = chooser_.Choose(input.file, sample, resumed);
  if (!found) return false;
  if (found->parser == nullptr) return true;  // only blank lines so far
  const bool same =
      resumed && resumed->parser == found->parser && resumed->wrapper == found->wrapper;
  lane.changed = same || found->inherited;  // as long as it was, it is said again
  lane.noted = chooser_.Notes(*found);
  Become(input, lane, *found);
  if (lane.parser != nullptr && same && !saved.empty()) {
    lane.parser->Restore(saved);
  } else if (lane.parser != nullptr && !lane.head.empty()) {
    for (const std::string_view line : FirstLines(lane.head)) lane.parser->TakeHead(line);
  }
  lane.head = {};
  lane.saved = {};
  return true;
}

// With the file's turn.
void Worker::Become(const Input& input, Lane& lane, const Format& format) {
  lane.format = format;
  lane.parser = nullptr;
  if (!NeedsFileParser(*format.parser, parser_config_, format.wrapper)) {
    // Of a file that is only guessed at the turns are kept: it may come to need them.
    if (!format.guessed) lane.shared_format = format.parser;
    return;
  }
  auto created =
      MakeFileParser(*format.parser, parser_config_, format.wrapper,
                     {.path = input.file.path, .live = input.file.live, .follows = format.follows});
  HC_CHECK(created.has_value());  // the same options were tried before the run began
  lane.parser = std::move(*created);
  lane.begun = false;
}

// The lines from here to the end of what the chunk holds of the file.
std::string_view Worker::SampleOf(const Input& input) {
  const Segment* const last = &input.chunk.segments().back();
  Segment all = input.segment;
  for (const Segment* next = &input.segment; next != last;) {
    ++next;
    const bool lines = next->kind == Segment::Kind::kLines || next->kind == Segment::Kind::kUnended;
    if (next->file != input.segment.file || !lines || next->tentative ||
        next->begin != all.begin + all.size) {
      break;
    }
    all.size += next->size;
  }
  return input.chunk.text(all);
}

// After watch_ said that records of `now` were refused.  True if the lines from `from` on are to be
// read as lane says then.
bool Worker::Reconsider(const Input& input, const Format& now, uint64_t from) {
  Lane& lane = *input.file.lane;
  const ParserSpec* const shared = lane.shared_format;
  const std::vector<std::string_view> lines = watch_.refused();
  Format other;
  const auto judgement = chooser_.Reconsider(input.file,
                                             {.now = now,
                                              .config = parser_config_,
                                              .offset = watch_.first_offset(),
                                              .mixed = !watch_.all_refused(),
                                              .shared = shared != nullptr},
                                             lines, &other);
  if (judgement != ParserChooser::Judgement::kChange) {
    watch_.LookLater();
    return false;
  }
  lane.changed = true;
  if (shared != nullptr) {
    lane.changed_at = from;
    lane.shared_format = other.parser;
  } else {
    Become(input, lane, other);
    if (lane.parser != nullptr) {
      for (const std::string_view line : lines) lane.parser->TakeHead(line);
    }
  }
  watch_.Forget();
  return true;
}

// From the line at `from` on; returns the first that is to be read in another way.
std::optional<uint64_t> Worker::TakeWhole(const Input& input, Lane& lane, uint64_t from) {
  writer_.SetRequestField(lane.format.parser->request_field);
  const Segment& segment = input.segment;
  LaneReader reader(lane, input.chunk, segment, from, watch_, writer_, kept_);
  if (segment.kind == Segment::Kind::kPause) {
    reader.Pause();
  } else {
    for (SegmentLines lines(input.chunk, segment); lines.Next();) {
      if (lines.begin() < from) continue;
      NoteFlaws(input, lines);
      reader.Line(lines.text(), lines.begin(), lines.end(), input.chunk.read_time);
      if (!reader.TakeSuspicion()) continue;
      std::unique_ptr<FileParser> old = std::move(lane.parser);
      if (!Reconsider(input, lane.format, lines.end())) {
        lane.parser = std::move(old);
        continue;
      }
      reader.End(*old);
      return lines.end();
    }
  }
  reader.Finish();
  return std::nullopt;
}

// From the line at `from` on; returns the first that is to be read in another way.
std::optional<uint64_t> Worker::TakeApart(const Input& input, const Format& format, uint64_t from) {
  Lane& lane = *input.file.lane;
  Parser& parser = ParserFor(*format.parser);
  writer_.SetRequestField(format.parser->request_field);
  uint64_t good = 0;  // records that watch_ was not told of
  for (SegmentLines lines(input.chunk, input.segment); lines.Next();) {
    if (lines.begin() < from) continue;
    const RecordPlace place = {.file = input.segment.file,
                               .begin = lines.begin(),
                               .end = lines.end(),
                               .bytes = lines.raw_end()};
    const std::string_view record = lines.text();
    if (lines.begin() == input.segment.offset && CameBefore(input, lines)) {
      writer_.batcher().Extend(place);
      continue;
    }
    NoteFlaws(input, lines);
    event_.Clear();
    const Parsed parsed = parser.Parse(record, &event_);
    if (input.segment.tentative) {
      if (parsed.outcome != Parsed::Outcome::kEvent) return std::nullopt;  // not a whole one yet
      input.file.lane->accepted_to = lines.end();
    }
    switch (parsed.outcome) {
      case Parsed::Outcome::kSkip:
        writer_.Skip(place);
        break;
      case Parsed::Outcome::kMalformed:
        if (ChangedBefore(lane, format, lines.begin())) return lines.begin();
        writer_.Malformed(place, parsed.why, record);
        if (watch_.Refused(std::exchange(good, 0), lines.begin(), record) &&
            Reconsider(input, format, lines.end())) {
          return lines.end();
        }
        break;
      case Parsed::Outcome::kEvent:
        ++good;
        writer_.Send(place, &event_);
        break;
    }
  }
  watch_.Good(good);
  if (lane.changed) {
    writer_.batcher().AllowResume(input.segment.file, SavedFormat(format));
  } else if (lane.noted) {
    writer_.batcher().AllowResume(input.segment.file, NotedFormat(format));
  }
  return std::nullopt;
}

// Another worker has found that what stands at `offset` is not `format`.
bool Worker::ChangedBefore(const Lane& lane, const Format& format, uint64_t offset) {
  const ParserSpec* const shared = lane.shared_format;
  return shared != nullptr && shared != format.parser && offset >= lane.changed_at;
}

// As a tentative line, and nothing but its end has come since.
bool Worker::CameBefore(const Input& input, const SegmentLines& lines) {
  const uint64_t came_to = input.segment.came_to;
  if (came_to == 0 || input.file.lane->accepted_to != came_to) return false;
  if (lines.end() <= came_to) return true;
  std::string_view rest = lines.raw_end();
  const uint64_t more = lines.end() - came_to;
  if (more > rest.size()) return false;
  rest.remove_prefix(rest.size() - more);
  return IsLineEnd(rest, input.chunk.ends(input.segment) != nullptr);
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
