// SPDX-License-Identifier: Apache-2.0
// Messages for the person who runs hctail.  Library code never prints: it is given a Log.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hctail {

// Thread-safe.
class Log {
 public:
  enum class Level { kDebug, kInfo, kWarning, kError };

  virtual ~Log() = default;
  // `error.message` is one line; `error.hint` is printed indented below it.  Names of files and the
  // like need no care, but for line ends in a hint: what else a terminal would act upon is escaped.
  virtual void Write(Level level, const Error& error) = 0;

  void Debug(std::string message) { Write(Level::kDebug, {std::move(message)}); }
  void Info(std::string message) { Write(Level::kInfo, {std::move(message)}); }
  void Warn(std::string message, std::string hint = {}) {
    Write(Level::kWarning, {std::move(message), std::move(hint)});
  }
  void Fault(const Error& error) { Write(Level::kError, error); }
};

// "hctail: warning: ..." on stderr; messages below `least` are dropped.
class StderrLog final : public Log {
 public:
  explicit StderrLog(Level least) : least_(least) {}
  void Write(Level level, const Error& error) override;

 private:
  const Level least_;
};

// The text StderrLog prints, with its final newline.
std::string FormatLogMessage(Log::Level level, const Error& error);

}  // namespace hctail
