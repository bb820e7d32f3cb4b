// SPDX-License-Identifier: Apache-2.0
// What moves from a worker to the sink: encoded events of one dataset, and the spans they settle.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/span.h"

namespace hctail {

// How a body is packed for the wire.
enum class Compression : uint8_t { kNone, kGzip, kZstd };

// A record that will never be sent, with everything needed to look into it and send it again.
struct DeadLetter {
  FileKey file = 0;
  uint64_t offset = 0;  // of the record's first byte
  std::string reason;   // "not a JSON object"
  int status = 0;       // the API's status, or 0
  std::string record;   // the raw record, or the event as it was sent if is_event
  bool is_event = false;
  std::string dataset = {};  // is_event only
};

// Consecutive records of one file inside a batch.  The counts are records:
// read = events + filtered + sampled_out + dead_letters.
struct Run {
  Span span;
  uint32_t first_event = 0;  // index into Batch::events
  uint32_t events = 0;
  uint32_t filtered = 0;
  uint32_t sampled_out = 0;
  uint32_t dead_letters = 0;
  // XXH3 of the last `tail_length` (<= 64) bytes before span.end: proves on resume that the
  // file still is what it was.
  uint64_t tail_hash = 0;
  uint32_t tail_length = 0;
  // Reading can begin again at span.end, with `state` (SavedFile::state).
  bool resumable = true;
  std::string state = {};
};

struct EventMark {
  uint32_t end = 0;     // of the event in the unpacked body, without the comma or newline after it
  uint32_t run = 0;     // index into Batch::runs
  uint64_t offset = 0;  // of its record in the file
};

// Built by one worker, then owned by the sink until every event is final.
//
// An unpacked Events API body is "[", the events joined by ",", and "]"; event i begins one byte
// after the end of event i-1 (the first at 1).  For the stdout sink it is one event a line.
struct Batch {
  std::string dataset;
  std::string body;  // packed with `compression`
  Compression compression = Compression::kNone;
  size_t unpacked_size = 0;
  std::vector<EventMark> events;  // may be empty: then only spans and dead letters are settled
  std::vector<Run> runs;
  std::vector<DeadLetter> dead_letters;  // malformed records

  // Position in the stream of chunks.  Sequences are dense from 0, and each has `parts` batches.
  uint64_t sequence = 0;
  uint32_t parts = 1;
  // What the chunk was charged to the ByteBudget; carried by the chunk's first batch, else 0.
  size_t charge = 0;
};

}  // namespace hctail
