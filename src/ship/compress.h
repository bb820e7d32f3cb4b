// SPDX-License-Identifier: Apache-2.0
// Packs request bodies with zstd (RFC 8878) or gzip (RFC 1952), and unpacks them again when the
// sender has to cut one.  With base/unpack.cc, which is for files, the one that
// knows zstd and zlib.
//
// A Compressor keeps its context and its scratch, so packing allocates only the result.  One per
// worker, one for the sender; not thread-safe.  Tested by compress_test.cc.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ship/batch.h"

namespace hctail {

struct CompressionSetting {
  Compression compression = Compression::kZstd;
  int level = 1;  // zstd 1..19, gzip 1..9; without meaning for kNone

  friend bool operator==(const CompressionSetting&, const CompressionSetting&) = default;
};

// What --compression takes: "zstd", "gzip" or "none", the first two with ":LEVEL" if wanted.
Result<CompressionSetting> ParseCompression(std::string_view text);

// The Content-Encoding that names it; empty for kNone.
std::string_view ContentEncoding(Compression compression);

class Compressor {
 public:
  explicit Compressor(CompressionSetting setting);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  Compression compression() const { return setting_.compression; }
  // `body` as it goes over the wire.
  std::string Pack(std::string_view body);

 private:
  struct Contexts;

  CompressionSetting setting_;
  std::unique_ptr<Contexts> contexts_;
};

// The body that was packed.  Error if `packed` is damaged, cut, followed by other bytes or holds
// more than `limit` bytes.
Result<std::string> Unpack(Compression compression, std::string_view packed, size_t limit);

}  // namespace hctail
