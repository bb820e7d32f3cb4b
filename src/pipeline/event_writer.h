// SPDX-License-Identifier: Apache-2.0
// Where records go once they are parsed: transformed, sampled, encoded and accounted for.
//
// One per worker; not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "event/line_time.h"
#include "pipeline/counts.h"
#include "pipeline/record_observer.h"
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
  // `times` finds those of records that are sent whole.
  EventWriter(BatcherOptions batching, RequestShape shape, SamplingPolicy* sampling,
              SampleTime sample_time, Unparsed unparsed, LineTime times,
              RecordObserver* observer = nullptr)
      : batcher_(batching),
        shape_(std::move(shape)),
        sampling_(sampling == nullptr ? nullptr : sampling->NewWorker()),
        sample_time_(sample_time),
        unparsed_(unparsed),
        times_(times),
        observer_(observer) {}

  void Begin(uint64_t sequence, size_t charge) { batcher_.Begin(sequence, charge); }
  std::vector<std::unique_ptr<Batch>> Finish();

  // The file of the records that follow.
  struct Origin {
    std::string_view dataset;
    Timestamp read_time;
  };
  void SetOrigin(const Origin& origin) {
    origin_ = origin;
    last_time_.reset();
  }
  // The field of the events that follow that holds requests, or empty.
  void SetRequestField(std::string_view field) { request_field_ = field; }
  // The next record is what is left of a line of so many bytes.
  void SetCut(uint64_t bytes) { cut_ = bytes; }
  void CountNulRun() { ++flaws_.nul_runs; }
  void CountMended(uint64_t records) { flaws_.mended_text += records; }

  void Send(const RecordPlace& place, Event* event);
  void Skip(const RecordPlace& place) { batcher_.AddFiltered(place); }
  // `time`, if it is known besides the record's text: of a container's line.
  void Malformed(const RecordPlace& place, std::string_view why, std::string_view record,
                 std::optional<Timestamp> time = {});

  Batcher& batcher() { return batcher_; }
  // Since the last call.
  Flaws TakeFlaws() { return std::exchange(flaws_, {}); }
  // The first records that were not parsed, since the last call; few in all.
  std::vector<Unmatched> TakeUnmatched() { return std::exchange(unmatched_, {}); }

 private:
  void Sample(const RecordPlace& place, Event* event);

  Batcher batcher_;
  RequestShape shape_;
  const std::unique_ptr<SamplingWorker> sampling_;
  const SampleTime sample_time_;
  const Unparsed unparsed_;
  LineTime times_;
  RecordObserver* const observer_;  // null: nobody looks
  Origin origin_;
  std::string_view request_field_;
  uint64_t cut_ = 0;
  Flaws flaws_;
  std::optional<Timestamp> last_time_;  // of the event before, in this file
  std::vector<Unmatched> unmatched_;
  size_t unmatched_noted_ = 0;
  Event raw_;  // reused
};

}  // namespace hctail
