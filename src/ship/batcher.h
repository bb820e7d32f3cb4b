// SPDX-License-Identifier: Apache-2.0
// Turns what became of a chunk's records into sealed batches: one for each dataset, or more where
// a limit cuts them.
//
// Every record given lies in exactly one run of exactly one batch, so that the batches together
// settle exactly the bytes that were read.  A record that makes no event joins the run that the
// record before it is in, and so costs nothing; if no batch knows its file yet, it waits in a
// batch without events, which the first event takes over.
//
// Two encodings: the body of POST /1/batch (an array of {"time","samplerate","data"}, `time` left
// out if unknown, `samplerate` if 1), and for people lines of {"time","samplerate","dataset",
// "data"}, unpacked and, so that their order stays that of the input, all in one batch.
//
// The API's limits (an event 1,000,000 bytes and 2,000 fields, a body 5,000,000 bytes, all before
// packing) hold for the first encoding; an event over them becomes a dead letter here.
//
// One per worker; not thread-safe.  An event costs its encoding and no allocation.  Tested by
// batcher_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"
#include "event/event.h"
#include "ship/batch.h"
#include "ship/compress.h"

namespace hctail {

enum class Encoding : uint8_t { kEventsApi, kLines };

struct BatcherOptions {
  Encoding encoding = Encoding::kEventsApi;
  CompressionSetting compression = {};  // kLines is never packed
  size_t target_body = 1'000'000;       // bytes before packing; a batch this big is cut
  size_t max_body = 5'000'000;          // no body is bigger
  size_t max_events = 10'000;           // in a batch
};

// Where a record stands.
struct RecordPlace {
  FileKey file = 0;
  uint64_t begin = 0;  // not before the end of the file's previous record
  uint64_t end = 0;    // one past its terminator
  // The file's bytes just before `end`: the record with its terminator, or more or less than
  // that; the last 64 count.  Must stay put until Finish.
  std::string_view bytes;
  bool resumable = true;  // see Run
};

class Batcher {
 public:
  explicit Batcher(BatcherOptions options);
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // Begins the chunk `sequence`; its first batch carries `charge`.
  void Begin(uint64_t sequence, size_t charge);

  // `rate` is the weight to send: the one it was kept at times the one it arrived with.
  void AddEvent(const RecordPlace& place, const Event& event, uint64_t rate,
                std::string_view dataset);
  void AddFiltered(const RecordPlace& place);
  void AddSampledOut(const RecordPlace& place);
  // Bytes without a record of their own: they are settled with the record before them.
  void Extend(const RecordPlace& place) { RunForOther(place); }
  // Reading can begin again at the end of the file's last run, with `state`, although its places
  // were not resumable.
  void AllowResume(FileKey file, std::string state);
  // `record` is what the dead-letter file will show.
  void AddDeadLetter(const RecordPlace& place, std::string_view reason, std::string_view record);

  // The chunk's batches, packed, at least one even if the chunk had no record.
  std::vector<std::unique_ptr<Batch>> Finish();

 private:
  static constexpr size_t kNone = SIZE_MAX;

  // A batch of this chunk.  It takes no more events once it is not open for its dataset, but its
  // last runs can still grow.
  struct Draft {
    std::unique_ptr<Batch> batch;
    std::string body;
    std::vector<std::string_view> run_bytes;  // one a run: RecordPlace::bytes of its last record
  };
  // Where a file's last run is.
  struct LastRun {
    FileKey file = 0;
    size_t draft = kNone;
    size_t run = 0;
  };

  LastRun& LastRunOf(FileKey file);
  Run& RunForOther(const RecordPlace& place);
  Run& RunIn(size_t draft, const RecordPlace& place);
  size_t NewDraft();
  size_t OpenDraft(std::string_view dataset);
  void Cut(std::string_view dataset);
  void Encode(const Event& event, uint64_t rate, std::string* body, size_t* members) const;
  void EncodeLine(const Event& event, uint64_t rate, std::string_view dataset, std::string* body);
  std::string_view Refusal(const Event& event, size_t size, size_t members) const;
  void Seal(Draft& draft);

  const BatcherOptions options_;
  Compressor compressor_;
  uint64_t sequence_ = 0;
  size_t charge_ = 0;
  std::vector<Draft> drafts_;
  std::map<std::string, size_t, std::less<>> open_;  // dataset -> draft that takes its events
  std::map<std::string, size_t, std::less<>>::iterator last_open_ = open_.end();
  std::vector<LastRun> last_runs_;         // few: a chunk is of one file
  std::vector<std::string> spare_bodies_;  // grown buffers, used again
  size_t expected_events_ = 0;             // in a chunk's first batch, from the last one
};

}  // namespace hctail
