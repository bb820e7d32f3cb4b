// SPDX-License-Identifier: Apache-2.0
// The unpacked bytes of a packed file (base/unpack.h), as an OpenFile: offsets are those of the
// unpacked stream, so that a position in x.log.1 is the same in x.log.1.gz.
//
// Made for reading forwards: the decoder stays where the last read ended, and bytes that are jumped
// over are unpacked and dropped.  The first kHead bytes and the last `history` ones before the
// decoder are kept, so that looking back at them (identity checks, an unfinished line) costs
// nothing.  Other looks back are served by a second decoder that begins at 0 again, then stays too:
// looks back at growing offsets cost together what unpacking the file once more costs.
//
// ReadAt tells what is there:
//   > 0       bytes; after a short read the next call tells why it was short
//   0         the end: the packed file ends with a whole member; it may grow
//   EAGAIN    the packed file ends in the middle of a member: it is being written, or was cut
//   EBADMSG   damaged; what could be unpacked before it was given out.  Final
//   EFBIG     unpacking it needs too much memory.  Final
//   others    from the packed file; nothing is lost, call again
// After 0 and EAGAIN reading goes on if the packed file has grown.
//
// Stat tells device, inode, time and type of the packed file, and as size
//   kSizeUnknown           while nobody knows: the end was not reached yet, or the file has grown
//                          since.  It is more than any offset, so nothing looks truncated
//   the unpacked size      once ReadAt has told 0, EAGAIN, EBADMSG or EFBIG: as far as one can read
//   0                      when the packed file is found to be another: it is shorter than what was
//                          read of it, or has changed and begins with other bytes.  All was
//                          forgotten, and reading is again from the beginning of what is there now
// So it is less than what was given out only for a file that was truncated or rewritten.
//
// Memory: 64 KiB + kHead + history + the library's own (gzip 40 KiB, bzip2 4 MiB, xz up to 128 MiB
// but 9 MiB for files of xz -6, zstd its window, 8 MiB for files of zstd -19, at most 128 MiB),
// twice after a far look back.  Not thread-safe.  Tested by decompressed_file_test.cc and
// unpack_fuzz.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unpack.h"
#include "tail/file_system.h"

namespace hctail {

class DecompressedFile final : public OpenFile {
 public:
  static constexpr uint64_t kSizeUnknown = std::numeric_limits<int64_t>::max();
  static constexpr size_t kHead = 1024;
  static constexpr size_t kHistory = 64 * 1024;

  // How the packed file ends, as far as it was read.
  enum class Ending : uint8_t {
    kNotReached,
    kWhole,          // ReadAt tells 0
    kInMiddle,       // EAGAIN
    kDamaged,        // EBADMSG
    kTooMuchMemory,  // EFBIG
  };

  // `packed` is of the kind `packing`.  `history`: see above; the longest line, if many are longer
  // than kHistory.
  DecompressedFile(std::unique_ptr<OpenFile> packed, Packing packing, size_t history = kHistory);
  ~DecompressedFile() override;

  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override;
  std::expected<FileStat, int> Stat() override;
  int descriptor() const override { return packed_->descriptor(); }
  void SetNeed(Need need) override { packed_->SetNeed(need); }
  void SetPath(const std::string& path) override { packed_->SetPath(path); }

  Packing packing() const { return packing_; }
  // As the last ReadAt at the front found it.
  Ending ending() const;
  // The unpacked size, once the end was reached, whatever it is like.
  std::optional<uint64_t> known_size() const;
  // What is wrong with the file, for people: "gzip data is damaged at byte 1234 of the packed file:
  // incorrect data check"; also for kInMiddle.  Empty if nothing is.
  std::string Why() const;
  // Bytes after the last member that are none of the packed data, and are ignored, as gzip(1) does.
  uint64_t ignored_bytes() const;

 private:
  class Cursor;

  std::expected<size_t, int> ReadOnward(char* out, size_t size);
  std::expected<size_t, int> ReadBehind(uint64_t offset, char* out, size_t size);
  void Remember(const char* bytes, size_t size);
  size_t FromMemory(uint64_t offset, char* out, size_t size) const;
  bool IsAnother(const FileStat& stat);

  const std::unique_ptr<OpenFile> packed_;
  const Packing packing_;
  const size_t history_;
  std::unique_ptr<Cursor> front_;
  std::unique_ptr<Cursor> rear_;     // for far looks back; made when first needed
  std::string head_;                 // the first bytes, at most kHead
  std::unique_ptr<char[]> ring_;     // unpacked byte i is at i % history_
  std::optional<int64_t> modified_;  // of the packed file, when that was looked at
};

}  // namespace hctail
