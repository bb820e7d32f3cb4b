// SPDX-License-Identifier: Apache-2.0
// What it costs to turn events into packed batches, in MB/s of encoded bytes on one core.
//
//   encode_bench [SECONDS [ROW]]   how long each row runs (0.5), and which (all)
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "event/encode_json.h"
#include "ship/batcher.h"
#include "ship/compress.h"

namespace {

using namespace hctail;

constexpr size_t kRecords = 700;  // as many as a chunk of 256 KiB has

// App-log events of 15 fields and about 370 bytes; `text` owns what the events point into.
struct Corpus {
  std::vector<std::string> text;
  std::vector<std::string> verbatim;
  std::vector<std::string_view> pieces;
  std::vector<Event> fields;
};

constexpr std::string_view kNames[] = {"level",       "service",  "host",    "method", "path",
                                       "status",      "bytes",    "user_id", "cached", "ip",
                                       "duration_ms", "trace_id", "message", "region", "version"};

Value FieldValue(size_t field, Random& random, Corpus* corpus) {
  const auto text = [&](std::string value) {
    return Value::String(corpus->text.emplace_back(std::move(value)));
  };
  switch (field) {
    case 5:
      return Value::Int(200 + random.Below(5) * 100);
    case 6:
      return Value::Int(random.Below(100'000));
    case 8:
      return Value::Bool(random.Below(2) == 0);
    case 10:
      return Value::Float(random.Below(1'000'000) / 1000.0);
    case 11:
      return text(fmt::format("{:08x}{:08x}{:08x}", random.Next(), random.Next(), random.Next()));
    case 12:
      return text(fmt::format("request {} done in \"{}\" ms", random.Next(), random.Below(900)));
    default:
      return text(fmt::format("{}-{}", kNames[field], random.Below(50)));
  }
}

Corpus MakeCorpus() {
  Corpus corpus;
  corpus.text.reserve(kRecords * std::size(kNames));
  corpus.fields.resize(kRecords);
  Random random(1);
  for (Event& event : corpus.fields) {
    event.time = Timestamp{1709618828, static_cast<int32_t>(random.Below(1000) * 1'000'000)};
    for (size_t i = 0; i < std::size(kNames); ++i) {
      event.Add(kNames[i], FieldValue(i, random, &corpus));
    }
    std::string data;
    AppendData(event, &data);
    corpus.verbatim.push_back(data.substr(1, data.size() - 2));
  }
  for (const std::string& data : corpus.verbatim) corpus.pieces.push_back(data);
  return corpus;
}

std::string_view only;  // rows that begin so

// Runs `work`, which returns the bytes it made, for `seconds` and prints a row.
void Row(const char* name, double seconds, const std::function<size_t()>& work) {
  if (!std::string_view(name).starts_with(only)) return;
  work();
  double best = 0;  // of slices, since others may use the machine too
  for (int slice = 0; slice < 10; ++slice) {
    const auto begin = std::chrono::steady_clock::now();
    double spent = 0;
    size_t bytes = 0;
    while (spent < seconds / 10) {
      bytes += work();
      spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    best = std::max(best, static_cast<double>(bytes) / spent / 1e6);
  }
  fmt::print("{:<34} {:>8.0f} MB/s\n", name, best);
}

size_t EncodeChunk(Batcher& batcher, const std::vector<Event>& events) {
  batcher.Begin(0, 0);
  uint64_t offset = 0;
  for (const Event& event : events) {
    batcher.AddEvent({1, offset, offset + 370, "the end of a record\n"}, event, 1, "app");
    offset += 370;
  }
  size_t bytes = 0;
  for (const auto& batch : batcher.Finish()) bytes += batch->unpacked_size;
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
  if (argc > 2) only = argv[2];
  const Corpus corpus = MakeCorpus();
  std::vector<Event> verbatim = corpus.fields;
  for (size_t i = 0; i < kRecords; ++i) verbatim[i].SetVerbatim({&corpus.pieces[i], 1});

  std::string out;
  const auto encode = [&](const std::vector<Event>& events) {
    out.clear();
    for (const Event& event : events) AppendData(event, &out);
    return out.size();
  };
  std::string copy;
  Row("copy (memcpy)", seconds, [&] {
    copy.assign(out.empty() ? std::string(encode(verbatim), 'x') : out);
    return copy.size();
  });
  Row("data: spliced", seconds, [&] { return encode(verbatim); });
  Row("data: 15 fields", seconds, [&] { return encode(corpus.fields); });
  for (const auto& [name, compression] :
       {std::pair("none", Compression::kNone), std::pair("zstd:1", Compression::kZstd),
        std::pair("gzip:1", Compression::kGzip)}) {
    Batcher batcher({.compression = {compression, 1}});
    Row(fmt::format("batch: spliced, {}", name).c_str(), seconds,
        [&] { return EncodeChunk(batcher, verbatim); });
    Row(fmt::format("batch: 15 fields, {}", name).c_str(), seconds,
        [&] { return EncodeChunk(batcher, corpus.fields); });
  }
  encode(corpus.fields);
  Compressor zstd({Compression::kZstd, 1});
  Row("zstd:1 alone (the floor)", seconds, [&] {
    zstd.Pack(out);
    return out.size();
  });
  return 0;
}
