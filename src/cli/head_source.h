// SPDX-License-Identifier: Apache-2.0
// The first lines of each file of another source, as if hctail had been stopped behind them: what a
// parser holds back there is not called incomplete.
//
// Stepped by the reading thread.  Tested by head_source_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <unordered_map>

#include "tail/source.h"

namespace hctail {

class HeadSource final : public Source {
 public:
  // At most `lines` of each file; 0: all.
  explicit HeadSource(uint64_t lines) : lines_(lines) {}
  // To be called before all else.  `only_file`: when that has enough lines the source has ended.
  void SetInner(std::unique_ptr<Source> inner, bool only_file) {
    inner_ = std::move(inner);
    only_file_ = only_file;
  }

  // Nothing more of this file is wanted.
  bool Enough(FileKey file) const { return cut_.contains(file); }
  // Files that have more lines; of which some may have ended just there.
  const std::set<FileKey>& cut() const { return cut_; }

  void Look() override { inner_->Look(); }
  void Read(Chunk* chunk) override;
  void Stop(Chunk* chunk) override { inner_->Stop(chunk); }
  bool ready() const override { return !over() && inner_->ready(); }
  bool done() const override { return over() || inner_->done(); }
  int poll_fd() const override { return over() ? -1 : inner_->poll_fd(); }
  std::optional<Instant> next_wake() const override { return inner_->next_wake(); }

 private:
  bool over() const { return only_file_ && !cut_.empty(); }
  bool Count(const Chunk& chunk, size_t counted, Segment* segment);

  const uint64_t lines_;
  std::unique_ptr<Source> inner_;
  bool only_file_ = false;
  std::unordered_map<FileKey, uint64_t> read_;  // lines of each file
  std::set<FileKey> cut_;
};

}  // namespace hctail
