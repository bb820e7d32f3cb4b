// SPDX-License-Identifier: Apache-2.0
#include "tail/stdin_source.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace hctail {
namespace {
// What a pipe gives at most at once; with less room than this it is not worth asking.
constexpr size_t kPipeBuffer = 64 * 1024;
}  // namespace

StdinSource::StdinSource(int fd, const LineOptions& lines, Duration idle_after, const Clock& clock,
                         SourceListener& listener)
    : fd_(fd),
      options_(lines),
      max_line_(lines.max_line),
      listener_(listener),
      key_(NewFileKey()),
      idle_(key_, idle_after, clock, listener) {
  listener_.OnOpened({.file = key_,
                      .path = "stdin",
                      .identity = {},
                      .resumable = false,
                      .present_at_start = true});
}

void StdinSource::Read(Chunk* chunk) {
  ready_ = true;
  if (!Begin(chunk)) return;
  if (begun_ && !(decoder_ ? ReadDecoded(chunk) : ReadPlain(chunk))) return;
  ready_ = false;
  idle_.Look(offset_, chunk);
  if (ended_ && !closed_) Finish(chunk);
}

bool StdinSource::Begin(Chunk* chunk) {
  if (begun_ || !FindCharset()) return true;
  if (decoder_) return begun_ = true;
  if (chunk->empty()) chunk->Reserve(max_line_ + raw_.size() + kPipeBuffer);
  if (chunk->room() < raw_.size()) return false;
  begun_ = true;
  std::memcpy(chunk->end(), raw_.data(), raw_.size());
  TakeLines(chunk, raw_.size());
  raw_ = {};
  return true;
}

bool StdinSource::FindCharset() {
  std::optional<Charset> charset = options_.charset;
  while (!charset && !(charset = DetectCharset(raw_, ended_))) {
    if (!FillRaw() && !ended_) return false;
  }
  if (charset->kind != Charset::Kind::kUtf8 || options_.lone_cr) {
    decoder_ = std::make_unique<LineDecoder>(
        *charset, LineDecoder::Options{.lone_cr = options_.lone_cr, .max_line = max_line_});
  }
  return true;
}

bool StdinSource::ReadPlain(Chunk* chunk) {
  while (!ended_) {
    if (chunk->empty()) chunk->Reserve(max_line_ + kPipeBuffer);
    if (chunk->room() < unended_.size() + kPipeBuffer) return false;
    if (dropped_ > 0) {
      const size_t got = Fill(chunk->end(), kPipeBuffer);
      if (got == 0) break;
      SkipOverlong(chunk, got);
      continue;
    }
    std::memcpy(chunk->end(), unended_.data(), unended_.size());
    const size_t got = Fill(chunk->end() + unended_.size(), chunk->room() - unended_.size());
    if (got == 0) break;
    TakeLines(chunk, unended_.size() + got);
  }
  return true;
}

bool StdinSource::ReadDecoded(Chunk* chunk) {
  while (true) {
    if (chunk->empty()) chunk->Reserve(decoder_->RoomForLine());
    if (overlong_ && chunk->room() < unended_.size()) return false;
    const bool ended = ended_;
    if (!overlong_) {
      switch (Decode(chunk)) {
        case LineDecoder::Stop::kNoRoom:
          return false;
        case LineDecoder::Stop::kOverlong:
          continue;
        case LineDecoder::Stop::kNeedMore:
          break;
      }
    } else if (EndOverlong(chunk)) {
      continue;
    }
    if (ended || (!FillRaw() && !ended_)) return true;
  }
}

LineDecoder::Stop StdinSource::Decode(Chunk* chunk) {
  const size_t first_length = chunk->line_lengths().size();
  DecodeCounts counts;
  const LineDecoder::Taken taken = decoder_->Decode(raw_, offset_, /*final=*/ended_, chunk->end(),
                                                    chunk->room(), &chunk->line_lengths(), &counts);
  if (taken.taken > 0) {
    chunk->Append({.file = key_,
                   .offset = offset_,
                   .length = taken.taken,
                   .size = taken.written,
                   .lengths = first_length,
                   .mended = static_cast<uint32_t>(counts.lines)});
    offset_ += taken.taken;
    raw_.erase(0, taken.taken);
  }
  if (taken.stop == LineDecoder::Stop::kOverlong) {
    overlong_ = true;
    unended_.resize(decoder_->RoomForLine());
    unended_.resize(decoder_->DecodeBegin(std::string_view(raw_).substr(0, max_line_), offset_,
                                          unended_.data(), unended_.size(), &counts));
  }
  return taken.stop;
}

bool StdinSource::EndOverlong(Chunk* chunk) {
  const LineDecoder::End end = decoder_->FindEnd(raw_, /*final=*/ended_);
  const size_t taken = end.found || !ended_ ? end.size : raw_.size();
  dropped_ += taken;
  raw_.erase(0, taken);
  if (!end.found && !ended_) return false;
  std::memcpy(chunk->end(), unended_.data(), unended_.size());
  AppendOverlong(chunk, unended_.size(), dropped_);
  unended_.clear();
  dropped_ = 0;
  overlong_ = false;
  return true;
}

bool StdinSource::FillRaw() {
  const size_t size = raw_.size();
  raw_.resize(size + kPipeBuffer);
  raw_.resize(size + Fill(raw_.data() + size, kPipeBuffer));
  return raw_.size() > size;
}

size_t StdinSource::Fill(char* out, size_t size) {
  pollfd waiting = {.fd = fd_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, 0) <= 0) return 0;
  const ssize_t n = ::read(fd_, out, size);
  if (n > 0) idle_.Came();
  if (n > 0) return static_cast<size_t>(n);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
  if (n < 0) listener_.OnUnreadable("stdin", ErrnoText(errno));
  ended_ = true;
  return 0;
}

void StdinSource::TakeLines(Chunk* chunk, size_t size) {
  while (size > 0) {
    const std::string_view text(chunk->end(), size);
    if (const size_t lines = EndOfShortLines(text, max_line_); lines > 0) {
      chunk->Append({.file = key_, .offset = offset_, .length = lines, .size = lines});
      offset_ += lines;
      size -= lines;
      continue;
    }
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) break;
    const size_t length = newline + 1;
    AppendOverlong(chunk, max_line_, length);
    size -= length;
    std::memmove(chunk->end(), text.data() + length, size);
  }
  unended_.assign(chunk->end(), size);
  if (unended_.size() > max_line_) {
    dropped_ = unended_.size() - max_line_;
    unended_.resize(max_line_);
  }
}

void StdinSource::AppendOverlong(Chunk* chunk, size_t size, uint64_t length) {
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .length = length,
                 .size = size,
                 .kind = Segment::Kind::kOverlong});
  offset_ += length;
}

void StdinSource::SkipOverlong(Chunk* chunk, size_t size) {
  const char* const begin = chunk->end();
  const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', size));
  if (newline == nullptr) {
    dropped_ += size;
    return;
  }
  const size_t taken = static_cast<size_t>(newline - begin) + 1;
  const std::string rest(newline + 1, size - taken);
  std::memcpy(chunk->end(), unended_.data(), unended_.size());
  AppendOverlong(chunk, unended_.size(), unended_.size() + dropped_ + taken);
  dropped_ = 0;
  std::memcpy(chunk->end(), rest.data(), rest.size());
  TakeLines(chunk, rest.size());
}

void StdinSource::Finish(Chunk* chunk) {
  if (!unended_.empty()) {
    if (chunk->empty()) chunk->Reserve(unended_.size());
    if (chunk->room() < unended_.size()) {
      ready_ = true;
      return;
    }
    std::memcpy(chunk->end(), unended_.data(), unended_.size());
    chunk->Append({.file = key_,
                   .offset = offset_,
                   .length = unended_.size() + dropped_,
                   .size = unended_.size(),
                   .kind = dropped_ > 0 ? Segment::Kind::kOverlong : Segment::Kind::kUnended});
    offset_ += unended_.size() + dropped_;
    unended_.clear();
  }
  closed_ = true;
  chunk->Append({.file = key_,
                 .offset = offset_,
                 .kind = Segment::Kind::kPause,
                 .pause = Segment::Pause::kEnd});
  listener_.OnClosed(key_, SourceListener::Closing::kFinished, offset_);
}

}  // namespace hctail
