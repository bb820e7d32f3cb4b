// SPDX-License-Identifier: Apache-2.0
// The state in words, for `hctail state show`: where each file would be resumed, and why.
//
// Functions only.  Tested by state_text_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/probe.h"

namespace hctail {

// What `probe` means for a position that was saved: one line without its newline, such as
// "resumes at byte 1,234 of 2,000 (766 bytes to send), saved 12 s ago".  `now` is Unix seconds.
std::string DescribePosition(const SavedFile& saved, const Probe& probe, int64_t now);

// Two lines for each entry, by path; `probe` looks at the file.  Control bytes in paths come
// escaped.
std::string DescribeState(const CheckpointFile& checkpoint, int64_t now,
                          Probe (*probe)(const SavedFile&) = &ProbeFile);

}  // namespace hctail
