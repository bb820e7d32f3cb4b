// SPDX-License-Identifier: Apache-2.0
// rooms_bench [MEGABYTES]: what each room costs on JSON lines, one thread, as MB/s of input and as
// a ratio to the floor: simdjson validates the lines and zstd packs them at level 1.  Every row is
// measured several times in turn with the floor; the median counts.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "base/check.h"
#include "base/wakeup.h"
#include "event/encode_json.h"
#include "parsers/parser.h"
#include "pipeline/worker.h"
#include "ship/compress.h"
#include "tail/stdin_source.h"
#include "tests/bench/corpus.h"
#include "tests/testing/recording_log.h"

namespace hctail::bench {
namespace {

constexpr size_t kChunk = 1 << 20;
constexpr int kRounds = 7;

// The corpus as chunks of whole lines, as a worker gets them.
std::vector<std::unique_ptr<Chunk>> MakeChunks(const std::string& text, FileKey key) {
  std::vector<std::unique_ptr<Chunk>> chunks;
  for (size_t at = 0; at < text.size();) {
    size_t size = std::min(kChunk, text.size() - at);
    size = text.rfind('\n', at + size - 1) + 1 - at;
    auto chunk = std::make_unique<Chunk>(kChunk);
    std::memcpy(chunk->end(), text.data() + at, size);
    chunk->Append({.file = key, .offset = at, .length = size, .size = size});
    chunk->sequence = chunks.size();
    chunks.push_back(std::move(chunk));
    at += size;
  }
  return chunks;
}

template <typename PerLine>
void EachLine(const std::vector<std::unique_ptr<Chunk>>& chunks, PerLine per_line) {
  for (const auto& chunk : chunks) {
    std::string_view rest = chunk->text(chunk->segments().front());
    while (!rest.empty()) {
      const size_t size = rest.find('\n') + 1;
      per_line(rest.substr(0, size - 1));
      rest.remove_prefix(size);
    }
  }
}

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Row {
  const char* name;
  std::function<void()> work;
  std::vector<double> seconds = {};
  std::vector<double> ratios = {};
};

void Print(std::vector<Row> rows, double megabytes) {
  for (int round = 0; round < kRounds; ++round) {
    for (Row& row : rows) row.seconds.push_back(Seconds(row.work));
    for (Row& row : rows) row.ratios.push_back(row.seconds.back() / rows.front().seconds.back());
  }
  fmt::print("{:<44} {:>8} {:>22}\n", "", "MB/s", "time / floor");
  for (Row& row : rows) {
    const auto [least, most] = std::ranges::minmax(row.ratios);
    fmt::print("{:<44} {:>8.0f} {:>8.2f} ({:.2f}-{:.2f})\n", row.name,
               megabytes / Median(row.seconds), Median(row.ratios), least, most);
  }
}

volatile size_t g_sink;  // keeps results alive

int Main(size_t megabytes) {
  const std::string text = JsonCorpus::Make(megabytes * 1'000'000);
  testing::RecordingLog log;
  const SystemClock clock;
  const Wakeup dirty;
  FileTable files(nullptr, "bench", "", clock, log, dirty);
  const FileKey key = NewFileKey();
  files.OnOpened({.file = key, .path = "bench.log", .identity = {}, .resumable = false});
  const auto chunks = MakeChunks(text, key);

  const ParserSpec* const json = FindParser("json");
  HC_CHECK(json != nullptr);
  OptionValues options;
  for (const OptionSpec& option : json->options) {
    if (!option.default_text.empty()) options.Set(option.name, {std::string(option.default_text)});
  }
  const ParserConfig config{.options = options};
  auto parser = std::move(*json->create(config));
  ParserChooser chooser({.fixed = json}, log, [](const Error&) {});
  Turnstile turnstile;
  Worker packing({.batching = {.compression = {Compression::kZstd, 1}, .max_events = SIZE_MAX},
                  .parser = config},
                 files, chooser, turnstile);
  Worker plain({.batching = {.compression = {Compression::kNone, 0}, .max_events = SIZE_MAX},
                .parser = config},
               files, chooser, turnstile);

  simdjson::dom::parser dom;
  Compressor zstd({Compression::kZstd, 1});
  Event event;
  std::string out;
  const auto floor = [&] {
    size_t total = 0;
    EachLine(chunks, [&](std::string_view line) {
      total += dom.parse(line.data(), line.size(), false).error() == simdjson::SUCCESS;
    });
    for (const auto& chunk : chunks)
      total += zstd.Pack(chunk->text(chunk->segments().front())).size();
    g_sink = total;
  };
  const auto process = [&](Worker& worker) {
    for (const auto& chunk : chunks) g_sink = worker.Process(*chunk, chunk->used())->size();
  };
  Print({{"floor: simdjson validates, zstd level 1", floor},
         {"split lines",
          [&] {
            size_t lines = 0;
            EachLine(chunks, [&](std::string_view line) { lines += line.size(); });
            g_sink = lines;
          }},
         {"split, parse",
          [&] {
            EachLine(chunks, [&](std::string_view line) {
              event.Clear();
              parser->Parse(line, &event);
              g_sink = event.fields().size();
            });
          }},
         {"split, parse, encode",
          [&] {
            for (const auto& chunk : chunks) {
              out.clear();
              std::string_view rest = chunk->text(chunk->segments().front());
              while (!rest.empty()) {
                const size_t size = rest.find('\n') + 1;
                event.Clear();
                parser->Parse(rest.substr(0, size - 1), &event);
                AppendData(event, &out);
                rest.remove_prefix(size);
              }
              g_sink = out.size();
            }
          }},
         {"zstd level 1",
          [&] {
            for (const auto& chunk : chunks) {
              g_sink = zstd.Pack(chunk->text(chunk->segments().front())).size();
            }
          }},
         {"worker: chunk to batch, not packed", [&] { process(plain); }},
         {"worker: chunk to batch, zstd level 1", [&] { process(packing); }}},
        static_cast<double>(text.size()) / 1e6);
  return 0;
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  return hctail::bench::Main(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100);
}
