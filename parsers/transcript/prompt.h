// SPDX-License-Identifier: Apache-2.0
// Tells prompts from output.
//
// Known are the default prompt, alone or with what is usually before it: "PS C:\> ",
// "[HOST]: PS C:\> ", "[DBG]: PS C:\>> ", "(.venv) PS C:\> ", and "PS>" of hosts without a console;
// and what --transcript.prompt-regex matches.
//
// Functions only.  Tested by lines_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace hctail::transcript {

// How many bytes of `line` are a default prompt, the blank after it included; 0: it begins with
// none.  A prompt with nothing after it may lack that blank.
size_t DefaultPromptSize(std::string_view line);

// Where a command may begin on a line that is known to begin with a prompt, though not with which:
// after the first "> ", "$ ", "# " or the like; 0 if there is none.
size_t LikelyPromptSize(std::string_view line);

// "(.venv) " at the start of a line: what stands before the command on the second line of a prompt.
size_t EnvironmentSize(std::string_view line);

// The current folder in a default prompt, or "".
std::string_view FolderOf(std::string_view prompt);

// "E:\path>" and nothing else: the first line of a prompt whose second is "PS>".
bool IsBareFolder(std::string_view line);

}  // namespace hctail::transcript
