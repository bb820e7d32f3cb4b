// SPDX-License-Identifier: Apache-2.0
// What the option table looks like to a person, to man and to a shell.
//
// Tested by help_test.cc, which also compares man/hctail.1 and packaging/hctail.bash with what is
// made here; HCTAIL_BLESS=1 makes it rewrite them.
#pragma once

#include <string>

namespace hctail {

// "hctail 0.1.0\n".
std::string VersionText();
// A line a parser.
std::string ParserList();
// -h: usage, examples and the common options, on one screen.
std::string ShortHelp();
// --help: all of them, under their categories, with defaults.
std::string FullHelp();

// mdoc(7) for sections OPTIONS and PARSERS of the man page, without the headings.
std::string ManOptions();
std::string ManParsers();

// A script for bash-completion.
std::string BashCompletion();

}  // namespace hctail
