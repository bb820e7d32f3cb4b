// SPDX-License-Identifier: Apache-2.0
// Any bytes as a packed file, or a text packed and then damaged or cut, read in any order while it
// grows: every byte must always read the same, and whatever is undamaged must come out.
//
// The last bytes of the input say how, so that packed files are inputs as they are.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "tail/decompressed_file.h"
#include "tests/testing/pack.h"

namespace hctail {
namespace {

constexpr size_t kMostUnpacked = 4 << 20;  // a bomb is not read to its end
constexpr int kReads = 64;

// Grows, gives short reads, and sometimes none.
class GrowingFile final : public OpenFile {
 public:
  GrowingFile(std::string_view content, size_t grown, uint64_t seed)
      : content_(content), grown_(std::min(grown, content.size())), random_(seed) {}
  void Grow(size_t bytes) { grown_ = std::min(grown_ + bytes, content_.size()); }
  bool whole() const { return grown_ == content_.size(); }

  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override {
    if (random_.Below(50) == 0) return std::unexpected(EIO);
    if (offset >= grown_) return 0;
    size = std::min<size_t>(size, grown_ - offset);
    if (random_.Below(2) == 0) size = 1 + random_.Below(static_cast<uint32_t>(size));
    return content_.copy(out, size, offset);
  }
  std::expected<FileStat, int> Stat() override { return FileStat{.size = grown_}; }
  int descriptor() const override { return -1; }

 private:
  const std::string_view content_;
  size_t grown_;
  Random random_;
};

class Reader {
 public:
  Reader(DecompressedFile* file, Random* random) : file_(*file), random_(*random) {}

  // All that comes next, at most `most`; returns why there is no more, or EBUSY.
  int ReadOn(size_t most) {
    while (most > 0) {
      const size_t size = std::min<size_t>(most, 1 + random_.Below(100'000));
      buffer_.resize(size);
      const auto n = file_.ReadAt(known_.size(), buffer_.data(), size);
      if (!n && n.error() == EIO) continue;
      if (!n) return n.error();
      if (*n == 0) return 0;
      known_.append(buffer_, 0, *n);
      most -= *n;
    }
    return EBUSY;
  }

  // What is known already must be read again as it was.
  void LookBack() {
    if (known_.empty()) return;
    const uint64_t offset = random_.Below(static_cast<uint32_t>(known_.size()));
    const size_t size = std::min<size_t>(known_.size() - offset, 1 + random_.Below(3000));
    buffer_.resize(size);
    ReadSoFar got = {.error = EIO};
    for (int i = 0; i < 100 && got.error == EIO; ++i) {
      got = ReadFully(file_, offset, buffer_.data(), size);
    }
    if (got.error == EIO) return;
    if (got.error != 0 || got.size != size) std::abort();
    if (known_.compare(offset, size, buffer_, 0, size) != 0) std::abort();
  }

  const std::string& known() const { return known_; }

 private:
  DecompressedFile& file_;
  Random& random_;
  std::string known_;
  std::string buffer_;
};

// Returns why it ended, and what was read.
std::pair<int, std::string> Read(Packing packing, std::string_view packed, Random* random) {
  auto growing = std::make_unique<GrowingFile>(packed, random->Below(4096), random->Next());
  GrowingFile& content = *growing;
  DecompressedFile file(std::move(growing), packing, 1 + random->Below(5000));
  Reader reader(&file, random);
  int error = EBUSY;
  for (int i = 0; i < kReads; ++i) {
    const bool last = i + 1 == kReads;
    if (last || random->Below(8) == 0) content.Grow(packed.size());
    const bool whole = content.whole();
    error = reader.ReadOn(last ? kMostUnpacked : random->Below(50'000));
    const auto size = file.Stat()->size;
    if (size < reader.known().size()) std::abort();
    if (error != EBUSY && size != reader.known().size()) std::abort();
    if (whole && (error == EBADMSG || error == EAGAIN) && file.Why().empty()) std::abort();
    reader.LookBack();
    content.Grow(random->Below(1000));
  }
  return {error, reader.known()};
}

// Whole, whatever the reads are like; and cut or damaged, what comes is a prefix or noticed.
void RoundTrip(Packing packing, std::string_view text, Random* random) {
  std::string packed;
  const size_t members = 1 + random->Below(5);
  for (size_t i = 0; i < members; ++i) {
    const size_t begin = text.size() * i / members;
    packed += testing::Pack(packing, text.substr(begin, text.size() * (i + 1) / members - begin));
    packed.append(random->Below(2) * random->Below(10), '\0');
  }
  const auto [error, got] = Read(packing, packed, random);
  if (error != 0 || got != text) std::abort();
  const std::string_view part(packed.data(), random->Below(packed.size()));
  const auto cut = Read(packing, part, random);
  if (!got.starts_with(cut.second)) std::abort();
  packed[random->Below(packed.size())] ^= static_cast<char>(1 << random->Below(8));
  (void)Read(packing, packed, random);
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  uint64_t seed = 0;
  for (size_t i = size - 7; i < size; ++i) seed = seed << 8 | data[i];
  const uint8_t how = data[size - 8];
  hctail::Random random(seed);
  if (const auto packing = hctail::PackingOf(content)) {
    (void)hctail::Read(*packing, content, &random);
  } else if (hctail::MayBecomePacked(content) && content.size() >= hctail::kPackingBytes) {
    std::abort();
  }
  if (how % 2 == 0) {
    hctail::RoundTrip(static_cast<hctail::Packing>(how / 2 % 4), content, &random);
  } else {
    (void)hctail::Read(static_cast<hctail::Packing>(how / 2 % 4), content, &random);
  }
  return 0;
}
