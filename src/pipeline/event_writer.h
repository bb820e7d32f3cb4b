// SPDX-License-Identifier: Apache-2.0
// Where records go once they are parsed: transformed, sampled, encoded and accounted for.
//
// One per worker; not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "pipeline/counts.h"
#include "sample/sampling_policy.h"
#include "ship/batcher.h"
#include "transform/request_shape.h"

namespace hctail {

// By what the sampler's windows run.
enum class SampleTime : uint8_t {
  kEvent,  // the events' own times: a day replayed in a minute gets the rates of that day
  kRead,   // the clock
};

// What becomes of a record that its parser cannot read.
enum class Unparsed : uint8_t { kDrop, kDeadLetter, kRaw };

class EventWriter {
 public:
  EventWriter(BatcherOptions batching, RequestShape shape, SamplingPolicy* sampling,
              SampleTime sample_time, Unparsed unparsed)
      : batcher_(batching),
        shape_(std::move(shape)),
        sampling_(sampling == nullptr ? nullptr : sampling->NewWorker()),
        sample_time_(sample_time),
        unparsed_(unparsed) {}

  void Begin(uint64_t sequence, size_t charge) { batcher_.Begin(sequence, charge); }
  std::vector<std::unique_ptr<Batch>> Finish();

  // The file of the records that follow.
  struct Origin {
    std::string_view dataset;
    Timestamp read_time;
  };
  void SetOrigin(const Origin& origin) { origin_ = origin; }
  // The field of the events that follow that holds requests, or empty.
  void SetRequestField(std::string_view field) { request_field_ = field; }
  // The next record is what is left of a line of so many bytes.
  void SetCut(uint64_t bytes) { cut_ = bytes; }
  void CountNulRun() { ++flaws_.nul_runs; }
  void CountMended(uint64_t records) { flaws_.mended_text += records; }

  void Send(const RecordPlace& place, Event* event);
  void Skip(const RecordPlace& place) { batcher_.AddFiltered(place); }
  void Malformed(const RecordPlace& place, std::string_view why, std::string_view record);

  Batcher& batcher() { return batcher_; }
  // Since the last call.
  Flaws TakeFlaws() { return std::exchange(flaws_, {}); }

 private:
  void Sample(const RecordPlace& place, Event* event);

  Batcher batcher_;
  RequestShape shape_;
  const std::unique_ptr<SamplingWorker> sampling_;
  const SampleTime sample_time_;
  const Unparsed unparsed_;
  Origin origin_;
  std::string_view request_field_;
  uint64_t cut_ = 0;
  Flaws flaws_;
  Event raw_;  // reused
};

}  // namespace hctail
