// SPDX-License-Identifier: Apache-2.0
// Looks at the files named by -f, and at the formats, before anything is read, so that a typo is an
// error at once and not a hctail that waits for ever.
#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "cli/options.h"
#include "parsers/parser.h"

namespace hctail {

// Every path without wildcards must be a readable regular file.  A pattern may match nothing yet
// when following, which `log` is told; with `stop_at_end` it must match something.
Status CheckFiles(const std::vector<std::string>& files, const std::vector<std::string>& filters,
                  bool stop_at_end, Log& log, std::vector<std::string>* missing_patterns);
// The same, going on behind what is wrong, which is told in `problems`.
void CheckFiles(const std::vector<std::string>& files, const std::vector<std::string>& filters,
                bool stop_at_end, Log& log, std::vector<std::string>* missing_patterns,
                std::vector<Error>* problems);

// Whether files could be made in `folder`, or it itself if it does not exist yet.
Status CheckWritable(const std::string& folder);
// Whether a dead-letter file at `path` could be written to, which is made with its folders.
Status CheckDeadLetters(const std::string& path);

// The formats that --parser names, or of which `auto` may choose; one that cannot do without an
// option is not among these unless that was given.
Result<std::vector<const ParserSpec*>> CandidateParsers(const Options& options);

// What is told of a folder that opendir refused with `error`.
Error CannotList(const std::string& folder, int error);

// "The file is root:adm, mode 0640; hctail runs as 'hctail' (uid 998), which is not in group adm."
std::string WhoMayRead(const std::string& path);

}  // namespace hctail
