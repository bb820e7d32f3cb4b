// SPDX-License-Identifier: Apache-2.0
// What a run would make of the lines that are there: gathered while it runs with everything but its
// end.  Nothing is sent, nothing is written, and no position is kept.
//
// TrialObserver is called on the worker's thread, TrialSink on the settling thread; a Trial is read
// when the run is over.  Tested by check_trial_test.cc and the end-to-end case `check`.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/wakeup.h"
#include "cli/check_shapes.h"
#include "pipeline/record_observer.h"
#include "ship/sink.h"

namespace hctail {

// What one file gave.  Records, unless a name says otherwise.
struct TriedFile {
  static constexpr size_t kNone = SIZE_MAX;

  std::string path;
  std::string dataset;
  size_t format = kNone;  // index in Trial::formats; kNone: there are only blank lines
  FormatChoice choice;
  uint64_t lines = 0;
  bool whole = true;  // false: it has more lines, which were not tried
  uint64_t events = 0;
  uint64_t skipped = 0;      // blank lines, headers, what filters and samplers' rules drop
  uint64_t sampled_out = 0;  // of the events
  uint64_t unparsed = 0;
  std::vector<uint64_t> line_ends = {};  // of each line, in bytes

  // The number of the line that the byte is in, from 1 on; 0 if it is in none of those read.
  uint64_t LineOf(uint64_t offset) const;
};

// Files that are read the same way.
struct TriedFormat {
  const ParserSpec* parser = nullptr;
  Wrapper wrapper = Wrapper::kNone;
  bool known = true;        // false: FormatChoice::How::kUnknown
  std::string advice = {};  // of the first such file
  ShapeTable shapes = {};
};

// Records that would go to the dead letters, all for one reason.
struct TriedRefusal {
  static constexpr size_t kMostExamples = 5;
  static constexpr size_t kExampleSize = 300;
  struct Example {
    FileKey file = 0;
    uint64_t offset = 0;
    std::string record;  // cut to kExampleSize
  };

  std::string reason;
  uint64_t records = 0;
  std::vector<Example> examples = {};
};

struct Trial {
  std::map<FileKey, TriedFile> files;  // in the order in which they were opened
  std::vector<TriedFormat> formats;
  std::vector<TriedRefusal> refusals;
  uint64_t abandoned_bytes = 0;  // that are there and cannot be read

  // Of all files; path and the like are empty.
  TriedFile Total() const;
};

class TrialObserver final : public RecordObserver {
 public:
  explicit TrialObserver(Trial& trial) : trial_(trial) {}

  void OnFormat(const FileInfo& file, const FormatChoice& choice) override;
  void OnSegment(const FileInfo& file, const Chunk& chunk, const Segment& segment) override;
  void OnEvent(const RecordPlace& place, const Event& event, bool invented_time) override;

 private:
  Trial& trial_;
  FileKey current_ = 0;  // whose segment is worked through
};

// Settles everything at once, and counts what would have become of it.
class TrialSink final : public Sink {
 public:
  explicit TrialSink(SettleListener& listener) : listener_(listener) {}

  void Add(std::unique_ptr<Batch> batch) override { batches_.push_back(std::move(batch)); }
  Status Step(Duration max_wait) override;
  void Wake() override { wakeup_.Notify(); }
  size_t unsettled() const override { return batches_.size(); }

  // Once the run is over.
  void AddTo(Trial* trial) const;

 private:
  void Count(const Batch& batch);

  SettleListener& listener_;
  Wakeup wakeup_;
  std::deque<std::unique_ptr<Batch>> batches_;
  std::map<FileKey, TriedFile> counts_;
  std::vector<TriedRefusal> refusals_;
};

}  // namespace hctail
