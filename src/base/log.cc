// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <unistd.h>

#include "base/excerpt.h"

namespace hctail {
namespace {

std::string_view Prefix(Log::Level level) {
  switch (level) {
    case Log::Level::kDebug:
      return "hctail: debug: ";
    case Log::Level::kInfo:
      return "hctail: ";
    case Log::Level::kWarning:
      return "hctail: warning: ";
    case Log::Level::kError:
      return "hctail: error: ";
  }
  return "hctail: ";
}

}  // namespace

std::string FormatLogMessage(Log::Level level, const Error& error) {
  std::string text(Prefix(level));
  text += Printable(error.message);
  text += '\n';
  std::string_view rest = error.hint;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    text += "  ";
    text += Printable(rest.substr(0, end));
    text += '\n';
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return text;
}

void StderrLog::Write(Level level, const Error& error) {
  if (level < least_) return;
  const std::string text = FormatLogMessage(level, error);
  // One write keeps a message whole when several threads speak; a stderr that is gone is no error.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace hctail
