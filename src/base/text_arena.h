// SPDX-License-Identifier: Apache-2.0
// Memory for text that lives until the next record: views into it stay put until Clear.
//
// Blocks are kept, so that nothing is allocated once they suffice; but what one huge record needed
// is given back with the next Clear.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace hctail {

class TextArena {
 public:
  void Clear() {
    if (blocks_.size() > kKeptBlocks) blocks_.resize(kKeptBlocks);
    block_ = 0;
    used_ = 0;
  }

  // Room for `size` bytes, whose values are undefined.
  char* Allocate(size_t size) {
    while (block_ < blocks_.size() && blocks_[block_].size - used_ < size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const size_t room = std::max(size, kBlockSize);
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(room), room});
    }
    char* const memory = blocks_[block_].memory.get() + used_;
    used_ += size;
    return memory;
  }

  // A copy of `first` and `second`, one after the other.
  std::string_view Join(std::string_view first, std::string_view second = {}) {
    char* const memory = Allocate(first.size() + second.size());
    std::copy(first.begin(), first.end(), memory);
    std::copy(second.begin(), second.end(), memory + first.size());
    return {memory, first.size() + second.size()};
  }

 private:
  static constexpr size_t kBlockSize = 4096;
  static constexpr size_t kKeptBlocks = 16;

  struct Block {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0;  // that in use
  size_t used_ = 0;   // of it
};

}  // namespace hctail
