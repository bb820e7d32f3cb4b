// SPDX-License-Identifier: Apache-2.0
// What is sent as one thing: a command with all that it wrote, or output that belongs to none.
//
// Reused for one after the other; bounded in memory.  Serves one thread.  Tested by reader_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "parsers/transcript/command_text.h"
#include "parsers/transcript/element.h"
#include "parsers/transcript/errors.h"
#include "parsers/transcript/mask.h"
#include "parsers/transcript/session.h"

namespace hctail::transcript {

// "E:\path>", the first line of a prompt whose second is "PS>".
struct FolderLine {
  std::string folder = {};
  uint64_t begin = 0;
};

class Unit {
 public:
  enum class Kind : uint8_t {
    kNone,
    kSession,       // output outside of commands
    kTyped,         // a command at a prompt
    kPipeline,      // a pipeline that a program ran: it begins with CommandInvocation
    kContinuation,  // more output of what was sent
  };

  // `major_version` of PowerShell: what may be an error depends on it.
  void Begin(Kind begun_kind, uint64_t begun_entry, int major_version, size_t output_max);
  // The first line of a typed command.
  void BeginText(std::string_view line);
  // Takes `line` if it is another line of the command's text.
  bool AddText(std::string_view line);
  // A line that looks like a prompt is text all the same; but no here-string goes on for ever.
  bool in_here_string() const { return in_text_ && here_lines_ > 0 && here_lines_ < kMaxHereLines; }
  // Takes an element; `mask` for the values of parameters.
  void AddElement(const Element& element, const Mask& mask);
  void AddOutput(std::string_view line, uint64_t begin = 0);
  // If the last line was "E:\path>" and nothing else, takes it out again, and those like it before
  // that: where Enter alone was pressed.
  std::optional<FolderLine> TakeFolderLine();
  // Nothing more comes.
  void Finish();

  bool active() const { return kind != Kind::kNone; }
  bool is_command() const { return kind == Kind::kTyped || kind == Kind::kPipeline; }
  // Sent as a span, not as a span event: it has a time of its own, or other spans below.
  bool is_span() const { return is_command() && (header_time || nested); }
  // There is something in it, besides blank lines and the note that the transcript was started.
  bool has_content() const { return lines > 0 || errors.count() > 0 || !errors.caught().empty(); }

  static constexpr size_t kMaxHereLines = 500;

  Kind kind = Kind::kNone;
  uint64_t entry = 0;  // where its first line begins
  uint64_t index = 0;  // its number in the session
  std::string text;
  bool text_cut = false;
  std::string prompt;
  std::string folder;
  std::string parent_id;                 // of the span around it, if that is not the session's
  std::optional<Timestamp> header_time;  // when it began, of an invocation header
  Timestamp read_time;                   // when its first line was read
  std::optional<bool> status;            // $global:?
  std::optional<Timestamp> status_time;  // and when that was asked
  bool nested = false;                   // a runspace began inside
  bool goes_on = false;                  // it is sent, but may write more
  Sent sent;                             // kContinuation: what this is more of

  std::string output;
  uint64_t lines = 0;
  bool output_cut = false;
  uint64_t warnings = 0;
  uint64_t verbose = 0;
  uint64_t debug = 0;

  std::string pipeline;  // "Get-Item | Select-Object"
  std::string params;    // JSON, without its brackets
  bool params_cut = false;
  std::vector<Element> invocations;
  ErrorFinder errors;

 private:
  void AppendText(std::string_view line);

  int major_ = 7;
  size_t output_max_ = 0;
  bool in_text_ = false;        // no output has come
  CommandText command_text_;    // of a typed command
  std::string last_text_line_;  // of it
  size_t text_lines_ = 0;
  size_t here_lines_ = 0;  // since a here-string began that is open
  bool prompted_ = false;  // its second line, and so those after that, have ">>" before them
  uint64_t blank_ = 0;     // blank lines since the last other one
  bool first_line_ = true;
  FolderLine folder_line_;  // the last line, if that is one
  struct Size {
    size_t output = 0;
    uint64_t lines = 0;
  };
  std::optional<Size> before_folder_;  // what there was before it
};

// The word that a command begins with, without quotes and call operators: "Get-Item".
std::string_view FirstWord(std::string_view command);

}  // namespace hctail::transcript
