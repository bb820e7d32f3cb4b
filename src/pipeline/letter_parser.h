// SPDX-License-Identifier: Apache-2.0
// The format of a dead-letter file, for `hctail replay`: each line is a record of some other file.
//
// A letter that holds an event is that event again, and is not sampled again.  One that holds a raw
// record is parsed as the file that it came from, as if it stood alone in it, and goes where that
// file's events go.
//
// It is a parser like any other, so a replay is a run like any other; only the row is in no
// registry, and what it must know comes as options that nobody can type:
//   letters.formats     FILE PARSER FILE PARSER...; FILE "" is every file not named
//   letters.dataset     where all raw records go, if it was given
//   letters.log-prefix, letters.unwrap   --log-prefix and --unwrap, of the records
// Tested by letter_parser_test.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/option.h"
#include "parsers/parser.h"
#include "pipeline/parser_chooser.h"

namespace hctail {

// The row.  Static lifetime.
const ParserSpec& LetterSpec();

// The options it wants, made of those for the records' parsers.
struct LetterFormats {
  std::map<std::string, const ParserSpec*> by_file;  // "" is every other file
  std::string dataset;                               // empty: by file
};
OptionValues LetterOptions(const OptionValues& of_records, const LetterFormats& formats);

// For --parser auto: what `chooser` makes of each file of which `text`, whole lines of a
// dead-letter file, has raw records.
std::map<std::string, const ParserSpec*> SniffLetters(std::string_view text,
                                                      ParserChooser& chooser);

}  // namespace hctail
