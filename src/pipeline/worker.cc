// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker.h"

#include <cstring>

#include "base/check.h"

namespace hctail {

std::optional<std::vector<std::unique_ptr<Batch>>> Worker::Process(const Chunk& chunk,
                                                                   size_t charge) {
  batcher_.Begin(chunk.sequence, charge);
  for (const Segment& segment : chunk.segments()) {
    const std::shared_ptr<FileInfo> file = files_.Find(segment.file);
    const Input input = {segment, chunk.text(segment), *file, chunk.read_time};
    if (segment.kind == Segment::Kind::kOverlong) {
      batcher_.AddDeadLetter({.file = segment.file,
                              .begin = segment.offset,
                              .end = segment.offset + segment.length,
                              .bytes = {}},
                             "line longer than --max-line", input.text);
      continue;
    }
    const ParserSpec* const spec = chooser_.Choose(*file, input.text);
    if (spec == nullptr) return std::nullopt;
    Lines(input, ParserFor(*spec));
  }
  if (sampling_ != nullptr) sampling_->Flush();
  std::vector<std::unique_ptr<Batch>> batches = batcher_.Finish();
  for (const auto& batch : batches) files_.Launch(*batch);
  return batches;
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

void Worker::Lines(const Input& input, Parser& parser) {
  std::string_view rest = input.text;
  uint64_t offset = input.segment.offset;
  while (!rest.empty()) {
    const void* const newline = std::memchr(rest.data(), '\n', rest.size());
    const size_t size =
        newline == nullptr
            ? rest.size()
            : static_cast<size_t>(static_cast<const char*>(newline) - rest.data()) + 1;
    const std::string_view bytes = rest.substr(0, size);
    std::string_view record = bytes;
    if (record.ends_with('\n')) record.remove_suffix(1);
    if (record.ends_with('\r')) record.remove_suffix(1);
    Record(input,
           {.file = input.segment.file, .begin = offset, .end = offset + size, .bytes = bytes},
           record, parser);
    rest.remove_prefix(size);
    offset += size;
  }
  if (invented_times_ > 0) {
    files_.CountInventedTimes(input.segment.file, std::exchange(invented_times_, 0));
  }
}

void Worker::Record(const Input& input, const RecordPlace& place, std::string_view record,
                    Parser& parser) {
  event_.Clear();
  const Parsed parsed = parser.Parse(record, &event_);
  switch (parsed.outcome) {
    case Parsed::Outcome::kSkip:
      batcher_.AddFiltered(place);
      return;
    case Parsed::Outcome::kMalformed:
      batcher_.AddDeadLetter(place, parsed.why, record);
      return;
    case Parsed::Outcome::kEvent:
      break;
  }
  if (!event_.time) {
    event_.time = input.read_time;
    ++invented_times_;
  }
  Send(input, place);
}

void Worker::Send(const Input& input, const RecordPlace& place) {
  const std::string_view dataset =
      event_.dataset.empty() ? std::string_view(input.file.dataset) : event_.dataset;
  if (sampling_ == nullptr) {
    batcher_.AddEvent(place, event_, event_.sample_rate, dataset);
    return;
  }
  const Timestamp when = sample_time_ == SampleTime::kEvent ? *event_.time : input.read_time;
  const Decision decision = sampling_->Decide(dataset, event_, when);
  switch (decision.outcome) {
    case Decision::Outcome::kFiltered:
      batcher_.AddFiltered(place);
      return;
    case Decision::Outcome::kSampledOut:
      batcher_.AddSampledOut(place);
      return;
    case Decision::Outcome::kKeep:
      break;
  }
  sampling_->AddMeta(decision, &event_);
  batcher_.AddEvent(place, event_, decision.rate, dataset);
}

}  // namespace hctail
