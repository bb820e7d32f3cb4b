// SPDX-License-Identifier: Apache-2.0
#include "pipeline/event_writer.h"

#include <utility>

namespace hctail {

std::vector<std::unique_ptr<Batch>> EventWriter::Finish() {
  if (sampling_ != nullptr) sampling_->Flush();
  return batcher_.Finish();
}

void EventWriter::Send(const RecordPlace& place, Event* event) {
  if (!event->time) {
    event->time = origin_.read_time;
    ++flaws_.invented_times;
  }
  if (const uint64_t bytes = std::exchange(cut_, 0); bytes > 0) {
    ++flaws_.cut;
    event->Set("meta.cut_from_bytes", Value::Int(static_cast<int64_t>(bytes)));
  }
  shape_.Apply(request_field_, event);
  Sample(place, event);
}

void EventWriter::Malformed(const RecordPlace& place, std::string_view why,
                            std::string_view record) {
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
