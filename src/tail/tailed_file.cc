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
    ReadSoFar got = ReadFully(*file_, 0, first, sizeof first);
    AfterNuls text = {.at = LeadingNuls({first, got.size})};
    if (text.at > 1) {  // whatever wrote on behind a hole did so in its charset
      text = FindAfterNuls(text.at);
      text.at -= text.at % 2;
      got = ReadFully(*file_, text.at, first, sizeof first);
    } else {
      text = {.found = got.size > text.at};
    }
    if (text.found) charset = DetectCharset({first, got.size}, final);
    if (!text.found && text.at > 0 && final) charset.emplace();
    if (!charset) {
      unended_ = text.at + got.size;
      only_nuls_ = !text.found;
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
  const std::optional<uint64_t> begin = BeginOfLine(offset_);
  if (!begin) overlong_ = {.active = true, .scanned = offset_, .rest = true};
  if (!begin || *begin == offset_) return;
  flushed_to_ = std::exchange(offset_, *begin);
}

uint64_t TailedFile::TakeLineWhole() {
  flushed_to_ = 0;
  return resumed_at_ = offset_;
}

// Of the line that reaches up to `at`, or `at` if one has just ended; nothing if it is overlong.
std::optional<uint64_t> TailedFile::BeginOfLine(uint64_t at) {
  char window[4096 + 2];
  const uint64_t furthest = at - std::min<uint64_t>(at, options_.max_line + 4);
  for (uint64_t to = at; to > furthest;) {
    uint64_t from = to - std::min<uint64_t>(to - furthest, 4096);
    if (from > 0) from += from % 2;  // UTF-16 is aligned
    // What follows a CR tells whether it is an end.
    const auto size = static_cast<size_t>(std::min(to + 2, at) - from);
    if (ReadFully(*file_, from, window, size).size != size) return at;
    if (const size_t end = EndOfLastLine({window, size}); end > 0) return from + end;
    if (from >= to) break;
    to = from;
  }
  return furthest == 0 ? std::optional<uint64_t>(0) : std::nullopt;
}

// 0: none ends in `raw`.
size_t TailedFile::EndOfLastLine(std::string_view raw) const {
  if (decoder_ == nullptr) return raw.rfind('\n') + 1;
  size_t last = 0;
  for (size_t at = 0; at < raw.size();) {
    const LineDecoder::End end = decoder_->FindEnd(raw.substr(at), /*final=*/false);
    if (!end.found) break;
    last = at += end.size;
  }
  return last;
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

TailedFile::Progress TailedFile::ReadLines(Chunk* chunk) {
  error_ = 0;
  only_nuls_ = false;
  if (!Begin(/*final=*/false)) {
    if (WasRewritten(offset_ + unended_)) return Progress::kTruncated;
    if (only_nuls_) largest_seen_ = offset_;
    return error_ == 0 ? Progress::kAtEnd : Failed(error_);
  }
  if (overlong_.active) return FindOverlongEnd(chunk);
  const Progress progress =
      decoder_ == nullptr ? ReadRaw(chunk) : ReadDecoded(chunk, /*final=*/false);
  AddSample();
  return progress;
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
    if (got.size < room) LeaveOutNuls({begin + lines, unended_});
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

// Of `rest`, which stands at offset_ and ends where the file does.  NULs there are no content yet.
void TailedFile::LeaveOutNuls(std::string_view rest) {
  if (!rest.ends_with('\0')) return;
  const size_t last = rest.find_last_not_of('\0');
  only_nuls_ = last == std::string_view::npos;
  largest_seen_ = offset_ + (only_nuls_ ? 0 : last + 1);
}

// Before `from` are NULs only.
TailedFile::AfterNuls TailedFile::FindAfterNuls(uint64_t from) {
  std::vector<char>& window = RawBuffer(kDecodeAtOnce);
  AfterNuls after = {.at = from};
  while (true) {
    after.at = std::max(after.at, file_->AfterHole(after.at));
    const ReadSoFar got = ReadFully(*file_, after.at, window.data(), window.size());
    const size_t more = LeadingNuls({window.data(), got.size});
    after.at += more;
    after.found = more < got.size;
    after.error = after.found ? 0 : got.error;
    if (after.found || got.size < window.size()) return after;
  }
}

// `nuls` NUL bytes stand at offset_.  Those at the end of the file stay: it may have been made long
// beforehand, and is being filled.
TailedFile::Progress TailedFile::SkipNuls(Chunk* chunk, size_t nuls) {
  const AfterNuls after = FindAfterNuls(offset_ + nuls);
  if (after.error != 0) return Failed(after.error);
  if (!after.found) {
    unended_ = after.at - offset_;
    largest_seen_ = offset_;
    only_nuls_ = true;
    return Progress::kAtEnd;
  }
  const uint64_t end = after.at - (wide() ? after.at % 2 : 0);
  if (WasRewritten(end)) return Progress::kTruncated;
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = end - offset_,
                 .kind = Segment::Kind::kHole,
                 .ends = KeepEnd(chunk, end)});
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
    const size_t nuls = final ? 0 : LeadingNuls({raw.data(), got.size});
    if (nuls > (wide() ? 1 : 0)) return SkipNuls(chunk, nuls);
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
                     .ends = chunk->AddEnds({raw.data(), taken.taken}, first_length),
                     .came_to = CameTo(),
                     .mended = static_cast<uint32_t>(counts.lines)});
      offset_ += taken.taken;
    }
    unended_ = got.size - taken.taken;
    if (taken.stop == LineDecoder::Stop::kOverlong) {
      if (LeadingNuls({raw.data() + taken.taken, unended_}) > 1) return Progress::kRoomSpent;
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

bool TailedFile::wide() const {
  const auto is = [&](Charset::Kind kind) { return decoder_->charset().kind == kind; };
  return decoder_ != nullptr && (is(Charset::Kind::kUtf16Le) || is(Charset::Kind::kUtf16Be));
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
    chunk->Append({.file = key_,
                   .offset = offset_,
                   .length = end - offset_,
                   .kind = Segment::Kind::kHole,
                   .ends = KeepEnd(chunk, end)});
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
                 .ends = KeepEnd(chunk, end),
                 .came_to = CameTo()});
  offset_ = end;
  unended_ = 0;
  overlong_ = {};
  return Progress::kRoomSpent;
}

// Segment::ends of what stands from offset_ to `end`.
size_t TailedFile::KeepEnd(Chunk* chunk, uint64_t end) {
  char last[kTailLimit];
  const auto size = static_cast<size_t>(std::min<uint64_t>(end - offset_, sizeof last));
  const ReadSoFar got = ReadFully(*file_, end - size, last, size);
  return got.size == size ? chunk->AddEnd({last, size}) : Segment::kRaw;
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
  if (only_nuls_) return TakeNuls(chunk, final);
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

// Nothing stands after the last line but NULs.  They are not settled: lines may be written there
// after a restart.
bool TailedFile::TakeNuls(Chunk* chunk, bool final) {
  if (!final) return true;
  if (!packed()) {
    unended_ = 0;
    return true;
  }
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = unended_,
                 .kind = Segment::Kind::kHole,
                 .ends = KeepEnd(chunk, offset_ + unended_)});
  offset_ += unended_;
  unended_ = 0;
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
