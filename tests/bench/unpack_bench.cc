// SPDX-License-Identifier: Apache-2.0
// unpack_bench [MEGABYTES]: log lines out of packed files, as MB/s of unpacked text: of the library
// alone, and through a DecompressedFile by reads of several sizes.  The best of several rounds
// counts.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <utility>

#include "base/check.h"
#include "tail/decompressed_file.h"
#include "tests/bench/corpus.h"
#include "tests/bench/measure.h"
#include "tests/testing/pack.h"

namespace hctail::bench {
namespace {

constexpr size_t kReads[] = {64 << 10, 256 << 10, 1 << 20};

double BestRate(size_t bytes, const std::function<void()>& run) {
  return static_cast<double>(bytes) / Quickest(run) / 1e6;
}

class MemoryFile final : public OpenFile {
 public:
  explicit MemoryFile(std::string_view content) : content_(content) {}
  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override {
    return offset >= content_.size() ? 0 : content_.copy(out, size, offset);
  }
  std::expected<FileStat, int> Stat() override { return FileStat{.size = content_.size()}; }
  int descriptor() const override { return -1; }

 private:
  const std::string_view content_;
};

double Alone(Packing packing, const std::string& packed, size_t size, std::string* out) {
  return BestRate(size, [&] {
    Unpacker unpacker(packing);
    std::string_view rest = packed;
    size_t total = 0;
    while (total < size) {
      const auto step = unpacker.Unpack(rest, out->data(), out->size());
      rest.remove_prefix(step.taken);
      total += step.given;
      HC_CHECK(step.given > 0);
    }
  });
}

double ThroughFile(Packing packing, const std::string& packed, size_t size, size_t read,
                   std::string* out) {
  return BestRate(size, [&] {
    DecompressedFile file(std::make_unique<MemoryFile>(packed), packing);
    size_t total = 0;
    while (total < size) {
      const ReadSoFar got = ReadFully(file, total, out->data(), read);
      HC_CHECK(got.size > 0);
      total += got.size;
    }
  });
}

void RunAll(const std::string& text) {
  std::string out(1 << 20, '\0');
  fmt::print("{:10} {:>6} {:>8} {:>8} {:>8} {:>8}\n", "", "ratio", "alone", "64 KiB", "256 KiB",
             "1 MiB");
  for (const auto& [packing, level] : {std::pair{Packing::kGzip, 6},
                                       {Packing::kZstd, 3},
                                       {Packing::kBzip2, 9},
                                       {Packing::kXz, 6}}) {
    const std::string packed = testing::Pack(packing, text, level);
    fmt::print("{:10} {:6.1f} {:8.0f}", fmt::format("{} -{}", NameOf(packing), level),
               static_cast<double>(text.size()) / static_cast<double>(packed.size()),
               Alone(packing, packed, text.size(), &out));
    for (const size_t read : kReads) {
      fmt::print(" {:8.0f}", ThroughFile(packing, packed, text.size(), read, &out));
    }
    fmt::print("\n");
  }
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 16;
  hctail::bench::RunAll(hctail::bench::JsonCorpus::Make(megabytes << 20));
  return 0;
}
