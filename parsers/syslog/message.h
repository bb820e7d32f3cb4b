// SPDX-License-Identifier: Apache-2.0
// The parts of one syslog message, as slices of it.
#pragma once

#include <optional>
#include <string_view>

namespace hctail::syslog {

// A text that is not there has a null data().
struct Message {
  int priority = -1;  // 0 to 999; -1: none
  int version = -1;   // of RFC 5424; -1: it is RFC 3164
  int severity = -1;  // named in place of the host
  std::string_view time;
  bool iso_time = false;
  std::string_view hostname;
  std::string_view process;
  std::string_view proc_id;
  std::string_view msg_id;
  std::string_view structured_data;
  std::string_view text;
};

// What is wrong, a literal; empty if nothing is.
std::string_view Read3164(std::string_view record, Message* message);
std::string_view Read5424(std::string_view record, Message* message);

// "WARN": 4; -1 if it is no severity in capitals.
int SeverityCalled(std::string_view word);

// True if `record` begins as RFC 5424 has it: <PRI>, a version, a time or '-'.
bool Begins5424(std::string_view record);
// True if it begins with a time, perhaps after a priority.
bool BeginsMessage(std::string_view record);

// One element of structured data, taken off its front: [id name="value" ...].
struct Parameter {
  std::string_view id;
  std::string_view name;
  std::string_view value;  // with its escapes
};
class StructuredData {
 public:
  explicit StructuredData(std::string_view text) : text_(text) {}
  // The next parameter; false at the end, or where it is broken.
  bool Next(Parameter* parameter);
  // After Next was false: nothing was broken.
  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
  std::string_view id_;
};

}  // namespace hctail::syslog
