// SPDX-License-Identifier: Apache-2.0
// The command without a subcommand: read, parse and ship.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "cli/check_trial.h"
#include "cli/options.h"
#include "parsers/parser.h"
#include "ship/dead_letter.h"

namespace hctail {

// A run that reads dead letters instead of logs.
struct Replay {
  const ParserSpec* parser = nullptr;  // null: this is no replay
  DeadLetterFile::OriginOf origin_of;
};

// Returns the exit code: 0 everything is settled; 1 stopped with something unsettled; 2 the
// configuration is wrong, said on stderr.
int RunCommand(const Options& options, const Replay& replay = {});

// A run with everything but its end: what is there is read from its beginning and parsed, but
// nothing is sent or written, and no position is kept.
struct Rehearsal {
  uint64_t lines = 0;                // of each file; 0: all
  std::vector<Error> problems;       // for which a run would refuse to begin, or fail
  std::vector<std::string> missing;  // of the options' files: paths and patterns of which none is
  bool unknown_is_plain = false;     // set by Rehearse: --on-unparsed asks for it
  bool tried = false;                // false: for those problems no line was tried
  Trial trial;
};
// `log` hears what a run would print.
void Rehearse(const Options& options, Log& log, Rehearsal* rehearsal);

// Asks the API whether it knows the key, as a run does first.  `log` hears whose it is.
Status AskAboutKey(const Options& options, Log& log);

}  // namespace hctail
