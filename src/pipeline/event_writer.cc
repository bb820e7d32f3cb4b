// SPDX-License-Identifier: Apache-2.0
#include "pipeline/event_writer.h"

#include <utility>

#include "base/excerpt.h"

namespace hctail {

std::vector<std::unique_ptr<Batch>> EventWriter::Finish() {
  if (sampling_ != nullptr) sampling_->Flush();
  return batcher_.Finish();
}

void EventWriter::Send(const RecordPlace& place, Event* event) {
  const bool invented_time = !event->time.has_value();
  if (invented_time) {
    event->time = origin_.read_time;
    ++flaws_.invented_times;
  } else if (unparsed_ == Unparsed::kRaw) {
    last_time_ = event->time;
  }
  if (const uint64_t bytes = std::exchange(cut_, 0); bytes > 0) {
    ++flaws_.cut;
    event->Set("meta.cut_from_bytes", Value::Int(static_cast<int64_t>(bytes)));
  }
  shape_.Apply(request_field_, event);
  if (observer_ != nullptr) observer_->OnEvent(place, *event, invented_time);
  Sample(place, event);
}

void EventWriter::Malformed(const RecordPlace& place, std::string_view why, std::string_view record,
                            std::optional<Timestamp> time) {
  if (unmatched_noted_ < kUnmatchedShown) {
    ++unmatched_noted_;
    unmatched_.push_back({.path = {},
                          .offset = place.begin,
                          .why = why,
                          .excerpt = Excerpt(record.substr(0, record.find('\n')))});
  }
  switch (unparsed_) {
    case Unparsed::kDrop:
      ++flaws_.unparsed;
      cut_ = 0;
      batcher_.AddFiltered(place);
      return;
    case Unparsed::kDeadLetter:
      if (std::exchange(cut_, 0) > 0) why = "line longer than --max-line";
      batcher_.AddDeadLetter(place, why, record);
      return;
    case Unparsed::kRaw:
      ++flaws_.unparsed;
      raw_.Clear();
      raw_.Add("message", Value::String(record));
      raw_.Add("meta.unparsed", Value::String(why));
      if (!time) time = times_.Find(record);
      raw_.time = time ? time : last_time_;  // a line without one goes with the line before it
      Send(place, &raw_);
      return;
  }
}

void EventWriter::Sample(const RecordPlace& place, Event* event) {
  const std::string_view dataset = event->dataset.empty() ? origin_.dataset : event->dataset;
  if (sampling_ == nullptr) {
    batcher_.AddEvent(place, *event, event->sample_rate, dataset);
    return;
  }
  const Timestamp when = sample_time_ == SampleTime::kEvent ? *event->time : origin_.read_time;
  const Decision decision = sampling_->Decide(dataset, *event, when);
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
  sampling_->AddMeta(decision, event);
  batcher_.AddEvent(place, *event, decision.rate, dataset);
}

}  // namespace hctail
