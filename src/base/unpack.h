// SPDX-License-Identifier: Apache-2.0
// Unpacks gzip (RFC 1952), zstd (RFC 8878), bzip2 and xz, a piece at a time, of files that may hold
// several packed members one after the other.
//
// Between members and after the last one NUL bytes are skipped (padding, or blocks that a crash
// left empty).  Any other bytes there that begin no member are damage for zstd and xz, as for their
// tools, and are ignored for gzip and bzip2, as gzip(1) and bzip2(1) do; ignored() counts them.
//
// Memory is bounded: a zstd window or an xz dictionary of more than 128 MiB is refused.  The one
// file that knows bzip2 and xz; zlib and zstd are for packing also in ship/compress.cc.
//
// Not thread-safe.  Tested by unpack_test.cc, decompressed_file_test.cc and unpack_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace hctail {

enum class Packing : uint8_t { kGzip, kZstd, kBzip2, kXz };

// As many first bytes are enough to recognise any packing.
inline constexpr size_t kPackingBytes = 10;

// By the first bytes of a file, never by its name.
std::optional<Packing> PackingOf(std::string_view first_bytes);
// `first_bytes` are all there are so far, and too few to tell: they begin like a packed file.
bool MayBecomePacked(std::string_view first_bytes);
// "gzip", "zstd", "bzip2", "xz".
std::string_view NameOf(Packing packing);

class Unpacker {
 public:
  // Damage is final.  kTooMuchMemory: undamaged, but unpacking it needs more memory than is
  // allowed.
  enum class Fault : uint8_t { kNone, kDamaged, kTooMuchMemory };
  struct Step {
    size_t taken = 0;  // of the packed bytes
    size_t given = 0;  // to `out`
  };

  explicit Unpacker(Packing packing);
  ~Unpacker();
  Unpacker(Unpacker&&) noexcept;
  Unpacker& operator=(Unpacker&&) noexcept;

  // Unpacks into `out`.  If `given` is less than `room` and there is no fault, all of `packed` was
  // used, except for at most kPackingBytes - 1 bytes, which must be given again with more after
  // them.
  Step Unpack(std::string_view packed, char* out, size_t room);

  Fault fault() const { return fault_; }
  // What is wrong, for people; empty without a fault.
  std::string_view why() const { return why_; }
  // What was taken is whole members: the file may end here.
  bool between() const { return between_; }
  // Bytes after the last member that are none.
  uint64_t ignored() const { return ignored_; }

  class Codec;  // one of the libraries

 private:
  bool SkipToMember(std::string_view packed, Step* step);

  Packing packing_;
  std::unique_ptr<Codec> codec_;
  Fault fault_ = Fault::kNone;
  bool between_ = true;
  bool begun_ = false;    // a member was seen
  bool pending_ = false;  // the library may hold more than there was room for
  uint64_t ignored_ = 0;
  std::string_view why_;
};

}  // namespace hctail
