// SPDX-License-Identifier: Apache-2.0
#include "tests/testing/pack.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

namespace hctail::testing {
namespace {

std::string PackGzip(std::string_view text, int level) {
  z_stream stream{};
  HC_CHECK(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  HC_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string PackZstd(std::string_view text, int level, int window_log) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, window_log == 0 ? 1 : 0);
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string packed(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_outBuffer out = {packed.data(), packed.size(), 0};
  // In two steps, so that the size of the content is not known and the window is that asked for.
  HC_CHECK(ZSTD_isError(ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue)) == 0);
  HC_CHECK(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);
  return packed;
}

std::string PackBzip2(std::string_view text, int level) {
  auto size = static_cast<unsigned int>(text.size() + text.size() / 100 + 601);
  std::string packed(size, '\0');
  HC_CHECK(BZ2_bzBuffToBuffCompress(packed.data(), &size, const_cast<char*>(text.data()),
                                    static_cast<unsigned int>(text.size()), level, 0, 0) == BZ_OK);
  packed.resize(size);
  return packed;
}

std::string PackXz(std::string_view text, int level) {
  size_t size = 0;
  std::string packed(lzma_stream_buffer_bound(text.size()), '\0');
  HC_CHECK(lzma_easy_buffer_encode(static_cast<uint32_t>(level), LZMA_CHECK_CRC64, nullptr,
                                   reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                   reinterpret_cast<uint8_t*>(packed.data()), &size,
                                   packed.size()) == LZMA_OK);
  packed.resize(size);
  return packed;
}

}  // namespace

std::string Pack(Packing packing, std::string_view text, int level) {
  switch (packing) {
    case Packing::kGzip:
      return PackGzip(text, level);
    case Packing::kZstd:
      return PackZstd(text, level, 0);
    case Packing::kBzip2:
      return PackBzip2(text, level);
    case Packing::kXz:
      return PackXz(text, level);
  }
  return {};
}

std::string PackZstdWithWindow(std::string_view text, int log) { return PackZstd(text, 1, log); }

std::string SkippableFrame(std::string_view content) {
  std::string frame = "\x5A\x2A\x4D\x18";
  for (int i = 0; i < 4; ++i) frame.push_back(static_cast<char>(content.size() >> 8 * i & 0xFF));
  return frame.append(content);
}

}  // namespace hctail::testing
