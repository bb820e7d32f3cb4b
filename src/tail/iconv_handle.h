// SPDX-License-Identifier: Apache-2.0
// Owner of an iconv(3) conversion to UTF-8.
//
// Keeps the conversion's state between calls: not thread-safe.
#pragma once

#include <iconv.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hctail {

class IconvHandle {
 public:
  struct Step {
    size_t taken = 0;
    size_t written = 0;
    int error = 0;  // E2BIG: no room; EILSEQ: malformed; EINVAL: ends inside a character
  };

  explicit IconvHandle(const std::string& charset)
      : handle_(::iconv_open("UTF-8", charset.c_str())) {
    if (std::bit_cast<intptr_t>(handle_) == -1) handle_ = nullptr;
  }
  IconvHandle(IconvHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  IconvHandle& operator=(IconvHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~IconvHandle() {
    if (ok()) ::iconv_close(handle_);
  }

  // The charset is known.
  bool ok() const { return handle_ != nullptr; }
  // Forgets the shift state.
  void Reset() { ::iconv(handle_, nullptr, nullptr, nullptr, nullptr); }
  Step Convert(std::string_view text, char* out, size_t room) {
    char* from = const_cast<char*>(text.data());  // which it does not write to
    return Run(&from, text.size(), out, room);
  }
  // Writes what was held back because it might have combined with what follows.
  Step Flush(char* out, size_t room) { return Run(nullptr, 0, out, room); }

 private:
  Step Run(char** from, size_t size, char* out, size_t room) {
    size_t left = size;
    size_t room_left = room;
    const size_t result = ::iconv(handle_, from, &left, &out, &room_left);
    return {.taken = size - left,
            .written = room - room_left,
            .error = result == static_cast<size_t>(-1) ? errno : 0};
  }

  iconv_t handle_;
};

}  // namespace hctail
