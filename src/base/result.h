// SPDX-License-Identifier: Apache-2.0
// Errors as values.  A function that can fail because of the world or its input
// returns Result<T>; nobody in hctail throws.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace hctail {

// What a person is told.  `message` is one line without a final period: what failed,
// which value, where it came from.  `hint`, if any, says what to do next and may have
// several lines; it is printed indented under the message.
struct Error {
  std::string message;
  std::string hint = {};
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

[[nodiscard]] inline std::unexpected<Error> Fail(std::string message, std::string hint = {}) {
  return std::unexpected(Error{std::move(message), std::move(hint)});
}

}  // namespace hctail
