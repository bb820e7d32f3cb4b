// SPDX-License-Identifier: Apache-2.0
// The sink that writes events for people and pipes: bodies go to a descriptor, in the order of
// the input (the sequence of the batches), and settle as soon as they are written.
//
// When the reader of the pipe has gone (EPIPE; SIGPIPE must be ignored), Step returns an Error
// with an empty message: stop quietly, as `hctail | head` should.  Other write errors say
// "cannot write to stdout: REASON".  After an error nothing more is written.
//
// Batches whose dead letters cannot be written wait, and those behind them too; it is said once
// and tried again each second.
//
// Driven by one thread; Wake may be called from any.  Tested by stdout_sink_test.cc.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "base/wakeup.h"
#include "ship/dead_letter.h"
#include "ship/sink.h"

namespace hctail {

class StdoutSink final : public Sink {
 public:
  // `fd` is not closed.  All must outlive the sink.
  StdoutSink(int fd, const Clock& clock, DeadLetterFile& dead_letters, SettleListener& listener,
             Log& log);

  void Add(std::unique_ptr<Batch> batch) override;
  Status Step(Duration max_wait) override;
  Status Sync() override { return dead_letters_.Sync(); }
  void Wake() override { wakeup_.Notify(); }
  size_t unsettled() const override { return unsettled_; }

 private:
  std::unique_ptr<Batch>* Next();
  Status Write(std::string_view body);
  bool WriteDeadLetters(const Batch& batch);
  void Settle(const Batch& batch);

  const int fd_;
  const bool regular_file_;  // writes to it never wait for a reader
  const Clock& clock_;
  DeadLetterFile& dead_letters_;
  SettleListener& listener_;
  Log& log_;
  Wakeup wakeup_;
  size_t unsettled_ = 0;
  std::map<uint64_t, std::vector<std::unique_ptr<Batch>>> waiting_;  // by sequence
  uint64_t sequence_ = 0;                                            // whose turn it is
  uint32_t part_ = 0;                                                // and its part
  size_t written_ = 0;                                               // bytes of its body
  bool dead_letters_fail_ = false;
  Instant retry_ = {};  // of the dead letters, while they fail
};

}  // namespace hctail
