// SPDX-License-Identifier: Apache-2.0
// Keeps what would have been printed.
#pragma once

#include <mutex>
#include <string>

#include "base/log.h"

namespace hctail::testing {

class RecordingLog final : public Log {
 public:
  void Write(Level level, const Error& error) override {
    const std::lock_guard lock(mutex_);
    text_ += FormatLogMessage(level, error);
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace hctail::testing
