// SPDX-License-Identifier: Apache-2.0
#include "base/unpack.h"

#include <bzlib.h>
#include <lzma.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>

#define ZLIB_CONST
#include <zlib.h>

#include "base/check.h"

namespace hctail {
namespace {

constexpr int kGzipOnly = 15 + 16;        // zlib's way to ask for a gzip header
constexpr int kMostWindowLog = 27;        // 128 MiB, which is what zstd(1) allows by default
constexpr uint64_t kMostXz = 130u << 20;  // a dictionary of 128 MiB, and the rest
constexpr Packing kPackings[] = {Packing::kGzip, Packing::kZstd, Packing::kBzip2, Packing::kXz};

enum class Match : uint8_t { kNo, kMaybe, kYes };

Match MatchPrefix(std::string_view bytes, std::string_view magic) {
  const size_t size = std::min(bytes.size(), magic.size());
  if (bytes.substr(0, size) != magic.substr(0, size)) return Match::kNo;
  return size == magic.size() ? Match::kYes : Match::kMaybe;
}

Match MatchZstd(std::string_view bytes) {
  using namespace std::string_view_literals;
  const Match frame = MatchPrefix(bytes, "\x28\xB5\x2F\xFD"sv);
  if (frame != Match::kNo || bytes.empty()) return frame;
  // A skippable frame, 0x184D2A50 to 0x184D2A5F: programs that pack in parallel begin with one.
  if ((static_cast<unsigned char>(bytes[0]) & 0xF0) != 0x50) return Match::kNo;
  return MatchPrefix(bytes.substr(1), "\x2A\x4D\x18"sv);
}

// "BZh9" alone could begin a log; the magic of the first block, or of none, could not.
Match MatchBzip2(std::string_view bytes) {
  using namespace std::string_view_literals;
  const Match head = MatchPrefix(bytes, "BZh"sv);
  if (head != Match::kYes || bytes.size() == 3) return head == Match::kNo ? head : Match::kMaybe;
  if (bytes[3] < '1' || bytes[3] > '9') return Match::kNo;
  return std::max(MatchPrefix(bytes.substr(4), "\x31\x41\x59\x26\x53\x59"sv),
                  MatchPrefix(bytes.substr(4), "\x17\x72\x45\x38\x50\x90"sv));
}

Match MatchMagic(Packing packing, std::string_view bytes) {
  using namespace std::string_view_literals;
  switch (packing) {
    case Packing::kGzip:
      return MatchPrefix(bytes, "\x1F\x8B\x08"sv);
    case Packing::kZstd:
      return MatchZstd(bytes);
    case Packing::kBzip2:
      return MatchBzip2(bytes);
    case Packing::kXz:
      return MatchPrefix(bytes, "\xFD\x37\x7A\x58\x5A\0"sv);
  }
  return Match::kNo;
}

unsigned int AsUint(size_t size) {
  return static_cast<unsigned int>(
      std::min<size_t>(size, std::numeric_limits<unsigned int>::max()));
}

}  // namespace

class Unpacker::Codec {
 public:
  struct Done {
    size_t taken = 0;
    size_t given = 0;
    bool end = false;  // of the member
    Fault fault = Fault::kNone;
    std::string_view why = {};
  };
  virtual ~Codec() = default;
  virtual void Begin() = 0;  // a member
  virtual Done Run(std::string_view packed, char* out, size_t room) = 0;
};

namespace {

using Codec = Unpacker::Codec;
using Fault = Unpacker::Fault;

constexpr std::string_view kNoMemory = "there is too little memory";

class GzipCodec final : public Codec {
 public:
  GzipCodec() { HC_CHECK(inflateInit2(&stream_, kGzipOnly) == Z_OK); }
  ~GzipCodec() override { inflateEnd(&stream_); }

  void Begin() override { HC_CHECK(inflateReset(&stream_) == Z_OK); }

  Done Run(std::string_view packed, char* out, size_t room) override {
    const uInt in_size = AsUint(packed.size());
    const uInt out_size = AsUint(room);
    stream_.next_in = reinterpret_cast<const Bytef*>(packed.data());
    stream_.avail_in = in_size;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = out_size;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    Done done = {.taken = in_size - stream_.avail_in, .given = out_size - stream_.avail_out};
    if (result == Z_STREAM_END) {
      done.end = true;
    } else if (result == Z_MEM_ERROR) {
      done.fault = Fault::kTooMuchMemory;
      done.why = kNoMemory;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      done.fault = Fault::kDamaged;
      done.why = stream_.msg != nullptr ? stream_.msg : "it needs a dictionary";
    }
    return done;
  }

 private:
  z_stream stream_{};
};

class ZstdCodec final : public Codec {
 public:
  ZstdCodec() : context_(ZSTD_createDCtx()) {
    HC_CHECK(context_ != nullptr);
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMostWindowLog);
  }
  ~ZstdCodec() override { ZSTD_freeDCtx(context_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  void Begin() override {}  // it goes on to the next frame by itself

  Done Run(std::string_view packed, char* out, size_t room) override {
    ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
    ZSTD_outBuffer to = {out, room, 0};
    const size_t result = ZSTD_decompressStream(context_, &to, &in);
    Done done = {.taken = in.pos, .given = to.pos, .end = result == 0};
    if (ZSTD_isError(result) == 0) return done;
    switch (ZSTD_getErrorCode(result)) {
      case ZSTD_error_frameParameter_windowTooLarge:
        done.fault = Fault::kTooMuchMemory;
        done.why = "it needs a window of more than 128 MiB";
        break;
      case ZSTD_error_memory_allocation:
        done.fault = Fault::kTooMuchMemory;
        done.why = kNoMemory;
        break;
      default:
        done.fault = Fault::kDamaged;
        done.why = ZSTD_getErrorName(result);
    }
    return done;
  }

 private:
  ZSTD_DCtx* const context_;
};

class Bzip2Codec final : public Codec {
 public:
  ~Bzip2Codec() override { End(); }

  void Begin() override {
    End();
    HC_CHECK(BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK);
    begun_ = true;
  }

  Done Run(std::string_view packed, char* out, size_t room) override {
    const unsigned int in_size = AsUint(packed.size());
    const unsigned int out_size = AsUint(room);
    stream_.next_in = const_cast<char*>(packed.data());  // which it does not write to
    stream_.avail_in = in_size;
    stream_.next_out = out;
    stream_.avail_out = out_size;
    const int result = BZ2_bzDecompress(&stream_);
    Done done = {.taken = in_size - stream_.avail_in, .given = out_size - stream_.avail_out};
    if (result == BZ_STREAM_END) {
      done.end = true;
    } else if (result == BZ_MEM_ERROR) {
      done.fault = Fault::kTooMuchMemory;
      done.why = kNoMemory;
    } else if (result != BZ_OK) {
      done.fault = Fault::kDamaged;
      done.why = "incorrect data check or block";
    }
    return done;
  }

 private:
  void End() {
    if (begun_) BZ2_bzDecompressEnd(&stream_);
    begun_ = false;
  }

  bz_stream stream_{};
  bool begun_ = false;
};

class XzCodec final : public Codec {
 public:
  ~XzCodec() override { lzma_end(&stream_); }

  // Uses again what it has allocated.
  void Begin() override { HC_CHECK(lzma_stream_decoder(&stream_, kMostXz, 0) == LZMA_OK); }

  Done Run(std::string_view packed, char* out, size_t room) override {
    stream_.next_in = reinterpret_cast<const uint8_t*>(packed.data());
    stream_.avail_in = packed.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(out);
    stream_.avail_out = room;
    const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
    Done done = {.taken = packed.size() - stream_.avail_in, .given = room - stream_.avail_out};
    switch (result) {
      case LZMA_STREAM_END:
        done.end = true;
        break;
      case LZMA_OK:
      case LZMA_BUF_ERROR:
        break;
      case LZMA_MEM_ERROR:
      case LZMA_MEMLIMIT_ERROR:
        done.fault = Fault::kTooMuchMemory;
        done.why = result == LZMA_MEM_ERROR ? kNoMemory : "it needs more than 128 MiB of memory";
        break;
      case LZMA_OPTIONS_ERROR:
        done.fault = Fault::kDamaged;
        done.why = "it uses options that are not known";
        break;
      default:
        done.fault = Fault::kDamaged;
        done.why = "incorrect data check or block";
    }
    return done;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

std::unique_ptr<Codec> MakeCodec(Packing packing) {
  switch (packing) {
    case Packing::kGzip:
      return std::make_unique<GzipCodec>();
    case Packing::kZstd:
      return std::make_unique<ZstdCodec>();
    case Packing::kBzip2:
      return std::make_unique<Bzip2Codec>();
    case Packing::kXz:
      return std::make_unique<XzCodec>();
  }
  return nullptr;
}

}  // namespace

std::optional<Packing> PackingOf(std::string_view first_bytes) {
  for (const Packing packing : kPackings) {
    if (MatchMagic(packing, first_bytes) == Match::kYes) return packing;
  }
  return std::nullopt;
}

bool MayBecomePacked(std::string_view first_bytes) {
  return std::ranges::any_of(
      kPackings, [&](Packing p) { return MatchMagic(p, first_bytes) == Match::kMaybe; });
}

std::string_view NameOf(Packing packing) {
  switch (packing) {
    case Packing::kGzip:
      return "gzip";
    case Packing::kZstd:
      return "zstd";
    case Packing::kBzip2:
      return "bzip2";
    case Packing::kXz:
      return "xz";
  }
  return {};
}

Unpacker::Unpacker(Packing packing) : packing_(packing), codec_(MakeCodec(packing)) {}
Unpacker::~Unpacker() = default;
Unpacker::Unpacker(Unpacker&&) noexcept = default;
Unpacker& Unpacker::operator=(Unpacker&&) noexcept = default;

// False if no member begins in the bytes that are here.
bool Unpacker::SkipToMember(std::string_view packed, Step* step) {
  std::string_view rest = packed.substr(step->taken);
  if (ignored_ == 0) rest.remove_prefix(std::min(rest.find_first_not_of('\0'), rest.size()));
  step->taken = packed.size() - rest.size();
  if (rest.empty()) return false;
  const Match match = ignored_ == 0 ? MatchMagic(packing_, rest) : Match::kNo;
  if (match != Match::kNo) return match == Match::kYes;
  if (begun_ && (packing_ == Packing::kGzip || packing_ == Packing::kBzip2)) {
    ignored_ += rest.size();
    step->taken = packed.size();
  } else {
    fault_ = Fault::kDamaged;
    why_ = begun_ ? "something else follows" : "it is something else";
  }
  return false;
}

Unpacker::Step Unpacker::Unpack(std::string_view packed, char* out, size_t room) {
  Step step;
  while (step.given < room && fault_ == Fault::kNone) {
    if (between_) {
      if (!SkipToMember(packed, &step)) break;
      codec_->Begin();
      between_ = false;
      begun_ = true;
    }
    const std::string_view rest = packed.substr(step.taken);
    if (rest.empty() && !pending_) break;
    const Codec::Done done = codec_->Run(rest, out + step.given, room - step.given);
    step.taken += done.taken;
    step.given += done.given;
    fault_ = done.fault;
    why_ = done.why;
    between_ = done.end;
    pending_ = !done.end && step.given == room;
    if (done.taken == 0 && done.given == 0 && !done.end && fault_ == Fault::kNone &&
        !rest.empty()) {
      fault_ = Fault::kDamaged;
      why_ = "it leads nowhere";
    }
  }
  return step;
}

}  // namespace hctail
