// SPDX-License-Identifier: Apache-2.0
#include "tail/decompressed_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace hctail {
namespace {

constexpr size_t kInput = 64 * 1024;
constexpr size_t kPackedHead = 64;
constexpr size_t kDropped = 32 * 1024;

int ErrorOf(DecompressedFile::Ending ending) {
  switch (ending) {
    case DecompressedFile::Ending::kInMiddle:
      return EAGAIN;
    case DecompressedFile::Ending::kDamaged:
      return EBADMSG;
    case DecompressedFile::Ending::kTooMuchMemory:
      return EFBIG;
    default:
      return 0;
  }
}

}  // namespace

// A decoder and how far it has come.
class DecompressedFile::Cursor {
 public:
  explicit Cursor(Packing packing)
      : unpacker_(packing), input_(std::make_unique_for_overwrite<char[]>(kInput)) {}

  // As ReadAt, at position().
  std::expected<size_t, int> Read(OpenFile& packed, char* out, size_t room) {
    size_t given = 0;
    int error = 0;  // of the packed file
    ending_ = Ending::kNotReached;
    while (given < room) {
      const auto step =
          unpacker_.Unpack({input_.get() + begin_, end_ - begin_}, out + given, room - given);
      begin_ += step.taken;
      given += step.given;
      if (given == room || unpacker_.fault() != Unpacker::Fault::kNone) break;
      const auto more = Refill(packed);
      if (!more) error = more.error();
      if (!more || *more == 0) break;
    }
    position_ += given;
    if (given > 0) return given;
    if (error != 0) return std::unexpected(error);
    ending_ = EndingHere();
    if (ending_ != Ending::kWhole) return std::unexpected(ErrorOf(ending_));
    return 0;
  }

  uint64_t position() const { return position_; }
  // How much of the packed file was looked at, and decoded.
  uint64_t packed_read() const { return packed_read_; }
  uint64_t packed_used() const { return packed_read_ - (end_ - begin_); }
  // Since the last Read.
  Ending ending() const { return ending_; }
  const Unpacker& unpacker() const { return unpacker_; }
  const std::string& packed_head() const { return packed_head_; }

 private:
  std::expected<size_t, int> Refill(OpenFile& packed) {
    std::memmove(input_.get(), input_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    const auto n = packed.ReadAt(packed_read_, input_.get() + end_, kInput - end_);
    if (!n) return n;
    const size_t wanted = kPackedHead - packed_head_.size();
    packed_head_.append(input_.get() + end_, std::min(*n, wanted));
    end_ += *n;
    packed_read_ += *n;
    return n;
  }

  Ending EndingHere() const {
    switch (unpacker_.fault()) {
      case Unpacker::Fault::kDamaged:
        return Ending::kDamaged;
      case Unpacker::Fault::kTooMuchMemory:
        return Ending::kTooMuchMemory;
      case Unpacker::Fault::kNone:
        break;
    }
    return unpacker_.between() && begin_ == end_ ? Ending::kWhole : Ending::kInMiddle;
  }

  Unpacker unpacker_;
  const std::unique_ptr<char[]> input_;
  size_t begin_ = 0;  // input_[begin_, end_) was read and not yet decoded
  size_t end_ = 0;
  uint64_t packed_read_ = 0;
  uint64_t position_ = 0;
  Ending ending_ = Ending::kNotReached;
  std::string packed_head_;
};

DecompressedFile::DecompressedFile(std::unique_ptr<OpenFile> packed, Packing packing,
                                   size_t history)
    : packed_(std::move(packed)),
      packing_(packing),
      history_(history),
      front_(std::make_unique<Cursor>(packing)) {
  HC_CHECK(history > 0);
}

DecompressedFile::~DecompressedFile() = default;

std::expected<size_t, int> DecompressedFile::ReadAt(uint64_t offset, char* out, size_t size) {
  if (size == 0) return 0;
  if (offset < front_->position()) {
    const size_t remembered = FromMemory(offset, out, size);
    return remembered > 0 ? remembered : ReadBehind(offset, out, size);
  }
  char dropped[kDropped];
  while (front_->position() < offset) {
    const uint64_t gap = offset - front_->position();
    const auto n = ReadOnward(dropped, std::min<uint64_t>(gap, sizeof dropped));
    if (!n || *n == 0) return n;
  }
  return ReadOnward(out, size);
}

std::expected<size_t, int> DecompressedFile::ReadOnward(char* out, size_t size) {
  const auto n = front_->Read(*packed_, out, size);
  if (n && *n > 0) Remember(out, *n);
  return n;
}

// What is too far back to be remembered.
std::expected<size_t, int> DecompressedFile::ReadBehind(uint64_t offset, char* out, size_t size) {
  if (rear_ == nullptr || rear_->position() > offset) rear_ = std::make_unique<Cursor>(packing_);
  char dropped[kDropped];
  while (rear_->position() < offset) {
    const uint64_t gap = offset - rear_->position();
    const auto n = rear_->Read(*packed_, dropped, std::min<uint64_t>(gap, sizeof dropped));
    if (!n || *n == 0) return n;
  }
  return rear_->Read(*packed_, out, std::min<uint64_t>(size, front_->position() - offset));
}

// `size` bytes that end at the front's position.
void DecompressedFile::Remember(const char* bytes, size_t size) {
  const uint64_t end = front_->position();
  if (head_.size() < kHead) head_.append(bytes, std::min(size, kHead - head_.size()));
  if (ring_ == nullptr) ring_ = std::make_unique_for_overwrite<char[]>(history_);
  const size_t kept = std::min(size, history_);
  const size_t at = (end - kept) % history_;
  const size_t first = std::min(kept, history_ - at);
  std::memcpy(ring_.get() + at, bytes + size - kept, first);
  std::memcpy(ring_.get(), bytes + size - kept + first, kept - first);
}

// 0: not remembered.
size_t DecompressedFile::FromMemory(uint64_t offset, char* out, size_t size) const {
  const uint64_t position = front_->position();
  if (position - offset <= history_) {
    const size_t n = std::min<uint64_t>(size, position - offset);
    const size_t at = offset % history_;
    const size_t first = std::min(n, history_ - at);
    std::memcpy(out, ring_.get() + at, first);
    std::memcpy(out + first, ring_.get(), n - first);
    return n;
  }
  return offset < head_.size() ? head_.copy(out, size, offset) : 0;
}

std::expected<FileStat, int> DecompressedFile::Stat() {
  auto stat = packed_->Stat();
  if (!stat) return stat;
  if (IsAnother(*stat)) {
    front_ = std::make_unique<Cursor>(packing_);
    rear_.reset();
    head_.clear();
    stat->size = 0;
    return stat;
  }
  const bool is_final = ending() == Ending::kDamaged || ending() == Ending::kTooMuchMemory;
  const bool as_read = is_final || stat->size == front_->packed_read();
  stat->size = as_read ? known_size().value_or(kSizeUnknown) : kSizeUnknown;
  return stat;
}

// Truncated, or rewritten in place, since it was read.
bool DecompressedFile::IsAnother(const FileStat& stat) {
  if (stat.size < front_->packed_read()) return true;
  if (modified_ == stat.modified) return false;
  char now[kPackedHead];
  const std::string_view before = front_->packed_head();
  const ReadSoFar got = ReadFully(*packed_, 0, now, before.size());
  if (got.error != 0) return false;
  modified_ = stat.modified;
  return std::string_view(now, got.size) != before;
}

std::optional<uint64_t> DecompressedFile::known_size() const {
  if (ending() == Ending::kNotReached) return std::nullopt;
  return front_->position();
}

std::string DecompressedFile::Why() const {
  const uint64_t at = front_->packed_used();
  switch (ending()) {
    case Ending::kNotReached:
    case Ending::kWhole:
      return {};
    case Ending::kInMiddle:
      return fmt::format("the {} data ends in the middle, after {} bytes", NameOf(packing_),
                         front_->packed_read());
    case Ending::kDamaged:
      return fmt::format("the {} data is damaged before byte {} of the file: {}", NameOf(packing_),
                         at, front_->unpacker().why());
    case Ending::kTooMuchMemory:
      return fmt::format("the {} data cannot be unpacked from byte {} of the file on: {}",
                         NameOf(packing_), at, front_->unpacker().why());
  }
  return {};
}

DecompressedFile::Ending DecompressedFile::ending() const { return front_->ending(); }

uint64_t DecompressedFile::ignored_bytes() const { return front_->unpacker().ignored(); }

}  // namespace hctail
