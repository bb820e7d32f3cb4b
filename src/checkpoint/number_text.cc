// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/number_text.h"

#include <fmt/format.h>

namespace hctail {

std::string WithCommas(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string Counted(uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", WithCommas(number), noun, number == 1 ? "" : "s");
}

}  // namespace hctail
