// SPDX-License-Identifier: Apache-2.0
// Says whether a command goes on after a line of it, as PowerShell's own reader would: a bracket,
// string, here-string or comment is open, or the line ends with a backtick, '|', ',', '&&' or '='.
//
// Serves one thread.  Tested by lines_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hctail::transcript {

class CommandText {
 public:
  void Begin() { *this = CommandText(); }
  // The next line of the command.
  void Add(std::string_view line);
  bool open() const { return depth_ > 0 || state_ != State::kCode || joined_; }
  bool in_here_string() const {
    return state_ == State::kHereSingle || state_ == State::kHereDouble;
  }

  // `line` goes on with a command whose last line was `last`, though that was complete: "else {"
  // after "}".
  static bool GoesOn(std::string_view last, std::string_view line);

 private:
  enum class State : uint8_t {
    kCode,
    kSingle,      // '...'
    kDouble,      // "..."
    kHereSingle,  // @' to '@ at the start of a line
    kHereDouble,
    kComment,  // <# to #>
  };

  size_t InCode(std::string_view line, size_t at);
  size_t InString(std::string_view line, size_t at);
  size_t InComment(std::string_view line, size_t at);
  bool EndsHereString(std::string_view line, size_t* at);

  State state_ = State::kCode;
  int depth_ = 0;        // open brackets
  bool joined_ = false;  // the last line ends with something that wants another
};

}  // namespace hctail::transcript
