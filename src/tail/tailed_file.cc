// SPDX-License-Identifier: Apache-2.0
#include "tail/tailed_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ranges>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/fingerprint.h"
#include "tail/decompressed_file.h"
#include "tail/identity.h"

namespace hctail {
namespace {

constexpr size_t kHeadOfFile = 16 * 1024;  // what TakeHead gives at most
constexpr size_t kDecodeAtOnce = 256 * 1024;
constexpr size_t kMostSamples = 16;

// Raw bytes on their way into a chunk.  All files are read by one thread.
std::vector<char>& RawBuffer(size_t size) {
  thread_local std::vector<char> buffer;
  if (buffer.size() < size) buffer.resize(size);
  return buffer;
}

}  // namespace

TailedFile::TailedFile(FileKey key, std::string path, std::unique_ptr<OpenFile> file,
                       const FileIdentity& identity, uint64_t offset, const LineOptions& options)
    : key_(key),
      path_(std::move(path)),
      file_(std::move(file)),
      packed_(dynamic_cast<const DecompressedFile*>(file_.get())),
      options_(options),
      identity_(identity),
      offset_(offset),
      resumed_at_(offset) {
  if (offset_ > 0 && Begin(/*final=*/true)) AlignToLine();
  LoadTail();
}

void TailedFile::Restart(FileKey key) {
  key_ = key;
  offset_ = flushed_to_ = unended_ = largest_seen_ = 0;
  tail_length_ = 0;
  resumed_at_ = 0;
  overlong_ = {};
  begun_ = false;
  decoder_.reset();
  samples_.clear();
  identity_.head_length = 0;
  identity_.head_hash = 0;
  RefreshIdentity();
}

// Finds the charset.
bool TailedFile::Begin(bool final) {
  if (begun_) return true;
  std::optional<Charset> charset = options_.charset;
  if (!charset) {
    char first[kDetectBytes];
    const ReadSoFar got = ReadFully(*file_, 0, first, sizeof first);
    if (got.size > 0) charset = DetectCharset({first, got.size}, final);
    if (!charset) {
      unended_ = got.size;
      error_ = got.error;
      return false;
    }
  }
  begun_ = true;
  if (charset->kind != Charset::Kind::kUtf8 || options_.lone_cr) {
    decoder_ = std::make_unique<LineDecoder>(
        *charset, LineDecoder::Options{.lone_cr = options_.lone_cr, .max_line = options_.max_line});
  }
  return true;
}

// Back to the begin of a line of which only the first part was there, and was handed over.
void TailedFile::AlignToLine() {
  const uint64_t limit = offset_ - std::min<uint64_t>(offset_, options_.max_line + 4);
  const uint64_t begin = limit + limit % 2;  // UTF-16 is aligned
  std::vector<char> bytes(offset_ - begin);
  const ReadSoFar got = ReadFully(*file_, begin, bytes.data(), bytes.size());
  if (got.size != bytes.size()) return;
  const std::string_view text(bytes.data(), got.size);
  uint64_t line = begin;
  bool found = begin == 0;
  if (decoder_ == nullptr) {
    const size_t newline = text.rfind('\n');
    if (newline != std::string_view::npos) line = begin + newline + 1;
    found |= newline != std::string_view::npos;
  } else {
    for (size_t at = 0; at < text.size();) {
      const LineDecoder::End end = decoder_->FindEnd(text.substr(at), /*final=*/false);
      if (!end.found) break;
      line = begin + (at += end.size);
      found = true;
    }
  }
  if (!found) overlong_ = {.active = true, .scanned = offset_, .rest = true};
  if (!found || line == offset_) return;
  flushed_to_ = std::exchange(offset_, line);
}

bool TailedFile::RefreshIdentity() {
  if (identity_.head_length >= kHeadLimit) return false;
  const FileIdentity before = identity_;
  if (HashHeadOf(*file_, kHeadLimit, &identity_) != 0) return false;
  return std::exchange(head_shrank_, false) || !(identity_ == before);
}

SavedFile TailedFile::Position() const {
  SavedFile saved;
  saved.path = path_;
  saved.identity = identity_;
  saved.offset = overlong_.active ? overlong_.scanned : offset_;
  saved.tail_length = tail_length_;
  saved.tail_hash = HashBytes({tail_, tail_length_});
  return saved;
}

// A shorter file, or other bytes at its beginning or before the offset: it was truncated, and may
// have grown again.  Lines often end alike, so the bytes before the offset alone tell too little.
// Asked after each read, which went up to `read_to`: what was read before a truncation is whole,
// and what was not is not used.
bool TailedFile::WasRewritten(uint64_t read_to) {
  const uint64_t position = overlong_.active ? overlong_.scanned : offset_;
  const uint64_t least_size = std::max({position, read_to, flushed_to_});
  const auto stat = file_->Stat();
  if (!stat) return false;
  if (stat->size < least_size) return true;
  char now[sizeof tail_];
  const ReadSoFar tail = ReadFully(*file_, position - tail_length_, now, tail_length_);
  if (tail.error == 0 && (tail.size < tail_length_ || std::memcmp(now, tail_, tail_length_) != 0)) {
    return true;
  }
  FileIdentity head = identity_;
  if (head.head_length == 0 || HashHeadOf(*file_, head.head_length, &head) != 0) {
    largest_seen_ = stat->size;
    modified_whole_ = stat->modified;
    return false;
  }
  if (head.head_length == identity_.head_length && head.head_hash != identity_.head_hash) {
    return true;
  }
  if (head.head_length < identity_.head_length) {
    if (head.head_length < least_size) return true;
    if (tail_length_ == 0) return true;  // nothing else proves that it is the same
    identity_ = head;                    // an unfinished line that it covered was taken back
    head_shrank_ = true;
  }
  largest_seen_ = stat->size;
  modified_whole_ = stat->modified;
  return false;
}

void TailedFile::LoadTail() {
  const auto length = static_cast<size_t>(std::min<uint64_t>(offset_, sizeof tail_));
  const bool whole = ReadFully(*file_, offset_ - length, tail_, length).size == length;
  tail_length_ = whole ? static_cast<uint8_t>(length) : 0;
}

// The `available` bytes before `end` directly follow those that are remembered.
void TailedFile::RememberTail(const char* end, size_t available) {
  const size_t fresh = std::min(available, sizeof tail_);
  const size_t kept = std::min<size_t>(tail_length_, sizeof tail_ - fresh);
  std::memmove(tail_, tail_ + tail_length_ - kept, kept);
  std::memcpy(tail_ + kept, end - fresh, fresh);
  tail_length_ = static_cast<uint8_t>(kept + fresh);
}

// EAGAIN: packed data that ends in the middle, for now.
TailedFile::Progress TailedFile::Failed(int error) {
  if (error == EAGAIN) return Progress::kAtEnd;
  error_ = error;
  return Progress::kFailed;
}

std::string TailedFile::Why() const {
  std::string why = packed() ? packed_->Why() : std::string();
  return why.empty() ? ErrnoText(error_) : why;
}

bool TailedFile::whole_packed() const {
  return packed() && packed_->ending() == DecompressedFile::Ending::kWhole;
}

bool TailedFile::cut_off() const {
  return packed() && packed_->ending() == DecompressedFile::Ending::kInMiddle;
}

std::unique_ptr<OpenFile> TailedFile::MoveTo(std::unique_ptr<OpenFile> copy, uint64_t device,
                                             uint64_t inode) {
  std::unique_ptr<OpenFile> before = std::exchange(file_, std::move(copy));
  packed_ = dynamic_cast<const DecompressedFile*>(file_.get());
  identity_.device = device;
  identity_.inode = inode;
  largest_seen_ = 0;
  return before;
}

TailedFile::Progress TailedFile::ReadLines(Chunk* chunk) {
  error_ = 0;
  if (!Begin(/*final=*/false)) {
    if (WasRewritten(offset_ + unended_)) return Progress::kTruncated;
    return error_ == 0 ? Progress::kAtEnd : Failed(error_);
  }
  if (overlong_.active) return FindOverlongEnd(chunk);
  const Progress progress =
      decoder_ == nullptr ? ReadRaw(chunk) : ReadDecoded(chunk, /*final=*/false);
  AddSample();
  return progress;
}

void TailedFile::AddSample() {
  if (tail_length_ < sizeof tail_ || overlong_.active) return;
  const uint64_t last = samples_.empty() ? kHeadLimit : samples_.back().offset;
  if (offset_ <= last) return;
  if (samples_.size() == kMostSamples) {
    // Every second one, but for the newest.
    std::vector<Sample> kept;
    for (size_t i = 1; i < kMostSamples; i += 2) kept.push_back(samples_[i]);
    samples_ = std::move(kept);
  }
  samples_.push_back({offset_, HashBytes({tail_, sizeof tail_})});
}

bool TailedFile::IsBeginOf(OpenFile& copy, const FileIdentity& identity) const {
  if (identity_.head_length < kHeadLimit || identity.head_length < kHeadLimit ||
      identity_.head_hash != identity.head_hash) {
    return false;
  }
  char bytes[sizeof tail_];
  const auto end = copy.ReadAt(offset_ - 1, bytes, 1);
  if (!end || *end != 0) return false;  // it is not shorter, or cannot be read
  for (const Sample& sample : samples_ | std::views::reverse) {
    const ReadSoFar got = ReadFully(copy, sample.offset - sizeof bytes, bytes, sizeof bytes);
    if (got.error != 0) return false;
    if (got.size == sizeof bytes) return HashBytes({bytes, got.size}) == sample.tail_hash;
  }
  return false;
}

TailedFile::Progress TailedFile::ReadRaw(Chunk* chunk) {
  const size_t max_line = options_.max_line;
  while (true) {
    const size_t room = chunk->room();
    if (room == 0) return Progress::kRoomSpent;
    char* const begin = chunk->end();
    const ReadSoFar got = ReadFully(*file_, offset_, begin, room);
    if (WasRewritten(offset_ + got.size)) return Progress::kTruncated;
    if (const size_t nuls = LeadingNuls({begin, got.size}); nuls > 0) return SkipNuls(chunk, nuls);
    const size_t lines = EndOfShortLines({begin, got.size}, max_line);
    if (lines > 0) {
      RememberTail(begin + lines, lines);
      chunk->Append(
          {.file = key_, .offset = offset_, .length = lines, .size = lines, .came_to = CameTo()});
      offset_ += lines;
    }
    unended_ = got.size - lines;
    if (unended_ > max_line && begin[lines] == '\0') return Progress::kRoomSpent;
    if (unended_ > max_line) {
      RememberTail(begin + lines + max_line + 1, max_line + 1);
      overlong_ = {.active = true, .scanned = offset_ + max_line + 1};
      return FindOverlongEnd(chunk);
    }
    if (got.error != 0 && lines == 0) return Failed(got.error);
    if (got.size < room && got.error == 0) return Progress::kAtEnd;
    if (!chunk->empty()) return Progress::kRoomSpent;
    chunk->Reserve(max_line + 1);  // an empty chunk without room for one line
  }
}

// `nuls` NUL bytes stand at offset_.  Those at the end of the file stay: it may have been made long
// beforehand, and is being filled.
TailedFile::Progress TailedFile::SkipNuls(Chunk* chunk, size_t nuls) {
  uint64_t end = offset_ + nuls;
  std::vector<char>& window = RawBuffer(kDecodeAtOnce);
  while (true) {
    end = std::max(end, file_->AfterHole(end));
    const ReadSoFar got = ReadFully(*file_, end, window.data(), window.size());
    const size_t more = LeadingNuls({window.data(), got.size});
    end += more;
    if (more < got.size) break;
    if (got.error != 0) return Failed(got.error);
    if (got.size < window.size()) {
      unended_ = end - offset_;
      return Progress::kAtEnd;
    }
  }
  if (WasRewritten(end)) return Progress::kTruncated;
  chunk->Append(
      {.file = key_, .offset = offset_, .length = end - offset_, .kind = Segment::Kind::kHole});
  offset_ = end;
  tail_length_ = 0;
  LoadTail();
  unended_ = 0;
  return Progress::kRoomSpent;
}

TailedFile::Progress TailedFile::ReadDecoded(Chunk* chunk, bool final) {
  size_t at_once = std::min(kDecodeAtOnce, std::max<size_t>(chunk->room(), 4096));
  while (true) {
    if (chunk->room() == 0) return Progress::kRoomSpent;
    std::vector<char>& raw = RawBuffer(at_once);
    const ReadSoFar got = ReadFully(*file_, offset_, raw.data(), at_once);
    if (WasRewritten(offset_ + got.size)) return Progress::kTruncated;
    const bool last = final && got.error == 0 && got.size < at_once;
    const size_t first_length = chunk->line_lengths().size();
    DecodeCounts counts;
    const LineDecoder::Taken taken =
        decoder_->Decode({raw.data(), got.size}, offset_, last, chunk->end(), chunk->room(),
                         &chunk->line_lengths(), &counts);
    if (taken.taken > 0) {
      RememberTail(raw.data() + taken.taken, taken.taken);
      chunk->Append({.file = key_,
                     .offset = offset_,
                     .length = taken.taken,
                     .size = taken.written,
                     .lengths = first_length,
                     .came_to = CameTo(),
                     .mended = static_cast<uint32_t>(counts.lines)});
      offset_ += taken.taken;
    }
    unended_ = got.size - taken.taken;
    if (taken.stop == LineDecoder::Stop::kOverlong) {
      overlong_ = {.active = true, .scanned = offset_};
      return FindOverlongEnd(chunk);
    }
    if (taken.stop == LineDecoder::Stop::kNoRoom) {
      if (!chunk->empty()) return Progress::kRoomSpent;
      chunk->Reserve(decoder_->RoomForLine());
    } else {
      if (got.error != 0 && taken.taken == 0) return Failed(got.error);
      if (got.error != 0) return Progress::kRoomSpent;
      if (got.size < at_once) return Progress::kAtEnd;
      if (taken.taken == 0) at_once = std::max(2 * at_once, 2 * options_.max_line + 4);
    }
  }
}

LineDecoder::End TailedFile::EndOfLine(std::string_view raw) const {
  if (decoder_ != nullptr) return decoder_->FindEnd(raw, /*final=*/false);
  const size_t newline = raw.find('\n');
  if (newline == std::string_view::npos) return {.found = false, .size = raw.size()};
  return {.found = true, .size = newline + 1};
}

TailedFile::Progress TailedFile::FindOverlongEnd(Chunk* chunk) {
  char window[64 * 1024];
  while (true) {
    const ReadSoFar got = ReadFully(*file_, overlong_.scanned, window, sizeof window);
    if (WasRewritten(overlong_.scanned + got.size)) return Progress::kTruncated;
    const LineDecoder::End line = EndOfLine({window, got.size});
    if (line.found) {
      const uint64_t end = overlong_.scanned + line.size;
      const Progress progress = EmitOverlong(chunk, end);
      if (offset_ == end) RememberTail(window + line.size, line.size);
      return progress;
    }
    RememberTail(window + line.size, line.size);
    overlong_.scanned += line.size;
    unended_ = overlong_.scanned - offset_;
    if (got.error != 0) return Failed(got.error);
    if (got.size < sizeof window) return Progress::kAtEnd;
  }
}

TailedFile::Progress TailedFile::EmitOverlong(Chunk* chunk, uint64_t end) {
  if (overlong_.rest) {
    chunk->Append(
        {.file = key_, .offset = offset_, .length = end - offset_, .kind = Segment::Kind::kHole});
    offset_ = end;
    unended_ = 0;
    overlong_ = {};
    return Progress::kRoomSpent;
  }
  const size_t room = decoder_ == nullptr ? options_.max_line : decoder_->RoomForLine();
  if (chunk->empty()) chunk->Reserve(room);
  if (chunk->room() < room) return Progress::kRoomSpent;
  std::vector<char>& raw = RawBuffer(options_.max_line);
  char* const into = decoder_ == nullptr ? chunk->end() : raw.data();
  const auto wanted = static_cast<size_t>(std::min<uint64_t>(options_.max_line, end - offset_));
  const ReadSoFar got = ReadFully(*file_, offset_, into, wanted);
  if (got.error != 0) return Failed(got.error);
  if (WasRewritten(offset_ + got.size)) return Progress::kTruncated;
  DecodeCounts counts;
  const size_t size = decoder_ == nullptr
                          ? got.size
                          : decoder_->DecodeBegin({raw.data(), got.size}, offset_, chunk->end(),
                                                  chunk->room(), &counts);
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = end - offset_,
                 .size = size,
                 .kind = Segment::Kind::kOverlong,
                 .came_to = CameTo()});
  offset_ = end;
  unended_ = 0;
  overlong_ = {};
  return Progress::kRoomSpent;
}

uint64_t TailedFile::CameTo() const { return flushed_to_ > offset_ ? flushed_to_ : 0; }

bool TailedFile::TakeUnended(Chunk* chunk, bool final) {
  if (unended_ == 0 || (!final && unended() == 0)) return true;
  if (final && offset_ + unended_ <= resumed_at_) {  // it was settled as it stands
    offset_ += unended_;
    unended_ = 0;
    LoadTail();
    return true;
  }
  if (!begun_) {  // too little was there to tell the charset
    if (!Begin(/*final=*/true)) return true;
    if (ReadLines(chunk) == Progress::kRoomSpent) return false;
    if (unended_ == 0) return true;
  }
  if (overlong_.active) {
    if (!final) return true;  // it is cut anyway: better once, when its end is there
    return EmitOverlong(chunk, overlong_.scanned) != Progress::kRoomSpent || unended_ == 0;
  }
  error_ = 0;
  const uint64_t begin = offset_;
  const size_t segments = chunk->segments().size();
  if (decoder_ != nullptr) {
    if (chunk->empty()) chunk->Reserve(decoder_->RoomForLine());
    if (ReadDecoded(chunk, /*final=*/true) == Progress::kRoomSpent) return false;
  } else if (!TakeRest(chunk)) {
    return false;
  }
  if (error_ != 0) return true;
  unended_ = 0;
  if (offset_ == begin) return true;
  Segment& taken = chunk->segments()[segments];
  taken.kind = Segment::Kind::kUnended;
  taken.tentative = !final;
  if (final) return true;
  flushed_to_ = std::exchange(offset_, begin);
  unended_ = flushed_to_ - offset_;
  LoadTail();
  return true;
}

// What was unfinished, as it stands.  False if `chunk` lacks the room.
bool TailedFile::TakeRest(Chunk* chunk) {
  if (chunk->empty()) chunk->Reserve(unended_);
  if (chunk->room() < unended_) return false;
  const ReadSoFar got = ReadFully(*file_, offset_, chunk->end(), unended_);
  error_ = got.error;
  if (got.error != 0 || got.size == 0 || WasRewritten(offset_ + got.size)) return true;
  RememberTail(chunk->end() + got.size, got.size);
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = got.size,
                 .size = got.size,
                 .kind = Segment::Kind::kUnended,
                 .came_to = CameTo()});
  offset_ += got.size;
  return true;
}

bool TailedFile::TakeHead(Chunk* chunk) {
  if (!Begin(/*final=*/true)) return true;
  const auto most = static_cast<size_t>(std::min<uint64_t>(kHeadOfFile, offset_));
  if (chunk->empty()) chunk->Reserve(2 * most);
  if (chunk->room() < 2 * most) return false;
  std::vector<char>& raw = RawBuffer(most);
  char* const into = decoder_ == nullptr ? chunk->end() : raw.data();
  const ReadSoFar got = ReadFully(*file_, 0, into, most);
  size_t size = EndOfShortLines({into, got.size}, options_.max_line);
  if (decoder_ != nullptr) {
    std::vector<uint32_t> lengths;
    DecodeCounts counts;
    size = decoder_
               ->Decode({raw.data(), got.size}, 0, false, chunk->end(), chunk->room(), &lengths,
                        &counts)
               .written;
  }
  if (size > 0) chunk->Append({.file = key_, .size = size, .kind = Segment::Kind::kHead});
  return true;
}

}  // namespace hctail
