// SPDX-License-Identifier: Apache-2.0
#include "cli/check_trial.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "pipeline/segment_lines.h"

namespace hctail {

uint64_t TriedFile::LineOf(uint64_t offset) const {
  const auto end = std::ranges::upper_bound(line_ends, offset);
  return end == line_ends.end() ? 0 : static_cast<uint64_t>(end - line_ends.begin()) + 1;
}

TriedFile Trial::Total() const {
  TriedFile total;
  for (const auto& [key, file] : files) {
    total.lines += file.lines;
    total.whole = total.whole && file.whole;
    total.events += file.events;
    total.skipped += file.skipped;
    total.sampled_out += file.sampled_out;
    total.unparsed += file.unparsed;
  }
  return total;
}

// --- Seen by the worker ---

void TrialObserver::OnFormat(const FileInfo& /*file*/, const FormatChoice& choice) {
  TriedFile& tried = trial_.files[current_];
  tried.choice = choice;
  const bool known = choice.how != FormatChoice::How::kUnknown;
  const auto same = std::ranges::find_if(trial_.formats, [&](const TriedFormat& format) {
    return format.parser == choice.format.parser && format.wrapper == choice.format.wrapper &&
           format.known == known && format.advice.empty() == choice.advice.empty();
  });
  tried.format = static_cast<size_t>(same - trial_.formats.begin());
  if (same != trial_.formats.end()) return;
  trial_.formats.push_back({.parser = choice.format.parser,
                            .wrapper = choice.format.wrapper,
                            .known = known,
                            .advice = choice.advice});
}

void TrialObserver::OnSegment(const FileInfo& file, const Chunk& chunk, const Segment& segment) {
  current_ = segment.file;
  TriedFile& tried = trial_.files[segment.file];
  if (tried.path.empty()) {
    tried.path = file.path;
    tried.dataset = file.dataset;
  }
  if (segment.kind == Segment::Kind::kHead) return;
  // HeadSource, or somebody who has seen enough.
  if (segment.kind == Segment::Kind::kPause && segment.pause == Segment::Pause::kShutdown) {
    tried.whole = false;
  }
  for (SegmentLines lines(chunk, segment); lines.Next();) {
    ++tried.lines;
    tried.line_ends.push_back(lines.end());
  }
}

void TrialObserver::OnEvent(const RecordPlace& place, const Event& event, bool invented_time) {
  const size_t format = trial_.files[place.file].format;
  if (format == TriedFile::kNone) return;
  trial_.formats[format].shapes.Add(event, invented_time, place.file, place.begin);
}

// --- Settled ---

Status TrialSink::Step(Duration max_wait) {
  if (batches_.empty()) {
    pollfd wake{wakeup_.fd(), POLLIN, 0};
    const timespec timeout{max_wait.count() / 1'000'000'000, max_wait.count() % 1'000'000'000};
    if (::ppoll(&wake, 1, &timeout, nullptr) > 0) wakeup_.Clear();
    return {};
  }
  const std::unique_ptr<Batch> batch = std::move(batches_.front());
  batches_.pop_front();
  Count(*batch);
  std::vector<Settlement::RunOutcome> outcomes;
  outcomes.reserve(batch->runs.size());
  for (const Run& run : batch->runs) outcomes.push_back({run.events, 0});
  listener_.OnSettled({batch.get(), outcomes});
  return {};
}

void TrialSink::Count(const Batch& batch) {
  for (const Run& run : batch.runs) {
    TriedFile& counts = counts_[run.span.file];
    counts.events += run.events + run.sampled_out;
    counts.sampled_out += run.sampled_out;
    counts.skipped += run.filtered;
    counts.unparsed += run.dead_letters;
  }
  for (const DeadLetter& letter : batch.dead_letters) {
    auto refusal = std::ranges::find(refusals_, letter.reason, &TriedRefusal::reason);
    if (refusal == refusals_.end()) {
      refusal = refusals_.insert(refusal, TriedRefusal{.reason = letter.reason});
    }
    if (++refusal->records > TriedRefusal::kMostExamples) continue;
    refusal->examples.push_back(
        {.file = letter.file,
         .offset = letter.offset,
         .record = ExampleOf(Value::String(letter.record), TriedRefusal::kExampleSize)});
  }
}

void TrialSink::AddTo(Trial* trial) const {
  for (const auto& [key, counts] : counts_) {
    TriedFile& file = trial->files[key];
    file.events = counts.events;
    file.sampled_out = counts.sampled_out;
    file.skipped = counts.skipped;
    file.unparsed = counts.unparsed;
  }
  trial->refusals = refusals_;
}

}  // namespace hctail
