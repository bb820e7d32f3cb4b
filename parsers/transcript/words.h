// SPDX-License-Identifier: Apache-2.0
// The few words of transcripts that matter, in the languages of Windows PowerShell 5.1 and
// PowerShell 7.7 (resources/<language>/InternalHostUserInterfaceStrings.resx and its translations).
//
// Nothing depends on a language being here: what a block is shows in its shape.  Words name the
// language, count warnings, and break a tie where a file begins in the middle of a session.
#pragma once

#include <string_view>

namespace hctail::transcript {

// The language whose label of the start line this is, "de"; empty if unknown.
std::string_view LanguageOfStart(std::string_view label);
// `label` is that of an end line in some language.
bool IsEndLabel(std::string_view label);

enum class Stream { kOutput, kWarning, kVerbose, kDebug };
// Which stream a line of output comes from: "WARNING: ...".
Stream StreamOf(std::string_view line);

// The line that says where the transcript is written, which is no output of the user's.
bool IsStartedNote(std::string_view line);

}  // namespace hctail::transcript
