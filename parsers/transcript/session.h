// SPDX-License-Identifier: Apache-2.0
// A session as far as it was read: what its header said, its ids, and what was counted.
//
// This is what a restart has to know, so it is small and can be written down: Save and Restore.
// Tested by trace_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "parsers/transcript/header.h"

namespace hctail::transcript {

// Where lines of output go until the next prompt, though what they belong to was sent.
struct Sent {
  bool active = false;
  uint64_t entry = 0;    // where the command's line begins; unused for the session's own output
  bool command = false;  // a command; else the session
  bool typed = false;    // and that was typed, not a pipeline
  bool span = false;     // and was sent as a span
  bool nested = false;   // a runspace began inside
  std::string prompt = {};
  bool here = false;  // the command's text ended within a here-string

  friend bool operator==(const Sent&, const Sent&) = default;
};

struct Session {
  enum class Phase : uint8_t {
    kNone,    // no session yet
    kOpen,    // its header, or in a file that begins in the middle, a prompt was seen
    kClosed,  // its footer was seen
  };
  Phase phase = Phase::kNone;
  std::shared_ptr<const Header> header = std::make_shared<Header>();  // never null
  uint64_t header_offset = 0;
  bool partial = false;    // reading did not begin at its header
  bool root_sent = false;  // the session's own event was sent
  bool any_sent = false;   // any event of it was, so its ids stay as they are
  std::optional<Timestamp> start;
  std::optional<Timestamp> last;  // the latest time known to be in it
  std::string id;                 // of its own; all ids of spans are made with it
  std::string trace_id;           // the same, or that of a wider trace
  std::string span_id;
  std::string parent_id;  // of a wider trace; or empty

  uint64_t commands = 0;
  uint64_t errors = 0;
  uint64_t terminating = 0;
  uint64_t caught = 0;
  uint64_t warnings = 0;
  uint64_t verbose = 0;
  uint64_t debug = 0;
  uint64_t nested = 0;

  uint64_t invocations = 0;  // commands in a row that had a time of their own
  std::string learned_prompt;
  Sent sent;
  // Read before the Complete, but of the command behind it.
  struct Next {
    bool timed = false;             // the time at which it began was seen
    std::optional<Timestamp> time;  // which is this
    std::optional<std::string> bare_prompt;
  };
  Next next;
  bool after_separator = false;  // the line before is the S that ends a block

  bool open() const { return phase == Phase::kOpen; }
  int major_version() const;
  void See(std::optional<Timestamp> time) {
    if (time && (!last || *last < *time)) last = time;
  }
};

std::string Save(const Session& session);
// A session like the one saved; a new one if `state` is damaged.
Session Restore(std::string_view state);

}  // namespace hctail::transcript
