// SPDX-License-Identifier: Apache-2.0
// Finds the errors in what a command wrote, each of them once.
//
// PowerShell writes every error it shows twice or three times, often wrapped at another width
// (PowerShell/PowerShell#4645), so texts are compared without their white space.  They stand one
// after the other: the same error behind other output happened again, in a loop perhaps.  With an
// excerpt 7 may call the copy otherwise, Write-Error the one and the function around it the other;
// if the first name comes once more, the error happened again.  Shapes:
//
//   5.1  Name : message          7   Name: message
//        At line:1 char:1                or  Name:
//        + code                              Line |
//        + ~~~~                                12 |  code
//            + CategoryInfo  : ...              |  ~~~~
//            + FullyQualifiedErrorId : ...      | message
//
// The short form of 7 is also how much other output looks.  It counts if the name is that of a
// cmdlet or of an error category, if the message names it in quotes (an unknown command), or if it
// is repeated at once and the name is the command's, an exception's or a script's.
//
// A TerminatingError that is not shown was caught: evidence of an exception, not of failure.  It
// too happened again if it comes once more behind other output.
//
// Serves one thread; memory is bounded.  Tested by errors_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "parsers/transcript/element.h"
#include "parsers/transcript/error_shapes.h"

namespace hctail::transcript {

struct ErrorRecord {
  std::string name = {};       // what failed: a cmdlet, a script, an unknown command
  std::string message = {};    // on one line
  std::string category = {};   // "ObjectNotFound"
  std::string exception = {};  // "CommandNotFoundException"
  std::string id = {};         // FullyQualifiedErrorId
  bool terminating = false;
  std::string place = {};     // "C:\job\step.ps1:3", above an excerpt
  bool renamed = false;       // it was shown under another name too
  std::string squeezed = {};  // the message without white space
  std::string whole = {};     // the same with the name before it
};

class ErrorFinder {
 public:
  // `command`: the first word of it.  Versions before 6 have no short form.
  void Begin(std::string_view command, int major_version);
  void AddOutput(std::string_view line);
  void AddElement(const Element& element);
  void Finish();

  // After Finish.  At most kMaxRecords; count() goes on.
  const std::vector<ErrorRecord>& records() const { return records_; }
  size_t count() const { return count_; }
  size_t terminating() const { return terminating_; }
  // Exceptions that were not shown.  At most kMaxRecords; caught_count() goes on.
  const std::vector<ErrorRecord>& caught() const { return caught_; }
  size_t caught_count() const { return caught_count_; }

  static constexpr size_t kMaxRecords = 100;

 private:
  struct Raised {  // an element
    std::string cmdlet;
    std::string text;
    std::string squeezed;
    bool terminating = false;
    bool shown = false;
    bool again = false;       // it came before, too
    size_t first_record = 0;  // no record before this shows it
    uint64_t others = 0;      // what others_ was when it came

    bool Tells(std::string_view message) const;  // which is squeezed
  };
  enum class Reading { kOutput, kCategory, kId, kExcerpt };

  void Keep(std::string_view line);
  bool IsOfKnownError(std::string_view line) const;
  void Unkeep(size_t lines);
  std::string_view Kept(size_t back) const;  // 1 is the last line
  bool ReadNormal(std::string_view line);
  void TakeMessage(size_t back);
  void EndNormal();
  void BeginExcerpt(std::string_view name, std::string_view place);
  bool ReadExcerpt(std::string_view line);
  void SettleHead(std::string_view next);
  void LookForHead(std::string_view line);
  void AddHead();
  void LookForMessage(std::string_view line);
  void EndOpen();
  void Settle(const Raised& raised);
  void Add(ErrorRecord record);
  ErrorRecord* Find(const ErrorRecord& like);

  std::string command_;
  int major_ = 7;
  std::vector<ErrorRecord> records_;
  std::unordered_set<uint64_t> beyond_;  // hashes of those for which there was no room
  std::vector<Raised> raised_;
  std::vector<std::string> quiet_;  // cmdlets told to keep their errors to themselves
  size_t count_ = 0;
  size_t terminating_ = 0;
  std::vector<ErrorRecord> caught_;
  size_t caught_count_ = 0;

  // The last lines, for a message that stands before what gives it away.
  static constexpr size_t kLines = 16;
  std::array<std::string, kLines> lines_;
  size_t next_line_ = 0;
  size_t fresh_ = 0;                       // how many of them belong to no error yet
  std::array<bool, kLines> foreign_ = {};  // which are of no error that was found
  size_t between_ = 0;                     // how many such lines came since the last error
  uint64_t others_ = 0;                    // such lines, and errors of which no element tells
  uint64_t last_raised_ = 0;               // what that was when the last element came

  Reading reading_ = Reading::kOutput;
  ErrorRecord open_;       // the one being read
  std::string category_;   // its CategoryInfo
  size_t width_ = 0;       // of the line before, in kCategory and kId
  Head head_;              // a line that may be an error's first
  std::string head_tail_;  // and those after it
  size_t head_lines_ = 0;
  bool head_added_ = false;
  std::optional<size_t> copy_lines_;  // it shows an error once more, whose message goes on so far
};

}  // namespace hctail::transcript
