// SPDX-License-Identifier: Apache-2.0
// Any text as a config file: what it sets, or an error that says in which line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto values = hctail::ParseConfigFile("c", text);
  const auto again = hctail::ParseConfigFile("c", text);
  if (values.has_value() != again.has_value()) std::abort();
  if (values) return 0;
  const std::string& message = values.error().message;
  if (message != again.error().message) std::abort();
  // "c:LINE: what is wrong", of a line that there is.
  if (!message.starts_with("c:")) std::abort();
  const long line = std::strtol(message.c_str() + 2, nullptr, 10);
  if (line < 1 || line > std::ranges::count(text, '\n') + 1) std::abort();
  return 0;
}
