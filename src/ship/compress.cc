// SPDX-License-Identifier: Apache-2.0
#include "ship/compress.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <charconv>
#include <utility>

#include "base/check.h"

namespace hctail {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for a gzip header
constexpr int kZstdMostLevel = 19;    // beyond it a context takes hundreds of megabytes

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

// zlib takes non-const input but does not write to it.
Bytef* ZlibInput(std::string_view text) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}
Bytef* ZlibOutput(char* at) { return reinterpret_cast<Bytef*>(at); }

Result<std::string> UnpackZstd(std::string_view packed, size_t limit) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return Fail("cannot unpack zstd body: no frame with a content size");
  }
  if (size > limit) return Fail(fmt::format("cannot unpack zstd body: over {} bytes", limit));
  std::string body(size, '\0');
  const size_t result = ZSTD_decompress(body.data(), body.size(), packed.data(), packed.size());
  if (ZSTD_isError(result) != 0) {
    return Fail(fmt::format("cannot unpack zstd body: {}", ZSTD_getErrorName(result)));
  }
  if (result != size) return Fail("cannot unpack zstd body: wrong content size");
  return body;
}

Result<std::string> UnpackGzip(std::string_view packed, size_t limit) {
  z_stream stream{};
  HC_CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
  stream.next_in = ZlibInput(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string body;
  int result = Z_OK;
  while (result == Z_OK && body.size() <= limit) {
    const size_t before = body.size();
    body.resize(before + 65536);
    stream.next_out = ZlibOutput(body.data() + before);
    stream.avail_out = 65536;
    result = inflate(&stream, Z_NO_FLUSH);
    body.resize(body.size() - stream.avail_out);
  }
  const bool trailing = stream.avail_in != 0;
  inflateEnd(&stream);
  if (body.size() > limit) {
    return Fail(fmt::format("cannot unpack gzip body: over {} bytes", limit));
  }
  if (result != Z_STREAM_END) return Fail("cannot unpack gzip body: damaged or cut");
  if (trailing) return Fail("cannot unpack gzip body: bytes after its end");
  return body;
}

}  // namespace

Result<CompressionSetting> ParseCompression(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  CompressionSetting setting;
  int most = kZstdMostLevel;
  if (name == "gzip") {
    setting.compression = Compression::kGzip;
    most = 9;
  } else if (name == "none") {
    setting.compression = Compression::kNone;
  } else if (name != "zstd") {
    return Fail(fmt::format("unknown compression '{}'", text),
                "Known are zstd, gzip and none; zstd:3 and gzip:6 choose a level.");
  }
  if (colon == std::string_view::npos) return setting;
  if (setting.compression == Compression::kNone) {
    return Fail(fmt::format("invalid compression '{}': none has no level", text));
  }
  const std::string_view level = text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(level.data(), level.data() + level.size(), setting.level);
  if (error != std::errc() || end != level.data() + level.size() || setting.level < 1 ||
      setting.level > most) {
    return Fail(fmt::format("invalid compression '{}': the level of {} is a number from 1 to {}",
                            text, name, most));
  }
  return setting;
}

std::string_view ContentEncoding(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return {};
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return {};
}

struct Compressor::Contexts {
  std::unique_ptr<ZSTD_CCtx, Freer<ZSTD_freeCCtx>> zstd;
  z_stream gzip_stream{};  // zlib remembers its address
  std::unique_ptr<z_stream, Freer<deflateEnd>> gzip;
  std::string scratch;  // only grows; packed bytes land here first, since their number is unknown
};

Compressor::Compressor(CompressionSetting setting)
    : setting_(setting), contexts_(std::make_unique<Contexts>()) {
  if (setting.compression == Compression::kZstd) {
    contexts_->zstd.reset(ZSTD_createCCtx());
    HC_CHECK(contexts_->zstd != nullptr);
    ZSTD_CCtx_setParameter(contexts_->zstd.get(), ZSTD_c_compressionLevel, setting.level);
  } else if (setting.compression == Compression::kGzip) {
    HC_CHECK(deflateInit2(&contexts_->gzip_stream, setting.level, Z_DEFLATED, kGzipWindow, 8,
                          Z_DEFAULT_STRATEGY) == Z_OK);
    contexts_->gzip.reset(&contexts_->gzip_stream);
  }
}

Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

std::string Compressor::Pack(std::string_view body) {
  std::string& scratch = contexts_->scratch;
  if (ZSTD_CCtx* const zstd = contexts_->zstd.get()) {
    const size_t bound = ZSTD_compressBound(body.size());
    if (scratch.size() < bound) scratch.resize(bound);
    // Knowing the whole body, zstd makes its tables only as big as that needs.
    const size_t size =
        ZSTD_compress2(zstd, scratch.data(), scratch.size(), body.data(), body.size());
    HC_CHECK(ZSTD_isError(size) == 0);
    return scratch.substr(0, size);
  }
  if (z_stream* const gzip = contexts_->gzip.get()) {
    HC_CHECK(deflateReset(gzip) == Z_OK);
    const size_t bound = deflateBound(gzip, static_cast<uLong>(body.size()));
    if (scratch.size() < bound) scratch.resize(bound);
    gzip->next_in = ZlibInput(body);
    gzip->avail_in = static_cast<uInt>(body.size());
    gzip->next_out = ZlibOutput(scratch.data());
    gzip->avail_out = static_cast<uInt>(scratch.size());
    HC_CHECK(deflate(gzip, Z_FINISH) == Z_STREAM_END);
    return scratch.substr(0, gzip->total_out);
  }
  return std::string(body);
}

Result<std::string> Unpack(Compression compression, std::string_view packed, size_t limit) {
  if (compression == Compression::kZstd) return UnpackZstd(packed, limit);
  if (compression == Compression::kGzip) return UnpackGzip(packed, limit);
  if (packed.size() > limit) return Fail(fmt::format("body over {} bytes", limit));
  return std::string(packed);
}

}  // namespace hctail
